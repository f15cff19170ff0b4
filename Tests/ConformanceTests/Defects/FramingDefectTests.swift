// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import AlicornWebSocket
import EngineTesting
import Testing

@Suite("Frames (D14, D15, D16)", .onEachEngine, .timeLimit(.minutes(1)))
struct FramingDefectTests {
    @Test(
        "D14: a header that is wrong is refused before anything follows it",
        arguments: [
            [0xC1, 0xFF], [0xA1, 0xFF], [0x83, 0xFF], [0x89, 0xFE], [0x09, 0x80], [0x81, 0x7F],
            [0x82, 0xFE, 0, 125, 0, 0, 0, 0], [0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0],
            [0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ] as [[UInt8]])
    func header(_ bytes: [UInt8]) async throws {
        try await WebSocketServer.local(handler: WebSocketServer.echo).serving { port in
            let peer = try await ScriptedPeer.open(port: port)
            try await peer.send(bytes)
            #expect(try await peer.receiveFrame()?.closeCode == .protocolError)
        }
    }

    @Test("D15: text that is not UTF-8 ends the connection though nobody receives")
    func unreadText() async throws {
        let server = WebSocketServer.local { await $0.waitUntilClosed() }
        try await server.serving { port in
            let whole = try await ScriptedPeer.open(port: port)
            try await whole.send(ScriptedFrame(.text, [0x61, 0xFF]))
            #expect(try await whole.receiveFrame()?.closeCode == .invalidPayload)
            // The rest of the message has not even come.
            let partial = try await ScriptedPeer.open(port: port)
            let bytes = ScriptedFrame(.text, [0x61, 0xFF] + [UInt8](repeating: 0x61, count: 100)).bytes(from: .client)
            try await partial.send(Array(bytes.prefix(10)))
            #expect(try await partial.receiveFrame()?.closeCode == .invalidPayload)
        }
    }

    @Test("D16: a close frame within a message in fragments is answered with its code")
    func closeWithinMessage() async throws {
        try await WebSocketServer.local(handler: WebSocketServer.echo).serving { port in
            let peer = try await ScriptedPeer.open(port: port)
            try await peer.send([ScriptedFrame(.text, [0x61], isFinal: false), .close(.goingAway, reason: "enough")])
            #expect(try await peer.receiveAllFrames() == [.close(.goingAway, reason: "enough")])
        }
    }

    @Test("D16: good frames before a fault are handed over and answered")
    func goodFramesBeforeFault() async throws {
        try await WebSocketServer.local(handler: WebSocketServer.echo).serving { port in
            let peer = try await ScriptedPeer.open(port: port)
            try await peer.send([.text("one"), .ping([1]), .text("two"), ScriptedFrame(Opcode(rawValue: 3))])
            let answers = try await peer.receiveAllFrames()
            #expect(
                answers.dropLast() == [.text("one"), .pong([1]), .text("two")]
                    || answers.dropLast() == [.pong([1]), .text("one"), .text("two")])
            #expect(answers.last?.closeCode == .protocolError)
        }
    }
}
