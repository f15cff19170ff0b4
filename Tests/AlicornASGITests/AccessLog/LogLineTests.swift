// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import Testing

@Suite("A line of a log")
struct LogLineTests {
    private func text(_ rendering: LogLine.Rendering = .plain, _ body: (inout LogLine) -> Void) -> String {
        var line = LogLine(rendering)
        body(&line)
        return String(decoding: line.bytes, as: UTF8.self)
    }

    @Test("no control character of a text gets into it")
    func escapesControls() {
        for scalar in (0..<0x110000).compactMap(Unicode.Scalar.init) where scalar.properties.generalCategory == .control
        {
            for escaping in [LogLine.Escaping.controls, .quotable] {
                let written = text { $0.append("a\(scalar)b", escaping) }
                #expect(written.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }, "U+\(String(scalar.value, radix: 16))")
            }
        }
        #expect(text { $0.append("\u{2028}\u{202E}é") } == "\\u2028\\u202eé")
    }

    @Test("an escaped text is not escaped again, but for quotation marks")
    func backslashes() {
        #expect(text { $0.append(#"a\x1b "b""#) } == #"a\x1b "b""#)
        #expect(text { $0.append("a\\x1b\n\\") } == #"a\x1b\n\"#)
        #expect(text { $0.append(#"a\x1b "b""#, .quotable) } == #"a\\x1b \"b\""#)
        #expect(text { $0.append("\\\"\n", .quotable) } == #"\\\"\n"#)
    }

    @Test("a path is escaped as urllib.parse.quote does it (U-LG-04)")
    func paths() {
        let ascii = String(String.UnicodeScalarView((0..<0x80).compactMap(Unicode.Scalar.init)))
        let plain = "-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~"
        let kept = ascii.unicodeScalars.filter { scalar in text { $0.append(path: String(scalar)) } == String(scalar) }
        #expect(String(String.UnicodeScalarView(kept)) == plain)
        #expect(
            text { $0.append(path: "/a b/\u{E9}\u{1F984}\u{FFFD}\n%2F") }
                == "/a%20b/%C3%A9%F0%9F%A6%84%EF%BF%BD%0A%252F")
    }

    @Test("numbers")
    func numbers() {
        #expect(text { $0.append(decimal: 0) } == "0")
        #expect(text { $0.append(decimal: -7) } == "-7")
        #expect(text { $0.append(decimal: 7, digits: 3) } == "007")
        #expect(text { $0.append(decimal: 1234, digits: 3) } == "1234")
        #expect(text { $0.append(decimal: 12_345, decimals: 3) } == "12.345")
        #expect(text { $0.append(decimal: 5, decimals: 6) } == "0.000005")
        #expect(text { $0.append(decimal: .max, decimals: 3) } == "9223372036854775.807")
    }

    @Test("styles are for terminals")
    func styles() {
        func body(_ line: inout LogLine) {
            line.append(in: .bold) { $0.append("a") }
            line.append(in: nil) { $0.append("b") }
            line.append("\("c", .green)" as StyledMessage)
            line.end()
        }
        #expect(text(.plain, body) == "abc\n")
        #expect(text(.terminal, body) == "\u{1B}[1ma\u{1B}[0mb\u{1B}[32mc\u{1B}[0m\n")
    }
}
