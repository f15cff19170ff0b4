// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornWebSocket
import NIOCore
import Testing

@testable import AlicornCommand

@Suite("What a line of input asks for")
struct InputLineTests {
    private static func binary(_ bytes: [UInt8]) -> InputLine { .send(.binary(ByteBuffer(bytes: bytes))) }

    @Test(
        "what is typed is a message, or a command after a slash",
        arguments: [
            ("hello", .send("hello")), ("", .nothing), ("//path", .send("/path")), ("/text /x y", .send("/x y")),
            ("/text", .send("")), ("/binary 00 fF", binary([0, 255])), ("/binary", binary([])),
            ("/base64 AP8=", binary([0, 255])), ("/ping", .ping(nil)), ("/ping a b", .ping(Array("a b".utf8))),
            ("/pong", .pong([])), ("/close", .close(CloseFrame(.normalClosure))), ("/help", .help), ("/?", .help),
            ("/close 4000 see you", .close(CloseFrame(4000, reason: "see you"))),
            ("/quit", .close(CloseFrame(.normalClosure))),
        ] as [(String, InputLine)])
    func typed(line: String, expected: InputLine) { #expect(InputLine(typed: line, as: .text) == expected) }

    @Test(
        "what cannot be done is a sentence",
        arguments: [
            ("/sing", "there is no /sing"), ("/", "there is no /"), ("/binary 0", "this is no hex: \"0\""),
            ("/binary 0g", "this is no hex"), ("/base64 !", "this is no base64"), ("/file /missing", "cannot be read"),
            ("/file", "cannot be read"), ("/close 1006", "no close code that may be sent"),
            ("/close x", "no close code"),
            ("/close 1000 " + String(repeating: "x", count: 124), "at most 123 bytes"),
        ])
    func refused(line: String, part: String) {
        guard case .unknown(let sentence) = InputLine(typed: line, as: .text) else {
            Issue.record("\(line) is understood")
            return
        }
        #expect(sentence.contains(part))
    }

    @Test("a line from a pipe is a message, whatever it begins with")
    func piped() {
        #expect(InputLine(message: "/close", as: .text) == .send("/close"))
        #expect(InputLine(message: "", as: .text) == .send(""))
        #expect(InputLine(message: "ab", as: .binary) == Self.binary([0x61, 0x62]))
        #expect(InputLine(message: "0a", as: .hex) == Self.binary([10]))
    }

    @Test(
        "JSON",
        arguments: [
            (#"{"text": "a"}"#, .send("a")), (#"{"base64": "AP8="}"#, binary([0, 255])), (#"{"ping": ""}"#, .ping(nil)),
            (#"{"pong": "a"}"#, .pong([0x61])),
            (#"{"close": 1001, "reason": "bye"}"#, .close(CloseFrame(.goingAway, reason: "bye"))),
        ] as [(String, InputLine)])
    func json(line: String, expected: InputLine) { #expect(InputLine(json: line) == expected) }

    @Test("JSON that is none, or asks for nothing, is a sentence", arguments: ["{", "[]", "{}", #"{"text": 1}"#])
    func badJSON(line: String) {
        guard case .unknown = InputLine(json: line) else {
            Issue.record("\(line) is understood")
            return
        }
    }
}
