// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct PunycodeTests {
    @Test(
        "the samples of RFC 3492 §7.1, and labels met in practice",
        arguments: [
            ("ليهمابتكلموشعربي؟", "egbpdaj6bu4bxfgehfvwxn"),
            ("他们为什么不说中文", "ihqwcrb4cv8a8dqg056pqjye"),
            ("他們爲什麽不說中文", "ihqwctvzc91f659drss3x8bo0yb"),
            ("Pročprostěnemluvíčesky", "Proprostnemluvesky-uyb24dma41a"),
            ("почемужеонинеговорятпорусски", "b1abfaaepdrnnbgefbadotcwatmq2g4l"),
            ("3年B組金八先生", "3B-ww4c5e180e575a65lsy2b"),
            ("安室奈美恵-with-SUPER-MONKEYS", "-with-SUPER-MONKEYS-pc58ag80a8qai00g7n9n"),
            ("Hello-Another-Way-それぞれの場所", "Hello-Another-Way--fc4qua05auwb3674vfr0b"),
            ("ひとつ屋根の下2", "2-u9tlzr9756bt3uc0v"),
            ("MajiでKoiする5秒前", "MajiKoi5-783gue6qz075azm5e"),
            ("パフィーdeルンバ", "de-jg4avhby1noc0d"),
            ("そのスピードで", "d9juau41awczczp"),
            ("-> $1.00 <-", "-> $1.00 <--"),
            ("bücher", "bcher-kva"), ("ü", "tda"), ("straße", "strae-oqa"), ("☕", "53h"), ("", ""),
        ]
    )
    func encodes(label: String, expected: String) {
        #expect(Punycode.encode(label.unicodeScalars) == expected)
    }

    @Test("an overflow is found (RFC 3492 §6.4)")
    func findsOverflow() {
        let label = String(repeating: "a", count: 5000) + "\u{10FFFF}"
        #expect(Punycode.encode(label.unicodeScalars) == nil)
    }
}
