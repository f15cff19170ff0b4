// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

struct FrameDescriptionTests {
    static func describe(_ opcode: Opcode, _ payload: [UInt8], fin: Bool = true) -> String {
        FrameDescription(opcode: opcode, fin: fin, payload: payload.span).description
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var opcode: Opcode
        var payload: [UInt8]
        var fin = true
        var expected: String
        var testDescription: String { expected }

        init(_ opcode: Opcode, _ payload: [UInt8], fin: Bool = true, _ expected: String) {
            (self.opcode, self.payload, self.fin, self.expected) = (opcode, payload, fin, expected)
        }

        init(_ opcode: Opcode, text: String, fin: Bool = true, _ expected: String) {
            self.init(opcode, Array(text.utf8), fin: fin, expected)
        }
    }

    @Test("a line that is a frame's is told from others")
    func isForm() {
        for row in Self.forms { #expect(FrameDescription.isForm(of: row.expected[...]), "\(row.expected)") }
        for line in [
            "", "TEXT", "]", "[ ]", "GET / HTTP/1.1", "Host: [::1]", "connection is OPEN", "TEXTS 'x' [1 byte]",
        ] {
            #expect(!FrameDescription.isForm(of: line[...]), "\(line)")
        }
    }

    static let forms: [Row] = [
        Row(.text, text: "hello", "TEXT 'hello' [5 bytes]"),
        Row(.text, text: "x", "TEXT 'x' [1 byte]"),
        Row(.text, [], "TEXT '' [0 bytes]"),
        Row(.text, text: "hel", fin: false, "TEXT 'hel' [3 bytes, continued]"),
        Row(.binary, [0x00, 0xFF], "BINARY 00 ff [2 bytes]"),
        Row(.binary, text: "hi", "BINARY 'hi' [text, 2 bytes]"),
        Row(.binary, [], fin: false, "BINARY '' [0 bytes, continued]"),
        Row(.continuation, text: "lo", "CONT 'lo' [text, 2 bytes]"),
        Row(.continuation, [0xFE, 0xFF], "CONT fe ff [binary, 2 bytes]"),
        Row(.continuation, [], "CONT '' [0 bytes]"),
        Row(.continuation, [0x0A, 0xFF], fin: false, "CONT 0a ff [binary, 2 bytes, continued]"),
        Row(.close, Wire.hex("03 E8"), "CLOSE 1000 (OK) [2 bytes]"),
        Row(.close, Wire.hex("03 E9 62 79 65"), "CLOSE 1001 (going away) bye [5 bytes]"),
        Row(.close, [], "CLOSE '' [0 bytes]"),
        Row(.ping, [], "PING '' [0 bytes]"),
        Row(.ping, [0xFE, 0x86], "PING fe 86 [binary, 2 bytes]"),
        Row(.pong, text: "ab c~", "PONG 'ab c~' [5 bytes]"),
    ]

    @Test("the log form of frames (LOG-07)", arguments: forms)
    func describes(row: Row) { #expect(Self.describe(row.opcode, row.payload, fin: row.fin) == row.expected) }

    static let invalid: [Row] = [
        Row(.text, [0xFF, 0x41], "TEXT ff 41 [binary, 2 bytes]"),
        Row(.text, [0xC3], "TEXT c3 [binary, 1 byte]"),
        Row(.text, [0x80], "TEXT 80 [binary, 1 byte]"),
        Row(.close, [0x03], "CLOSE 03 [binary, 1 byte]"),
        Row(.close, Wire.hex("03 EC"), "CLOSE 03 ec [binary, 2 bytes]"),
        Row(.close, Wire.hex("03 E8 FF"), "CLOSE 03 e8 ff [binary, 3 bytes]"),
        Row(.ping, text: "\u{E9}", "PING c3 a9 [binary, 2 bytes]"),
        Row(Opcode(rawValue: 3), text: "hi", "OPCODE 3 'hi' [text, 2 bytes]"),
        Row(Opcode(rawValue: 15), [0x00], "OPCODE 15 00 [binary, 1 byte]"),
    ]

    @Test("frames that are invalid are shown as they are", arguments: invalid)
    func toleratesInvalid(row: Row) { #expect(Self.describe(row.opcode, row.payload) == row.expected) }

    @Test("text that is cut inside a character is text still, where a fragment may be cut")
    func showsCutText() {
        #expect(Self.describe(.text, [0x41, 0xC3], fin: false) == "TEXT 'A\u{FFFD}' [2 bytes, continued]")
        #expect(Self.describe(.continuation, [0xA9, 0x41]) == "CONT '\u{FFFD}A' [text, 2 bytes]")
        #expect(Self.describe(.continuation, [0x80, 0x80, 0x80, 0x80]) == "CONT 80 80 80 80 [binary, 4 bytes]")
        #expect(Self.describe(.continuation, [0x41, 0xC3]) == "CONT 41 c3 [binary, 2 bytes]")
    }

    @Test("quotes, backslashes and controls are escaped, C1 and bidirectional ones too")
    func escapes() {
        let text = "it's\\\n\u{1B}[2J\u{85}\u{202E}"
        #expect(
            Self.describe(.text, Array(text.utf8)) == "TEXT 'it\\'s\\\\\\n\\x1b[2J\\x85\\u202e' [15 bytes]")
        #expect(
            Self.describe(.close, Wire.hex("03 E8 0A 1B")) == "CLOSE 1000 (OK) \\n\\x1b [4 bytes]")
    }

    static let elided: [Row] = [
        Row(
            .text, text: String(repeating: "a", count: 73),
            "TEXT '" + String(repeating: "a", count: 73) + "' [73 bytes]"),
        Row(
            .text, text: String(repeating: "a", count: 50) + String(repeating: "b", count: 24),
            "TEXT '" + String(repeating: "a", count: 47) + "..." + String(repeating: "b", count: 23) + "' [74 bytes]"),
        Row(
            .text, text: String(repeating: "\u{1F984}", count: 500),
            "TEXT '" + String(repeating: "\u{1F984}", count: 47) + "..." + String(repeating: "\u{1F984}", count: 23)
                + "' [2000 bytes]"),
        Row(.binary, Array(0..<25).map { $0 | 0x80 }, "BINARY " + hex(0x80..<0x99) + " [25 bytes]"),
        Row(.binary, Array(0x80..<0x9A), "BINARY " + hex(0x80..<0x90) + " ... " + hex(0x92..<0x9A) + " [26 bytes]"),
        Row(.pong, Array(0..<125), "PONG " + hex(0..<16) + " ... " + hex(117..<125) + " [binary, 125 bytes]"),
        Row(
            .ping, text: String(repeating: "p", count: 125),
            "PING '" + String(repeating: "p", count: 47) + "..." + String(repeating: "p", count: 23) + "' [125 bytes]"),
        Row(
            .close, Wire.hex("03 E8") + Array(repeating: UInt8(ascii: "r"), count: 123),
            "CLOSE 1000 (OK) " + String(repeating: "r", count: 38) + "..." + String(repeating: "r", count: 24)
                + " [125 bytes]"),
        Row(
            .close, Wire.hex("03 E8") + Array(repeating: 0x72, count: 200),
            "CLOSE 03 e8 " + hex(Array(repeating: 0x72, count: 14)) + " ... " + hex(Array(repeating: 0x72, count: 8))
                + " [binary, 202 bytes]"),
        Row(
            .ping, text: String(repeating: "p", count: 1000),
            "PING '" + String(repeating: "p", count: 47) + "..." + String(repeating: "p", count: 23) + "' [1000 bytes]"),
    ]

    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
    }

