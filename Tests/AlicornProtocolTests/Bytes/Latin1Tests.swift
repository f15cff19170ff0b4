// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct Latin1Tests {
    private func append(_ text: String) -> [UInt8]? {
        var isText = false
        var bytes: [UInt8] = [1]
        bytes.append(addingCapacity: text.utf8.count) { isText = Latin1.append(text, to: &$0) }
        #expect(isText == Latin1.isFieldValue(text))
        return isText ? Array(bytes.dropFirst()) : nil
    }

    @Test(
        "text becomes bytes of the same numbers, and they become the text again",
        arguments: [
            ("", []), ("a", [0x61]), ("a\tb c, d: e; f", Array("a\tb c, d: e; f".utf8)),
            ("caf\u{E9} cr\u{E8}me", [0x63, 0x61, 0x66, 0xE9, 0x20, 0x63, 0x72, 0xE8, 0x6D, 0x65]),
            ("\u{80}\u{FF}", [0x80, 0xFF]), ("12345678\u{A0}", Array("12345678".utf8) + [0xA0]),
        ] as [(String, [UInt8])]
    )
    func both(text: String, bytes: [UInt8]) {
        #expect(append(text) == bytes)
        #expect(Latin1.text(bytes.span) == text)
    }

    @Test(
        "control characters, and those that one byte cannot hold, are in no header (RFC 9110 §5.5)",
        arguments: [
            "\n", "a\r\nb", "\0", "0123456789\u{7F}", "\t\t\t\u{1F}", "\u{100}", "a\u{1F600}", "\u{E9}\u{1}", "日本",
        ]
    )
    func refuses(text: String) { #expect(append(text) == nil) }
}
