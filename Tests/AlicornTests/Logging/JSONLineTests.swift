// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornASGI
import Foundation
import Logging
import Testing

@Suite("Lines of JSON")
struct JSONLineTests {
    private func written(_ message: String, _ metadata: Logger.Metadata = [:], level: Logger.Level = .info) -> String {
        let piped = PipedLog { $0.format = .json }
        piped.log.logger("uvicorn.error").log(level: level, "\(message)", metadata: metadata)
        return piped.takeErrors()
    }

    @Test("a line has the time in UTC, level, logger and message, then the metadata as fields")
    func fields() {
        #expect(
            written(
                "hello", ["peer": "::1", "a": ["x", .dictionary(["n": .stringConvertible(1), "m": []])]], level: .notice
            )
                == #"{"timestamp":"1994-11-06T08:49:37.007Z","level":"notice","logger":"uvicorn.error","message":"hello","#
                + #""a":["x",{"m":[],"n":"1"}],"peer":"::1"}"# + "\n")
    }

    @Test("metadata cannot take the place of the fields that all lines have")
    func common() throws {
        let line = written("m", ["message": "1", "level": "2", "logger": "3", "timestamp": "4"])
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
        #expect(object["message"] == "m")
        #expect(object["level"] == "info")
        #expect(object["metadata.message"] == "1")
        #expect(object["metadata.timestamp"] == "4")
        #expect(object.count == 8)
    }

    @Test(
        "strings are escaped as RFC 8259 §7 wants it, and so is what a terminal would not show",
        arguments: [
            ("", ""), ("plain ~", "plain ~"), ("\"\\/", #"\"\\/"#),
            ("\u{0}\n\r\t\u{1F}", #"\u0000\u000a\u000d\u0009\u001f"#),
            ("\u{7F}\u{80}\u{9B}\u{A0}", #"\u007f\u0080\u009b\u00a0"#),
            ("\u{2028}\u{202E}\u{FEFF}", #"\u2028\u202e\ufeff"#),
            ("é中\u{1F984}", "é中\u{1F984}"), ("e\u{301}", "e\u{301}"),
            ("\u{E0001}\u{10FFFF}", #"\udb40\udc01\udbff\udfff"#),
        ])
    func escapes(text: String, expected: String) {
        let line = written(text)
        #expect(line.hasSuffix("\"message\":\"\(expected)\"}\n"))
    }

    @Test(
        "every text comes back as it was, by another's parser",
        arguments: [
            0..<0x800, 0x2000..<0x2100, 0xD7C0..<0xE040, 0xFE00..<0x1_0040, 0x1_F900..<0x1_FA00, 0xE_0000..<0xE_0040,
            0x10_FF00..<0x11_0000,
        ] as [Range<UInt32>])
    func roundTrip(range: Range<UInt32>) throws {
        let scalars = range.compactMap(Unicode.Scalar.init)
        let line = written(String(String.UnicodeScalarView(scalars)))
        #expect(line.utf8.count { $0 < 0x20 } == 1)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
        #expect(object["message"].map { Array($0.unicodeScalars) } == scalars)
    }
}
