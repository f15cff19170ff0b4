// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

/// RFC 3629 §4, RFC 6455 §8.1; the first impossible byte is told wherever the text is cut (D15).
struct UTF8ValidatorTests {
    /// How a text came out.
    enum Verdict: Equatable {
        case valid
        case unfinished
        case invalid(at: Int)
    }

    static func verdict(of bytes: [UInt8], in cuts: [Range<Int>]? = nil) -> Verdict {
        var validator = UTF8Validator()
        for cut in cuts ?? [0..<bytes.count] {
            if let index = validator.firstInvalidByte(in: bytes.span, cut) { return .invalid(at: index) }
        }
        return validator.isAtCharacterBoundary ? .valid : .unfinished
    }

    /// By RFC 3629 §4's grammar, the slow way: the first byte at which no row of the table goes on.
    static func expected(_ bytes: [UInt8]) -> Verdict {
        var start = 0
        scalars: while start < bytes.count {
            for row in grammar {
                let rest = bytes[start...]
                let fitting = zip(row, rest).prefix { $0.contains($1) }.count
                if fitting == row.count {
                    start += fitting
                    continue scalars
                }
                if fitting == rest.count { return .unfinished }
            }
            let longest = grammar.map { row in zip(row, bytes[start...]).prefix { $0.contains($1) }.count }.max() ?? 0
            return .invalid(at: start + longest)
        }
        return .valid
    }

    static let grammar: [[ClosedRange<UInt8>]] = [
        [0x00...0x7F],
        [0xC2...0xDF, 0x80...0xBF],
        [0xE0...0xE0, 0xA0...0xBF, 0x80...0xBF],
        [0xE1...0xEC, 0x80...0xBF, 0x80...0xBF],
        [0xED...0xED, 0x80...0x9F, 0x80...0xBF],
        [0xEE...0xEF, 0x80...0xBF, 0x80...0xBF],
        [0xF0...0xF0, 0x90...0xBF, 0x80...0xBF, 0x80...0xBF],
        [0xF1...0xF3, 0x80...0xBF, 0x80...0xBF, 0x80...0xBF],
        [0xF4...0xF4, 0x80...0x8F, 0x80...0xBF, 0x80...0xBF],
    ]

    /// Both sides of each bound in the grammar.
    static let boundaries: [UInt8] = [
        0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE,
        0xEF,
        0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF7, 0xF8, 0xFC, 0xFE, 0xFF,
    ]

    static func agrees(_ bytes: [UInt8]) -> Bool {
        let expected = expected(bytes)
        return verdict(of: bytes) == expected
            && FrameCuts.all(of: bytes.count).allSatisfy { verdict(of: bytes, in: $0) == expected }
    }

    @Test("all sequences of one and two bytes, cut or not")
    func validatesShortSequences() async {
        for first in UInt8.min ... .max {
            await Task.yield()
            #expect(Self.agrees([first]))
            for second in UInt8.min ... .max where !Self.agrees([first, second]) {
                Issue.record("\(first), \(second)")
            }
        }
    }

    @Test("all sequences of three and four bytes at the bounds of the grammar, cut or not")
    func validatesLongSequences() async {
        for first in Self.boundaries {
            for second in Self.boundaries {
                await Task.yield()
                for third in Self.boundaries {
                    if !Self.agrees([first, second, third]) { Issue.record("\(first), \(second), \(third)") }
                    for fourth: UInt8 in [0x41, 0x80, 0xBF, 0xC2, 0xF4] where first >= 0xE0 {
                        if !Self.agrees([first, second, third, fourth]) {
                            Issue.record("\(first), \(second), \(third), \(fourth)")
                        }
                    }
                }
            }
        }
    }

    @Test("every scalar value is valid, whole; the standard library encodes it")
    func validatesEveryScalar() {
        var text = ""
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            text.unicodeScalars.append(scalar)
        }
        #expect(Self.verdict(of: Array(text.utf8)) == .valid)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var bytes: [UInt8]
        var verdict: Verdict
        var testDescription: String

