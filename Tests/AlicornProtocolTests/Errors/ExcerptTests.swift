// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct ExcerptTests {
    @Test(
        "controls, separators and quotes are escaped, other text stays",
        arguments: [
            ("", #""""#), ("chat", #""chat""#), (#"a"b\c"#, #""a\"b\\c""#), ("a\r\nb\0", #""a\u{d}\u{a}b\u{0}""#),
            ("\u{9B}2J", #""\u{9b}2J""#), ("\u{2028}\u{2029}\u{202E}", #""\u{2028}\u{2029}\u{202e}""#),
            ("é日", #""é日""#),
        ]
    )
    func escapes(text: String, expected: String) {
        #expect(Excerpt(text).description == expected)
    }

    @Test("100 characters are shown, of longer texts with an ellipsis")
    func shortens() {
        let hundred = String(repeating: "x", count: 100)
        #expect("\(Excerpt(hundred))" == "\"\(hundred)\"")
        #expect("\(Excerpt(hundred + "y"))" == "\"\(hundred)...\"")
    }
}
