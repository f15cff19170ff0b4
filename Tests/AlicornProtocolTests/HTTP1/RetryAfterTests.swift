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
}
