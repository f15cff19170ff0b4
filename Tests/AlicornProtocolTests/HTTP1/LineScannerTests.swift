// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct LineScannerTests {
    private enum Outcome: Equatable {
        case lines([Range<Int>], isComplete: Bool)
        case violation([Range<Int>], HTTPViolation)
    }

    private func lines(_ pieces: [[UInt8]], limit: Int = 20) -> Outcome {
        var scanner = LineScanner()
        var lines: [Range<Int>] = []
        var arrived: [UInt8] = []
        do throws(HTTPViolation) {
            for piece in pieces {
                arrived += piece
                while let line = try scanner.next(in: arrived.span, limit: limit, tooLong: .fieldLineTooLong) {
                    lines.append(line)
                }
            }
        } catch {
            return .violation(lines, error)
        }
        return .lines(lines, isComplete: scanner.lineStart == arrived.count)
    }

    @Test(
        "lines end in CRLF and in nothing else (RFC 9112 §2.2)",
        arguments: [
            ("", .lines([], isComplete: true)),
            ("\r\n", .lines([0..<0], isComplete: true)),
            ("ab\r\n\r\ncd", .lines([0..<2, 4..<4], isComplete: false)),
            ("a\tb é 12345678\r\n", .lines([0..<15], isComplete: true)),
            ("12345678901234567890\r\n", .lines([0..<20], isComplete: true)),
            ("a\r", .lines([], isComplete: false)),
            ("ab\n", .violation([], .bareLineFeed)),
            ("ok\r\nab\n", .violation([0..<2], .bareLineFeed)),
            ("ab\rcd", .violation([], .bareCarriageReturn)),
            ("ab\r\r\n", .violation([], .bareCarriageReturn)),
            ("\n", .violation([], .bareLineFeed)),
            ("abcdefgh\0", .violation([], .controlCharacter)),
            ("abc\u{7F}", .violation([], .controlCharacter)),
            ("abcdefghi\u{1F}jklmnop", .violation([], .controlCharacter)),
            ("123456789012345678901", .violation([], .fieldLineTooLong)),
            ("12345678901234567890\t\r\n", .violation([], .fieldLineTooLong)),
            ("123456789012345678901\0\r\n", .violation([], .fieldLineTooLong)),
            ("12345678901234567890\0\r\n", .violation([], .controlCharacter)),
        ] as [(String, Outcome)]
    )
    private func scans(input: String, expected: Outcome) {
        #expect(inEveryCut(of: bytes(input)) { lines($0) } == expected)
    }

    @Test("each control character is found at each place in a word, and no other byte", arguments: 0...255)
    func finds(byte: Int) {
        let byte = UInt8(byte)
        let isControl = byte < 0x20 && byte != 0x09 || byte == 0x7F
        for place in 0..<19 {
            for filler in [UInt8(ascii: "a"), 0x20, 0x80, 0xFF] {
                var line = [UInt8](repeating: filler, count: 19)
                line[place] = byte
                let outcome = lines([line + bytes("\r\n")])
                #expect((outcome == .lines([0..<19], isComplete: true)) == !isControl)
            }
        }
    }

    @Test("dribbled input is looked at once, but for a CR that waits for its LF")
    func linear() throws {
        let input = bytes(String(repeating: "name: value and more of it\r\n", count: 200))
        var scanner = LineScanner()
        var examined = 0
        for count in 1...input.count {
            let before = scanner.scanned
            let arrived = Array(input[..<count])
            while try scanner.next(in: arrived.span, limit: 100, tooLong: .fieldLineTooLong) != nil {}
            examined += count - before
        }
        #expect(examined == input.count + 200)
    }
}
