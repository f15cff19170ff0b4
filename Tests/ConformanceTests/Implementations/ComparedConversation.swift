// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import Testing

/// What a client sends behind a good handshake to an application that echoes, and all that comes of it.
struct ComparedConversation: Sendable, CustomTestStringConvertible {
    var name: String
    var frames: [ScriptedFrame]
    /// Whether the client ends its direction of TCP behind them.
    var endsBehind = false
    /// What the application is told.
    var events: [String]
    /// What the client is sent.
    var answers: [ScriptedFrame]

    var testDescription: String { name }
}

extension ComparedConversation {
    static let table = messages + fragments + controls + ends

    private static func echoed(_ name: String, _ frame: ScriptedFrame, _ event: String) -> Self {
        Self(
            name: name, frames: [frame, .close(.normalClosure)], events: [event, "disconnect 1000"],
            answers: [frame, .close(.normalClosure)])
    }

    private static let messages =
        [
            echoed("a text (RFC 6455 §5.6)", .text("Grüße"), "text Grüße"),
            echoed("an empty text", .text(""), "text "),
            echoed("an empty binary message", .binary([]), "binary, 0 bytes"),
            Self(
                name: "many messages at once", frames: (0..<500).map { .text("\($0)") } + [.close],
                events: (0..<500).map { "text \($0)" } + ["disconnect 1005"],
                answers: (0..<500).map { .text("\($0)") } + [.close]),
        ]
        + [1, 125, 126, 65535, 65536, 1 << 20].map { length in
            echoed(
                "\(length) bytes (RFC 6455 §5.2)", .binary([UInt8](repeating: 0xFF, count: length)),
                "binary, \(length) bytes")
        }

    private static let fragments = [
        Self(
            name: "fragments with control frames between them (RFC 6455 §5.4)",
            frames: [
                ScriptedFrame(.text, Array("frag".utf8), isFinal: false), .ping([1]),
                ScriptedFrame(.continuation, [], isFinal: false), .pong([2]),
                ScriptedFrame(.continuation, Array("ments".utf8)), .close(.normalClosure),
            ],
            events: ["text fragments", "disconnect 1000"],
            answers: [.pong([1]), .text("fragments"), .close(.normalClosure)]),
        Self(
            name: "a character across fragments (RFC 6455 §8.1)",
            frames: [
                ScriptedFrame(.text, [0xF0, 0x9F], isFinal: false),
                ScriptedFrame(.continuation, [0xA6], isFinal: false),
                ScriptedFrame(.continuation, [0x84]), .close(.normalClosure),
            ],
            events: ["text 🦄", "disconnect 1000"], answers: [.text("🦄"), .close(.normalClosure)]),
        Self(
            name: "a thousand empty fragments, which are a message",
            frames: [ScriptedFrame(.binary, [], isFinal: false)]
                + [ScriptedFrame](repeating: ScriptedFrame(.continuation, [], isFinal: false), count: 1000)
                + [ScriptedFrame(.continuation, [7]), .close(.normalClosure)],
            events: ["binary, 1 bytes", "disconnect 1000"], answers: [.binary([7]), .close(.normalClosure)]),
        Self(
            name: "a fragment, and no more",
            frames: [ScriptedFrame(.text, [65], isFinal: false)], endsBehind: true, events: ["disconnect 1006"],
            answers: []),
    ]

    private static let controls = [
        Self(
            name: "pings of no byte and of 125 (RFC 6455 §5.5.2)",
            frames: [.ping(), .ping([UInt8](repeating: 3, count: 125)), .close(.normalClosure)],
            events: ["disconnect 1000"],
            answers: [.pong(), .pong([UInt8](repeating: 3, count: 125)), .close(.normalClosure)]),
        Self(
            name: "a pong that nobody asked for (RFC 6455 §5.5.3)", frames: [.pong([9]), .close(.normalClosure)],
            events: ["disconnect 1000"], answers: [.close(.normalClosure)]),
    ]

    private static let ends =
        ([1000, 1001, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999] as [CloseCode]).map { code in
            Self(
                name: "a close with \(code.rawValue) (RFC 6455 §7.4)", frames: [.close(code, reason: "Grüße")],
                events: ["disconnect \(code.rawValue) Grüße"], answers: [.close(code, reason: "Grüße")])
        } + [
            Self(
                name: "a close without a code (RFC 6455 §7.1.5)", frames: [.close], events: ["disconnect 1005"],
                answers: [.close]),
            Self(
                name: "a reason of 123 bytes (RFC 6455 §5.5)",
                frames: [.close(.goingAway, reason: String(repeating: "x", count: 123))],
                events: ["disconnect 1001 " + String(repeating: "x", count: 123)],
                answers: [.close(.goingAway, reason: String(repeating: "x", count: 123))]),
            Self(
                name: "what stands behind a close frame is nothing (RFC 6455 §5.5.1)",
                frames: [.close(.normalClosure), .text("late"), .ping(), ScriptedFrame(Opcode(rawValue: 3))],
                events: ["disconnect 1000"], answers: [.close(.normalClosure)]),
            Self(
                name: "the end of TCP without a close frame (RFC 6455 §7.1.5)", frames: [], endsBehind: true,
                events: ["disconnect 1006"], answers: []),
        ]
}
