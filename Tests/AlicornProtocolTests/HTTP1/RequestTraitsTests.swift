// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct RequestTraitsTests {
    private func traits(_ head: String) throws -> RequestTraits {
        var parser = HeadParser<RequestLine>()
        var position = 0
        let bytes = bytes(head.replacing("|", with: "\r\n") + "\r\n\r\n")
        let (line, fields) = try #require(try parser.next(in: bytes.span, from: &position, limits: HTTPLimits()))
        var traits = RequestTraits(line, fields.bytes.span)
        try traits.take(fields)
        return traits
    }

    @Test(
        "a connection persists as version and Connection say (RFC 9112 §9.3)",
        arguments: [
            ("GET / HTTP/1.1|Host: a", true), ("GET / HTTP/1.1|Host: a|Connection: close", false),
            ("GET / HTTP/1.1|Host: a|Connection: foo|Connection: bar, CLOSE", false),
            ("GET / HTTP/1.1|Host: a|Connection: keep-alive", true), ("GET / HTTP/1.0", false),
            ("GET / HTTP/1.0|Connection: Keep-Alive", true), ("GET / HTTP/1.0|Connection: keep-alive, close", false),
            ("GET / HTTP/1.0|Connection: x", false),
        ]
    )
    func persistence(head: String, persists: Bool) throws {
        #expect(try traits(head).persists == persists)
    }

    @Test(
        "Host is there once and valid in HTTP/1.1 (RFC 9112 §3.2)",
        arguments: [
            ("GET / HTTP/1.1", .missingHost), ("GET / HTTP/1.1|Host: a|Host: a", .repeatedHost),
            ("GET / HTTP/1.0|Host: a|Host: b", .repeatedHost), ("GET / HTTP/1.1|Host:", .invalidHost),
            ("GET / HTTP/1.1|Host: a b", .invalidHost), ("GET / HTTP/1.0|Host: a/b", .invalidHost),
            ("GET http://a/ HTTP/1.1", .missingHost),
        ] as [(String, HTTPViolation)]
    )
    func host(head: String, violation: HTTPViolation) {
        #expect(throws: violation) { try traits(head) }
    }

    @Test("HTTP/1.0 needs no Host, and what follows 1.1 is read as 1.1")
    func versions() throws {
        #expect(try traits("GET / HTTP/1.0").version == .http10)
        #expect(throws: HTTPViolation.missingHost) { try traits("GET / HTTP/1.2") }
    }

    @Test(
        "a client that waits for 100 is told from others (RFC 9110 §10.1.1)",
        arguments: [
            ("POST / HTTP/1.1|Host: a|Content-Length: 5|Expect: 100-Continue", true),
            ("POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked|Expect: 100-continue", true),
            ("POST / HTTP/1.1|Host: a|Content-Length: 0|Expect: 100-continue", false),
            ("POST / HTTP/1.1|Host: a|Expect: 100-continue", false),
            ("POST / HTTP/1.0|Content-Length: 5|Expect: 100-continue", false),
            ("POST / HTTP/1.0|Expect: other", false),
        ]
    )
    func expectation(head: String, expects: Bool) throws {
        #expect(try traits(head).expectsContinue == expects)
    }

    @Test(
        "other expectations are 417", arguments: ["other", "", "100-continue, 100-continue", "100-continue|Expect: x"])
    func unknownExpectation(value: String) {
        #expect(throws: HTTPViolation.unknownExpectation) { try traits("GET / HTTP/1.1|Host: a|Expect: \(value)") }
    }

    @Test(
        "an upgrade is offered in HTTP/1.1 by Upgrade and by Connection together (RFC 9110 §7.8)",
        arguments: [
            ("GET / HTTP/1.1|Host: a|Upgrade: websocket|Connection: keep-alive, Upgrade", true),
            ("GET / HTTP/1.1|Host: a|Upgrade: websocket", false), ("GET / HTTP/1.1|Host: a|Connection: upgrade", false),
            ("GET / HTTP/1.0|Upgrade: websocket|Connection: upgrade", false),
        ]
    )
    func upgrade(head: String, offers: Bool) throws {
        #expect(try traits(head).offersUpgrade == offers)
    }

    @Test("HEAD and CONNECT are told from other methods, case-sensitively (RFC 9110 §9.1)")
    func methods() throws {
        #expect(try traits("HEAD / HTTP/1.1|Host: a").method == .head)
        #expect(try traits("CONNECT a:1 HTTP/1.1|Host: a").method == .connect)
        #expect(try traits("head / HTTP/1.1|Host: a").method == .other)
        #expect(RequestTraits.unknown.method == .other)
    }
}
