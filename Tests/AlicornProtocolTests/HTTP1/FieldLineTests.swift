// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct FieldLineTests {
    private func parse(_ line: String, isFirst: Bool = false) throws(HTTPViolation) -> [String] {
        let bytes = bytes(line)
        let entry = try FieldLine.parse(0..<bytes.count, in: bytes.span, isFirst: isFirst)
        return [text(bytes[entry.name]), text(bytes[entry.value])]
    }

    @Test(
        "a field is name, colon and value without the white space around it (RFC 9112 §5.1)",
        arguments: [
            ("Host: a", ["Host", "a"]), ("Host:a", ["Host", "a"]), ("a:", ["a", ""]), ("a: \t ", ["a", ""]),
            ("a: \t b c\t ", ["a", "b c"]), ("a::", ["a", ":"]),
            ("!#$%&'*+-.^_`|~09azAZ: x", ["!#$%&'*+-.^_`|~09azAZ", "x"]),
            ("a: é", ["a", "é"]),
        ] as [(String, [String])]
    )
    func parses(line: String, field: [String]) throws {
        #expect(try parse(line) == field)
    }

    @Test(
        "what is not a field is refused by name",
        arguments: [
            (" a: b", .obsoleteLineFolding), ("\ta: b", .obsoleteLineFolding), ("abc", .missingColon),
            ("a : b", .whitespaceBeforeColon), ("a \t: b", .whitespaceBeforeColon), (": b", .emptyFieldName),
            ("a b: c", .invalidFieldName), ("a ", .invalidFieldName), ("a(b): c", .invalidFieldName),
            ("é: c", .invalidFieldName), ("\"a\": c", .invalidFieldName),
        ] as [(String, HTTPViolation)]
    )
    func refuses(line: String, violation: HTTPViolation) {
        #expect(throws: violation) { try parse(line) }
    }

    @Test("white space before the first field is its own violation (RFC 9112 §2.2)")
    func leadingWhitespace() {
        #expect(throws: HTTPViolation.whitespaceBeforeFields) { try parse(" a: b", isFirst: true) }
    }
}
