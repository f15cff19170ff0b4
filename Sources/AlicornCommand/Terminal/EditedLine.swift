// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// A line that is being typed, and those that were typed before.
struct EditedLine {
    private(set) var characters: [Character] = []
    /// How many characters are before the cursor.
    private(set) var cursor = 0
    private var history: [String]
    /// The line of the history that is shown; its count for the new one.
    private var shown: Int
    /// The new line, while another is shown.
    private var draft: [Character] = []

    /// How many lines are kept.
    static let historyLimit = 1000

    /// - Parameter history: the lines before, the oldest first.
    init(history: [String] = []) {
        self.history = history
        shown = history.count
    }

    /// What a key did.
    enum Outcome: Hashable {
        case edited
        /// The line is whole.
        case line(String)
        case end
        case clearScreen
    }

    mutating func press(_ key: Key) -> Outcome {
        switch key {
        case .character(let character): insert(character)
        case .enter: return .line(finish())
        case .endOfInput:
            guard !characters.isEmpty else { return .end }
            deleteForward()
        case .left: cursor = max(0, cursor - 1)
        case .right: cursor = min(characters.count, cursor + 1)
        case .wordLeft: cursor = wordStart
        case .wordRight: cursor = wordEnd
        case .home: cursor = 0
        case .end: cursor = characters.count
        case .up: show(shown - 1)
        case .down: show(shown + 1)
        case .deleteBackward: delete(from: max(0, cursor - 1))
        case .deleteForward: deleteForward()
        case .deleteWord: delete(from: wordStart)
        case .deleteToStart: delete(from: 0)
        case .deleteToEnd: characters.removeSubrange(cursor...)
        case .clearScreen: return .clearScreen
        }
        return .edited
    }

    private mutating func insert(_ character: Character) {
        characters.insert(character, at: cursor)
        cursor += 1
    }

    private mutating func delete(from start: Int) {
        characters.removeSubrange(start..<cursor)
        cursor = start
    }

    private mutating func deleteForward() {
        if cursor < characters.count { characters.remove(at: cursor) }
    }

    private var wordStart: Int {
        var index = cursor
        while index > 0, !characters[index - 1].isPartOfWord { index -= 1 }
        while index > 0, characters[index - 1].isPartOfWord { index -= 1 }
        return index
    }

    private var wordEnd: Int {
        var index = cursor
        while index < characters.count, !characters[index].isPartOfWord { index += 1 }
        while index < characters.count, characters[index].isPartOfWord { index += 1 }
        return index
    }

    private mutating func finish() -> String {
        let line = String(characters)
        if !line.isEmpty, line != history.last { history.append(line) }
        if history.count > Self.historyLimit { history.removeFirst() }
        (characters, cursor, draft, shown) = ([], 0, [], history.count)
        return line
    }

    private mutating func show(_ index: Int) {
        guard 0...history.count ~= index else { return }
        if shown == history.count { draft = characters }
        shown = index
        characters = index == history.count ? draft : Array(history[index])
        cursor = characters.count
    }
}

extension Character {
    fileprivate var isPartOfWord: Bool { isLetter || isNumber || self == "_" }
}
