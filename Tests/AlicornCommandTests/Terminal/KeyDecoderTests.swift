// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornCommand

@Suite("Keys of a terminal")
struct KeyDecoderTests {
    @Test(
        "bytes are keys",
        arguments: [
            ("a", [.character("a")]), ("é", [.character("é")]), ("€", [.character("€")]), ("😀", [.character("😀")]),
            ("\t", [.character("\t")]), ("\r", [.enter]), ("\n", [.enter]), ("\u{7F}", [.deleteBackward]),
            ("\u{8}", [.deleteBackward]), ("\u{1}\u{5}", [.home, .end]), ("\u{2}\u{6}", [.left, .right]),
            ("\u{4}", [.endOfInput]), ("\u{B}\u{15}\u{17}", [.deleteToEnd, .deleteToStart, .deleteWord]),
            ("\u{10}\u{E}", [.up, .down]), ("\u{C}", [.clearScreen]), ("\u{1B}[A\u{1B}[B", [.up, .down]),
            ("\u{1B}[C\u{1B}[D", [.right, .left]), ("\u{1B}OH\u{1B}OF", [.home, .end]),
            ("\u{1B}[H\u{1B}[F\u{1B}[1~\u{1B}[4~", [.home, .end, .home, .end]), ("\u{1B}[3~", [.deleteForward]),
            ("\u{1B}[1;5C\u{1B}[1;5D", [.wordRight, .wordLeft]), ("\u{1B}b\u{1B}f", [.wordLeft, .wordRight]),
            ("\u{1B}\u{7F}", [.deleteWord]), ("\u{0}\u{1C}", []), ("\u{1B}[99~a", [.character("a")]),
            ("\u{1B}xa", [.character("a")]), ("\u{1B}[200000000000000000aa", [.character("a")]),
        ] as [(String, [Key])])
    func decodes(text: String, expected: [Key]) {
        var decoder = KeyDecoder()
        #expect(text.utf8.compactMap { decoder.decode($0) } == expected)
    }

    @Test("bytes that are no UTF-8 are no keys, and do not keep the next from being one")
    func invalid() {
        var decoder = KeyDecoder()
        let keys = [0xC3, 0x28, 0x61, 0xF0, 0x9F, 0x98, 0x80].compactMap { decoder.decode($0) }
        #expect(keys.suffix(2) == [.character("a"), .character("😀")])
    }
}
