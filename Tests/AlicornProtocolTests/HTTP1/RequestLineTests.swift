// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct RequestLineTests {
    private func parse(_ line: String) throws(HTTPViolation) -> [String] {
        let bytes = bytes(line)
        let parsed = try RequestLine.parse(0..<bytes.count, in: bytes.span)
        return [text(bytes[parsed.method]), text(bytes[parsed.target]), "1.\(parsed.version.minor)"]
    }

    @Test(
        "a request line is method, target and version (RFC 9112 §3)",
        arguments: [
            ("GET / HTTP/1.1", ["GET", "/", "1.1"]), ("get /a?b HTTP/1.0", ["get", "/a?b", "1.0"]),
            ("OPTIONS * HTTP/1.1", ["OPTIONS", "*", "1.1"]), ("CONNECT a:443 HTTP/1.1", ["CONNECT", "a:443", "1.1"]),
            ("GET http://a/ HTTP/1.1", ["GET", "http://a/", "1.1"]),
            // RFC 9110 §2.5: a higher minor version is read as the highest that we know.
            ("GET / HTTP/1.2", ["GET", "/", "1.1"]), ("GET / HTTP/1.9", ["GET", "/", "1.1"]),
            ("ABCDEFGHIJKLMNOPQRSTUVWX / HTTP/1.1", ["ABCDEFGHIJKLMNOPQRSTUVWX", "/", "1.1"]),
        ] as [(String, [String])]
    )
    func parses(line: String, parts: [String]) throws {
        #expect(try parse(line) == parts)
    }

    @Test("a head begins with one, behind at most one empty line (RFC 9112 §2.2), and has limits of its own")
    func head() {
        #expect(RequestLine.absent == nil)
        #expect(RequestLine.toleratedEmptyLines == 1)
        #expect(RequestLine.tooLong == .requestLineTooLong)
        #expect(RequestLine.sectionTooLarge == .headTooLarge)
    }

    @Test(
        "what is not a request line is refused by name",
        arguments: [
            ("", .malformedRequestLine), (" ", .malformedRequestLine), ("GET", .malformedRequestLine),
            ("GET /", .malformedRequestLine), ("GET / ", .malformedVersion), (" GET / HTTP/1.1", .malformedRequestLine),
            ("GET  / HTTP/1.1", .malformedRequestLine), ("GET /  HTTP/1.1", .malformedRequestLine),
            ("GET / HTTP/1.1 ", .malformedRequestLine), ("GET /a b HTTP/1.1", .malformedRequestLine),
            ("GET\t/ HTTP/1.1", .malformedRequestLine), ("GET /a\tb HTTP/1.1", .malformedRequestLine),
            ("G(T / HTTP/1.1", .invalidMethod), ("GÉT / HTTP/1.1", .invalidMethod),
            ("ABCDEFGHIJKLMNOPQRSTUVWXY / HTTP/1.1", .methodTooLong),
            ("GET / http/1.1", .malformedVersion), ("GET / HTTP/1", .malformedVersion),
            ("GET / HTTP/1.10", .malformedVersion), ("GET / HTTP/01.1", .malformedVersion),
            ("GET / HTTP/1,1", .malformedVersion), ("GET / HTTP/a.1", .malformedVersion),
            ("GET / HTTP/1.a", .malformedVersion), ("GET / HTTPS1.1", .malformedVersion),
            ("PRI * HTTP/2.0", .unsupportedVersion), ("GET / HTTP/0.9", .unsupportedVersion),
            ("GET / HTTP/3.0", .unsupportedVersion), ("GET * HTTP/1.1", .invalidTarget),
            ("GET /é HTTP/1.1", .invalidTarget),
        ] as [(String, HTTPViolation)]
    )
    func refuses(line: String, violation: HTTPViolation) {
        #expect(throws: violation) { try parse(line) }
    }
}
