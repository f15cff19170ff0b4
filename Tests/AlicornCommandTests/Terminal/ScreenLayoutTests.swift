// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Foundation
import Testing

@testable import AlicornCommand

@Suite("Where characters stand on a screen")
struct ScreenLayoutTests {
    @Test(
        "lines break where the columns end, and before a wide character that has no room",
        arguments: [
            ("", 0, 0), ("abc", 0, 3), ("abcde", 1, 0), ("abcdef", 1, 1), ("日本", 0, 4), ("日本語", 1, 2),
            ("e\u{301}", 0, 1), ("abcdeabcde", 2, 0),
        ])
    func rows(text: String, row: Int, column: Int) {
        setlocale(LC_CTYPE, "C.UTF-8")
        var layout = ScreenLayout(columns: 5)
        for character in text { layout.add(character) }
        #expect(layout.next == (row, column))
    }
}
