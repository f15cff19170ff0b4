// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

/// Log injection: what a peer writes must not begin a line, drive a terminal or hide what follows.
struct LogEscapingTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var text: String
        var expected: String
        var testDescription: String { expected }

        init(_ text: String, _ expected: String) { (self.text, self.expected) = (text, expected) }
    }

    static let texts: [Row] = [
        Row("", ""),
        Row("see you, \"friend\" 'x' ~", "see you, \"friend\" 'x' ~"),
        Row("\u{E9}\u{4E2D}\u{1F984}", "\u{E9}\u{4E2D}\u{1F984}"),
        Row("a\nERROR forged\r\n", "a\\nERROR forged\\r\\n"),
        Row("\t\\n", "\\t\\\\n"),
        Row("\u{0}\u{1B}[2J\u{7F}", "\\x00\\x1b[2J\\x7f"),
        Row("\u{80}\u{85}\u{9B}31m\u{9F}", "\\x80\\x85\\x9b31m\\x9f"),
        Row("\u{A0}\u{AD}", "\\xa0\\xad"),
        Row("\u{2028}\u{2029}", "\\u2028\\u2029"),
        Row("\u{202E}dab\u{2066}\u{200B}", "\\u202edab\\u2066\\u200b"),
        Row("\u{E000}\u{FFFF}", "\\ue000\\uffff"),
        Row("\u{E0001}\u{10FFFF}", "\\U000e0001\\U0010ffff"),
    ]

    @Test("whatever does not show as itself on one line is escaped", arguments: texts)
    func escapes(row: Row) {
        #expect(Array(row.text.escapedForLog.unicodeScalars) == Array(row.expected.unicodeScalars))
    }

    @Test("no control, C0 or C1, is left", arguments: [0..<0x20, 0x7F..<0xA0] as [Range<UInt8>])
    func leavesNoControl(range: Range<UInt8>) {
        for byte in range {
            let escaped = String(Character(Unicode.Scalar(byte))).escapedForLog
            #expect(escaped.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }, "\(byte)")
        }
    }

    @Test("escapes cannot be forged: a backslash is doubled")
    func isUnambiguous() {
        #expect("\\x1b".escapedForLog == "\\\\x1b")
        #expect("\u{1B}".escapedForLog == "\\x1b")
    }
}
