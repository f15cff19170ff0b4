// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import AlicornWebSocket
import EngineTesting
import NIOCore
import Testing

@Suite("Compressed messages on the edge (D7, D8)", .onEachEngine, .timeLimit(.minutes(1)))
struct CompressionDefectTests {
    private static let extensions = ["Sec-WebSocket-Extensions: permessage-deflate"]
    /// `Hello` in a stream that ends (RFC 7692 §7.2.3.4).
    private static let ended = ScriptedFrame.compressed([0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00], .text)

    @Test("D7: after a message that ends its deflate stream, a server reads the next ones")
    func endedStreamToServer() async throws {
        try await WebSocketServer.local(handler: WebSocketServer.echo).serving { port in
            let peer = try await ScriptedPeer.open(port: port, fields: Self.extensions)
            for _ in 0..<3 {
                try await peer.send(Self.ended)
                #expect(try await peer.receiveFrame() == .text("Hello"))
            }
        }
    }

    @Test("D7: after a message that ends its deflate stream, a client reads the next ones")
    func endedStreamToClient() async throws {
        let listener = try ScriptedListener()
        async let texts = WebSocketClient.connect(to: listener.address) { connection in
            var texts: [String] = []
            for try await message in connection { texts.append(message.text) }
            return texts
        }
        let peer = try await listener.acceptOpening(fields: Self.extensions)
        try await peer.send([Self.ended, Self.ended, Self.ended, .close(.normalClosure)])
        #expect(try await peer.receiveFrame() == .close(.normalClosure))
        #expect(try await texts == ["Hello", "Hello", "Hello"])
    }

    @Test("D8: a message of exactly the limit is accepted, however long it is on the wire; one byte more is not")
    func exactLimit() async throws {
        var configuration = WebSocketServer.Configuration()
        configuration.connection.limits.maximumMessageSize = 1000
        try await WebSocketServer.local(configuration, handler: WebSocketServer.echo).serving { port in
            let noise = (0..<1001).map { UInt8(truncatingIfNeeded: $0 &* 167 >> 3) }
            let peer = try await ScriptedPeer.open(port: port, fields: Self.extensions)
            // Whole, then in two fragments, each stored: more bytes than the message has.
            try await peer.send(.compressed(Self.stored(noise.prefix(1000), ends: true), .binary))
            try await peer.send(.compressed(Self.stored(noise.prefix(500), ends: false), .binary, isFinal: false))
            try await peer.send(ScriptedFrame(.continuation, Self.stored(noise[500..<1000], ends: true)))
            for _ in 0..<2 {
                let echo = try await peer.receiveFrame()
                #expect(echo?.opcode == .binary)
                #expect(echo?.reservedBits == 0b100)
            }
            try await peer.send(.compressed(Self.stored(noise[...], ends: true), .binary))
            #expect(try await peer.receiveFrame()?.closeCode == .messageTooBig)
        }
    }

    @Test("D8: what our client makes of an incompressible message of exactly the limit is accepted, and comes back")
    func exactLimitOfOurs() async throws {
        var configuration = WebSocketServer.Configuration()
        configuration.connection.limits.maximumMessageSize = 1000
        try await WebSocketServer.local(configuration, handler: WebSocketServer.echo).serving { port in
            var client = WebSocketClient.Configuration()
            client.connection.limits.maximumMessageSize = 1000
            try await WebSocketClient.connect(to: "ws://127.0.0.1:\(port)/", configuration: client) { connection in
                let noise = WebSocketMessage.binary(
                    ByteBuffer(bytes: (0..<1000).map { _ in UInt8.random(in: 0...255) }))
                try await connection.send(noise, compression: .always)
                #expect(try await connection.receive() == noise)
            }
        }
    }

    /// A stored block, and the empty one of a sync flush, whose last four bytes the end of a message lacks (RFC 1951
    /// §3.2.4, RFC 7692 §7.2.1).
    private static func stored(_ bytes: ArraySlice<UInt8>, ends: Bool) -> [UInt8] {
        let count = UInt16(bytes.count)
        let length = [UInt8(count & 0xFF), UInt8(count >> 8)]
        return [0] + length + length.map { ~$0 } + bytes + (ends ? [0] : [0, 0, 0, 0xFF, 0xFF])
    }
}

extension ScriptedFrame {
    /// The first frame of a compressed message (RFC 7692 §6).
    fileprivate static func compressed(_ payload: [UInt8], _ opcode: Opcode, isFinal: Bool = true) -> Self {
        var frame = Self(opcode, payload, isFinal: isFinal)
        frame.reservedBits = 0b100
        return frame
    }
}
