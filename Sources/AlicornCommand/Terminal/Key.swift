// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What somebody pressed in a terminal.
enum Key: Hashable {
    case character(Character)
    case enter, endOfInput
    case left, right, wordLeft, wordRight, home, end
    case up, down
    case deleteBackward, deleteForward, deleteWord, deleteToStart, deleteToEnd
    case clearScreen
}

/// Makes keys of the bytes that a terminal sends (ECMA-48, xterm's "ctlseqs").
struct KeyDecoder {
    private var pending: [UInt8] = []

    /// Takes a byte, and says which key it completes, if it does.
    mutating func decode(_ byte: UInt8) -> Key? {
        pending.append(byte)
        switch pending[0] {
        case 0x1B: return decodeEscape(byte)
        case 0x80...: return decodeCharacter()
        default:
            pending = []
            return Self.control(byte)
        }
    }

    private static func control(_ byte: UInt8) -> Key? {
        switch byte {
        case 0x0A, 0x0D: .enter
        case 0x01: .home
        case 0x02: .left
        case 0x04: .endOfInput
        case 0x05: .end
        case 0x06: .right
        case 0x08, 0x7F: .deleteBackward
        case 0x0B: .deleteToEnd
        case 0x0C: .clearScreen
        case 0x0E: .down
        case 0x10: .up
        case 0x15: .deleteToStart
        case 0x17: .deleteWord
        case 0x09: .character("\t")
        case 0x20...: .character(Character(Unicode.Scalar(byte)))
        default: nil
        }
    }

    private mutating func decodeCharacter() -> Key? {
        let length = pending[0] >= 0xF0 ? 4 : pending[0] >= 0xE0 ? 3 : 2
        guard pending.count >= length else { return nil }
        let text = String(decoding: pending, as: UTF8.self)
        pending = []
        return text.count == 1 ? .character(text.first ?? "\u{FFFD}") : nil
    }

    /// What is kept of a sequence; longer ones mean nothing.
    private static let longestSequence = 16

    private mutating func decodeEscape(_ byte: UInt8) -> Key? {
        guard pending.count > 1 else { return nil }
        if pending.count == 2, pending[1] != UInt8(ascii: "["), pending[1] != UInt8(ascii: "O") {
            defer { pending = [] }
            return Self.escaped[pending[1]]
        }
        // The last byte of a sequence is a letter, or a tilde.
        guard pending.count > 2, 0x40...0x7E ~= byte else {
            if pending.count > Self.longestSequence { pending.removeLast() }
            return nil
        }
        defer { pending = [] }
        return Self.sequences[String(decoding: pending.dropFirst(2), as: UTF8.self)]
    }

    private static let escaped: [UInt8: Key] = [
        UInt8(ascii: "b"): .wordLeft, UInt8(ascii: "f"): .wordRight, 0x7F: .deleteWord,
    ]
    private static let sequences: [String: Key] = [
        "A": .up, "B": .down, "C": .right, "D": .left, "H": .home, "F": .end, "1~": .home, "7~": .home, "4~": .end,
        "8~": .end, "3~": .deleteForward, "1;5C": .wordRight, "1;5D": .wordLeft, "1;3C": .wordRight, "1;3D": .wordLeft,
    ]
}
