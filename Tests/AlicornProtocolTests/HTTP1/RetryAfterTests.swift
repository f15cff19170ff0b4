// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct RetryAfterTests {
    private func head(_ fields: [(String, String)]) throws -> ResponseHead {
        var headers = HeaderFields()
        for (name, value) in fields { try headers.append(name: name, value: value) }
        return ResponseHead(status: 503, fields: headers)
    }

    @Test(
        "a number is one of seconds (RFC 9110 §10.2.3)",
        arguments: [
            ("0", 0), ("120", 120), ("00007", 7), ("4294967295", 4_294_967_295),
            ("99999999999999999999", 4_294_967_295),
        ]
    )
    func seconds(value: String, seconds: Int64) throws {
        #expect(try head([("Retry-After", value)]).retryAfter == .seconds(seconds))
        #expect(try head([("retry-after", value), ("Date", "x")]).retryAfter == .seconds(seconds))
    }

    @Test(
        "a date is taken relative to the response's own, and one that is over means now",
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", 0),
            ("Sun, 06 Nov 1994 08:50:07 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", 30),
            ("Mon, 07 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", 86_400),
            ("Sun, 06 Nov 1994 08:49:36 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", 0),
            ("Mon, 01 Jan 2024 00:00:05 GMT", "Sun, 31 Dec 2023 23:59:55 GMT", 10),
            ("Fri, 01 Mar 2024 00:00:00 GMT", "Wed, 28 Feb 2024 00:00:00 GMT", 2 * 86_400),
            ("Wed, 01 Mar 2023 00:00:00 GMT", "Tue, 28 Feb 2023 00:00:00 GMT", 86_400),
        ]
    )
    func dates(value: String, now: String, seconds: Int64) throws {
        #expect(try head([("Date", now), ("Retry-After", value)]).retryAfter == .seconds(seconds))
    }

    @Test(
        "what cannot be understood says nothing",
        arguments: [
            [], [("Retry-After", "")], [("Retry-After", "soon")], [("Retry-After", "-1")], [("Retry-After", "+1")],
            [("Retry-After", "1.5")], [("Retry-After", "1 2")], [("Retry-After", "0x10")],
            [("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT")],
            [("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"), ("Date", "yesterday")],
            [("Retry-After", "tomorrow"), ("Date", "Sun, 06 Nov 1994 08:49:37 GMT")],
            [("Date", "Sun, 06 Nov 1994 08:49:37 GMT")],
        ]
    )
    func nothing(fields: [(String, String)]) throws {
        #expect(try head(fields).retryAfter == nil)
    }

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
            "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 6 Nov 1994 08:49:37 GMT ",
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