    @Test("75 characters are shown: the first 48, ..., the last 24 (LOG-08)", arguments: elided)
    func elides(row: Row) { #expect(Self.describe(row.opcode, row.payload) == row.expected) }

    @Test("the elided middle is never decoded (LOG-08)")
    func ignoresMiddle() {
        var payload = Array(repeating: UInt8(ascii: "a"), count: 10_000)
        payload.replaceSubrange(1000..<9000, with: Array(repeating: 0xFF, count: 8000))
        let shown = "'" + String(repeating: "a", count: 47) + "..." + String(repeating: "a", count: 23) + "'"
        #expect(Self.describe(.text, payload) == "TEXT \(shown) [10000 bytes]")
        payload[9_999] = 0xC3
        #expect(Self.describe(.text, payload).hasPrefix("TEXT 61 61 "))
        #expect(Self.describe(.text, payload, fin: false).hasPrefix("TEXT 'aaa"))
        payload[0] = 0x80
        #expect(Self.describe(.continuation, payload, fin: false).hasPrefix("CONT '\u{FFFD}aa"))
        #expect(Self.describe(.text, payload, fin: false).hasPrefix("TEXT 80 61 "))
    }

    @Test("any bytes under any opcode have a description of bounded length on one line")
    func isBounded() async {
        var generator = SeededGenerator(seed: 8)
        for _ in 0..<3000 {
            await Task.yield()
            let length = Int.random(in: 0...Int.random(in: 0...700, using: &generator), using: &generator)
            let alphabet: ClosedRange<UInt8> = Bool.random(using: &generator) ? 0...255 : 0...127
            let payload = (0..<length).map { _ in UInt8.random(in: alphabet, using: &generator) }
            let opcode = Opcode(rawValue: UInt8.random(in: 0...15, using: &generator))
            let text = Self.describe(opcode, payload, fin: Bool.random(using: &generator))
            #expect(text.unicodeScalars.count <= 75 + 50)
            #expect(text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
        }
    }

    @Test("the two ends of a payload are described as the whole of it is", arguments: [10, 300, 301, 5000])
    func describesExcerpts(length: Int) {
        for payload in [Array(repeating: UInt8(ascii: "a"), count: length), (0..<length).map { UInt8($0 & 0xFF) }] {
            let ends = payload.prefix(FrameDescription.headBytes) + payload.suffix(FrameDescription.tailBytes)
            let excerpt = length > ends.count ? Array(ends) : payload
            let described = FrameDescription(opcode: .text, fin: true, excerpt: excerpt.span, length: length)
            #expect(described.description == Self.describe(.text, payload))
        }
    }
}
