// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct StatusLineTests {
    private func parse(_ line: String) throws(HTTPViolation) -> [String] {
        let bytes = bytes(line)
        let parsed = try StatusLine.parse(0..<bytes.count, in: bytes.span)
        return ["1.\(parsed.version.minor)", String(parsed.status), text(bytes[parsed.reason])]
    }

    @Test(
        "a status line is version, code and reason phrase (RFC 9112 §4)",
        arguments: [
            ("HTTP/1.1 200 OK", ["1.1", "200", "OK"]), ("HTTP/1.0 404 Not Found", ["1.0", "404", "Not Found"]),
            ("HTTP/1.1 200 ", ["1.1", "200", ""]), ("HTTP/1.1 599 a\tb é", ["1.1", "599", "a\tb é"]),
            // The space belongs there, but servers leave it out.
            ("HTTP/1.1 100", ["1.1", "100", ""]),
        ] as [(String, [String])]
    )
    func parses(line: String, parts: [String]) throws {
        #expect(try parse(line) == parts)
    }

    @Test("a head begins with one, and has limits of its own")
    func head() {
        #expect(StatusLine.absent == nil)
        #expect(StatusLine.toleratedEmptyLines == 0)
        #expect(StatusLine.tooLong == .statusLineTooLong)
        #expect(StatusLine.sectionTooLarge == .headTooLarge)
    }

    @Test(
        "what is not a status line is refused by name",
        arguments: [
            ("", .malformedStatusLine), ("HTTP/1.1", .malformedStatusLine), ("HTTP/1.1 20", .malformedStatusLine),
            ("HTTP/1.1 2000 OK", .malformedStatusLine), ("HTTP/1.1 20x OK", .malformedStatusLine),
            ("HTTP/1.1  200 OK", .malformedStatusLine), ("HTTP/1.1\t200 OK", .malformedStatusLine),
            ("HTTP/1.1 200\tOK", .malformedStatusLine), ("http/1.1 200 OK", .malformedVersion),
            ("HTTP/2.0 200 OK", .unsupportedVersion), ("HTTP/1.1 099 OK", .invalidStatus),
            ("HTTP/1.1 600 OK", .invalidStatus), ("HTTP/1.1 -20 OK", .malformedStatusLine),
        ] as [(String, HTTPViolation)]
    )
    func refuses(line: String, violation: HTTPViolation) {
        #expect(throws: violation) { try parse(line) }
    }
}
