// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct ChunkExtensionTests {
    /// Whether the text behind a chunk's size, with its first character, is extensions and the line's end.
    private func isWellFormed(_ text: String) -> Bool {
        var state = ChunkExtension.beforeSemicolon
        for (index, byte) in text.utf8.enumerated() {
            guard let isEnd = try? state.take(byte) else { return false }
            if isEnd { return index == text.utf8.count - 1 }
        }
        return false
    }

    @Test(
        "extensions of the grammar, with the white space that it calls bad (RFC 9112 §7.1.1)",
        arguments: [
            ";a\r", ";a=b\r", ";a=\"\"\r", ";a=\"b c\\\"\\\\é\t\"\r", " ;a\r", ";\ta\r", ";a =b\r", ";a= b\r",
            ";a=b ;c\r",
            ";a ;b\r", ";a;b\r", ";a=\"b\";c=\"d\" ;e\r", ";a=\";=\"\r",
        ]
    )
    func accepts(text: String) {
        #expect(isWellFormed(text))
    }

    @Test(
        "what the grammar has not",
        arguments: [
            "\r", "a\r", "=\r", ";\r", "; \r", ";;\r", ";a=\r", ";a=;\r", ";a= \r", ";a \r", ";a=b \r", ";a=\"\" \r",
            ";\"a\"\r",
            ";a=\"b\"c\r", ";a=\"b\r", ";a=\"b\\\r", ";a=\"\u{1}\"\r", ";a=\"\\\u{7F}\"\r", ";a,b\r", ";a=b c\r",
            ";a b\r", ";a\n",
        ]
    )
    func refuses(text: String) {
        #expect(!isWellFormed(text))
    }
}
