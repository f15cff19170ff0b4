// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornCommand

@Suite("A line that is being typed")
struct EditedLineTests {
    @Test(
        "keys edit it",
        arguments: [
            ("abc", [], "abc", 3), ("abc", [.left, .character("x")], "abxc", 3),
            ("abc", [.home, .deleteForward], "bc", 0),
            ("abc", [.home, .left, .character("x")], "xabc", 1), ("abc", [.end, .right], "abc", 3),
            ("abc", [.deleteBackward], "ab", 2), ("", [.deleteBackward, .deleteForward, .deleteWord], "", 0),
            ("abc", [.left, .endOfInput], "ab", 2), ("one two", [.deleteWord], "one ", 4),
            ("one two  ", [.deleteWord], "one ", 4), ("one two", [.wordLeft, .wordLeft], "one two", 0),
            ("one two", [.home, .wordRight], "one two", 3), ("one two", [.home, .wordRight, .deleteToEnd], "one", 3),
            ("one two", [.wordLeft, .deleteToStart], "two", 0), ("👩‍👩‍👧é", [.deleteBackward, .deleteBackward], "", 0),
        ] as [(String, [Key], String, Int)])
    func edits(text: String, keys: [Key], expected: String, cursor: Int) {
        let line = typed(text, then: keys)
        #expect(String(line.characters) == expected)
        #expect(line.cursor == cursor)
    }

    @Test("enter hands it out, Ctrl-D ends where nothing is typed")
    func outcomes() {
        var line = typed("hello", then: [])
        #expect(line.press(.left) == .edited)
        #expect(line.press(.enter) == .line("hello"))
        #expect(line.characters.isEmpty)
        #expect(line.press(.endOfInput) == .end)
        #expect(line.press(.clearScreen) == .clearScreen)
    }

    @Test("what was typed before comes back, and what is being typed is not lost by that")
    func history() {
        var line = typed("first", then: [.enter])
        for text in ["second", "second", ""] { line = typed(text, then: [.enter], on: line) }
        line = typed("new", then: [.up], on: line)
        #expect(String(line.characters) == "second")
        line = typed("", then: [.up, .up], on: line)
        #expect(String(line.characters) == "first")
        line = typed("!", then: [.down, .down, .down], on: line)
        #expect(String(line.characters) == "new")
    }

    private func typed(_ text: String, then keys: [Key], on line: EditedLine = EditedLine()) -> EditedLine {
        var line = line
        for key in text.map({ Key.character($0) }) + keys { _ = line.press(key) }
        return line
    }
}