        init(_ section: String, _ hex: String, _ verdict: Verdict) {
            (testDescription, bytes, self.verdict) = (section, Wire.hex(hex), verdict)
        }
    }

    /// Markus Kuhn, "UTF-8 decoder capability and stress test", by its section numbers; also Autobahn's 6.x.
    static let stress: [Row] = [
        Row("1 kosme", "ce ba e1 bd b9 cf 83 ce bc ce b5", .valid),
        Row("2.1.1 U+0000", "00", .valid),
        Row("2.1.2 U+0080", "c2 80", .valid),
        Row("2.1.3 U+0800", "e0 a0 80", .valid),
        Row("2.1.4 U+10000", "f0 90 80 80", .valid),
        Row("2.1.5 five bytes", "f8 88 80 80 80", .invalid(at: 0)),
        Row("2.1.6 six bytes", "fc 84 80 80 80 80", .invalid(at: 0)),
        Row("2.2.1 U+7F", "7f", .valid),
        Row("2.2.2 U+7FF", "df bf", .valid),
        Row("2.2.3 U+FFFF", "ef bf bf", .valid),
        Row("2.2.4 U+1FFFFF", "f7 bf bf bf", .invalid(at: 0)),
        Row("2.2.5 five bytes", "fb bf bf bf bf", .invalid(at: 0)),
        Row("2.2.6 six bytes", "fd bf bf bf bf bf", .invalid(at: 0)),
        Row("2.3.1 U+D7FF", "ed 9f bf", .valid),
        Row("2.3.2 U+E000", "ee 80 80", .valid),
        Row("2.3.3 U+FFFD", "ef bf bd", .valid),
        Row("2.3.4 U+10FFFF", "f4 8f bf bf", .valid),
        Row("2.3.5 U+110000", "f4 90 80 80", .invalid(at: 1)),
        Row("3.1.1 first continuation byte", "80", .invalid(at: 0)),
        Row("3.1.2 last continuation byte", "bf", .invalid(at: 0)),
        Row("3.1.3 two continuation bytes", "80 bf", .invalid(at: 0)),
        Row("3.2.1 lone first bytes of two", "c2 20 c3 20", .invalid(at: 1)),
        Row("3.2.2 lone first bytes of three", "e0 20 e1 20", .invalid(at: 1)),
        Row("3.2.3 lone first bytes of four", "f0 20 f1 20", .invalid(at: 1)),
        Row("3.3.1 two bytes, last missing", "c2", .unfinished),
        Row("3.3.2 three bytes, last missing, overlong", "e0 80", .invalid(at: 1)),
        Row("3.3.3 four bytes, last missing, overlong", "f0 80 80", .invalid(at: 1)),
        Row("3.3.6 two bytes, last missing", "df", .unfinished),
        Row("3.3.7 three bytes, last missing", "ef bf", .unfinished),
        Row("3.3.8 four bytes, last missing", "f7 bf bf", .invalid(at: 0)),
        Row("3.4 incomplete sequences in a row", "c2 e1 80 f1 80 80", .invalid(at: 1)),
        Row("3.5.1 fe", "fe", .invalid(at: 0)),
        Row("3.5.2 ff", "ff", .invalid(at: 0)),
        Row("3.5.3 fe fe ff ff", "41 fe fe ff ff", .invalid(at: 1)),
        Row("4.1.1 overlong slash", "c0 af", .invalid(at: 0)),
        Row("4.1.2 overlong slash", "e0 80 af", .invalid(at: 1)),
        Row("4.1.3 overlong slash", "f0 80 80 af", .invalid(at: 1)),
        Row("4.2.1 greatest overlong", "c1 bf", .invalid(at: 0)),
        Row("4.2.2 greatest overlong", "e0 9f bf", .invalid(at: 1)),
        Row("4.2.3 greatest overlong", "f0 8f bf bf", .invalid(at: 1)),
        Row("4.3.1 overlong NUL", "c0 80", .invalid(at: 0)),
        Row("4.3.2 overlong NUL", "e0 80 80", .invalid(at: 1)),
        Row("5.1.1 surrogate U+D800", "ed a0 80", .invalid(at: 1)),
        Row("5.1.7 surrogate U+DFFF", "ed bf bf", .invalid(at: 1)),
        Row("5.2.1 paired surrogates", "ed a0 80 ed b0 80", .invalid(at: 1)),
        Row("5.3.1 noncharacter U+FFFE", "ef bf be", .valid),
        Row("5.3.2 noncharacter U+FFFF", "ef bf bf", .valid),
        Row("Autobahn 6.4.1", "ce ba e1 bd b9 cf 83 ce bc ce b5 f4 90 80 80 65 64 69 74 65 64", .invalid(at: 12)),
        Row("after ASCII in words of eight", "30313233343536373839 c3 a9 30313233343536373839 ff 30", .invalid(at: 22)),
        Row("in the last of eight", "30313233343536 80", .invalid(at: 7)),
        Row("behind two blocks of 32", String(repeating: "41", count: 65) + "ff 41", .invalid(at: 65)),
        Row("at the end of a block of 32", String(repeating: "41", count: 31) + "ce ba", .valid),
        Row("empty", "", .valid),
    ]

    @Test("the stress table, cut at every byte", arguments: stress)
    func passesStressTable(row: Row) {
        #expect(Self.verdict(of: row.bytes) == row.verdict)
        for cuts in FrameCuts.all(of: row.bytes.count) { #expect(Self.verdict(of: row.bytes, in: cuts) == row.verdict) }
        #expect(Self.expected(row.bytes) == row.verdict)
    }

    @Test("only the range is looked at, and the index is one of the bytes")
    func respectsRange() {
        var validator = UTF8Validator()
        let bytes: [UInt8] = [0xFF, 0x41, 0xC3, 0xA9, 0xFF, 0xFF]
        #expect(validator.firstInvalidByte(in: bytes.span, 1..<4) == nil)
        #expect(validator.firstInvalidByte(in: bytes.span, 3..<3) == nil)
        #expect(validator.isAtCharacterBoundary)
        #expect(validator.firstInvalidByte(in: bytes.span, 4..<6) == 4)
    }

    @Test("a text of its own is valid and ends at a character's end")
    func wholeTexts() {
        let bytes: [UInt8] = [0xFF, 0x41, 0xCE, 0xBA, 0x41]
        let verdicts = [1..<5, 2..<2, 1..<3, 0..<5].map { UTF8Validator.isText(bytes.span, $0) }
        #expect(verdicts == [true, true, false, false])
    }
}
