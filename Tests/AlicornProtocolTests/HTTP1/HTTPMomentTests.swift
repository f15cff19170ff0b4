// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct HTTPMomentTests {
    @Test(
        "a date of RFC 9110 §5.6.7 is counted from 1970, leap years included",
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Wed, 31 Dec 1969 23:59:59 GMT", -1), ("Sun, 01 Mar 1970 00:00:00 GMT", 5_097_600),
            ("Tue, 29 Feb 2000 00:00:00 GMT", 951_782_400), ("Wed, 01 Mar 2000 00:00:00 GMT", 951_868_800),
            ("Sun, 31 Dec 2023 23:59:59 GMT", 1_704_067_199), ("Thu, 29 Feb 2024 00:00:00 GMT", 1_709_164_800),
            ("Sun, 28 Feb 2100 00:00:00 GMT", 4_107_456_000), ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400),
            ("Thu, 01 Mar 1900 00:00:00 GMT", -2_203_891_200), ("Tue, 29 Feb 1600 00:00:00 GMT", -11_670_998_400),
            ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799), ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_800),
            ("Xxx, 06 Nov 1994 08:49:37 GMT", 784_111_777),
        ] as [(String, Int64)]
    )
    func counts(text: String, seconds: Int64) {
        #expect(HTTPMoment(text.utf8)?.seconds == seconds)
    }

    @Test(
        "the two forms that only old clients send are taken, too (RFC 9110 §5.6.7)",
        arguments: [
            ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777), ("Wednesday, 29-Feb-12 00:00:00 GMT", 1_330_473_600),
            ("Thursday, 01-Jan-70 00:00:00 GMT", 0), ("Tuesday, 31-Dec-69 23:59:59 GMT", 3_155_759_999),
            ("Sun Nov  6 08:49:37 1994", 784_111_777), ("Wed Nov 16 08:49:37 1994", 784_975_777),
            ("Sun Nov 06 08:49:37 1994", 784_111_777),
        ] as [(String, Int64)]
    )
    func obsolete(text: String, seconds: Int64) {
        #expect(HTTPMoment(text.utf8)?.seconds == seconds)
    }

    @Test("every month begins where the one before it ends")
    func months() {
        let lengths: [(String, Int64)] = [
            ("Jan", 31), ("Feb", 28), ("Mar", 31), ("Apr", 30), ("May", 31), ("Jun", 30), ("Jul", 31), ("Aug", 31),
            ("Sep", 30), ("Oct", 31), ("Nov", 30), ("Dec", 31),
        ]
        var begin: Int64 = 1_672_531_200
        for (month, days) in lengths {
            #expect(HTTPMoment("Xxx, 01 \(month) 2023 00:00:00 GMT".utf8)?.seconds == begin)
            begin += days * 86_400
            #expect(HTTPMoment("Xxx, \(days) \(month) 2023 23:59:59 GMT".utf8)?.seconds == begin - 1)
        }
    }

    @Test(
        "what is not such a date is none",
        arguments: [
            "", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sunday, 06-Nov-1994 08:49:37 GMT", "Sun, 06-Nov-94 08:49:37 GMT", "Sunday, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37", "Sunday, 6-Nov-94 08:49:37 GMT", "Someotherday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov 6 08:49:37 1994", "Sun Nov  6 08:49:37 94", "Sunday Nov  6 08:49:37 1994",
            "Sun Nov  0 08:49:37 1994", "Sun Nov  6 08:49:37 1994 GMT", "Sun Nov  6 24:49:37 1994",
            "Sun, 6 Nov 1994 08:49:37 GMT ",
            "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 N0v 1994 08:49:37 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 08:60:00 GMT", "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov -994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08.49.37 GMT", "S\u{F6}, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 0a:49:37 GMT",
        ]
    )
    func malformed(text: String) {
        #expect(HTTPMoment(text.utf8) == nil)
    }
}
