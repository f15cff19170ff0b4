// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import AlicornWebSocket
import Testing

@Suite("A peer that does what a test says", .timeLimit(.minutes(1)))
struct ScriptedPeerTests {
    @Test("it speaks with a server, frame by frame")
    func client() async throws {
        try await withTestServer(handler: echo) { server in
            let peer = try await ScriptedPeer.open(port: server.port, target: "/room?name=a")
            try await peer.send([ScriptedFrame(.text, Array("hel".utf8), isFinal: false), .ping([1, 2])])
            #expect(try await peer.receiveFrame() == .pong([1, 2]))
            try await peer.send(ScriptedFrame(.continuation, Array("lo".utf8)))
            #expect(try await peer.receiveFrame() == .text("hello"))
            let long = [UInt8](repeating: 9, count: 70_000)
            try await peer.send(.binary(long))
            #expect(try await peer.receiveFrame() == .binary(long))
            try await peer.send(.close(.normalClosure, reason: "done"))
            #expect(try await peer.receiveAllFrames() == [.close(.normalClosure, reason: "done")])
        }
    }

    @Test("it breaks rules, and sees how it is answered")
    func misbehaviour() async throws {
        try await withTestServer(handler: echo) { server in
            let peer = try await ScriptedPeer.open(port: server.port)
            var frame = ScriptedFrame.text("hello")
            frame.masking = .unmasked
            try await peer.send(frame)
            #expect(try await peer.receiveFrame()?.closeCode == .protocolError)
            #expect(try await peer.receiveFrame() == nil)
        }
    }

    @Test("half a frame and a reset are a lost connection for a handler")
    func reset() async throws {
        let (closures, note) = AsyncStream.makeStream(of: Closure?.self)
        let handler: WebSocketServer.Handler = { connection in
            for try await _ in connection {}
        }
        let server = WebSocketServer(host: "127.0.0.1", port: 0, logger: .silent) { connection in
            defer { note.finish() }
            try? await handler(connection)
            note.yield(await connection.closure)
        }
        try await withTestServer(server) { server in
            do {
                let peer = try await ScriptedPeer.open(port: server.port)
                try await peer.send(ScriptedFrame.text("hello").bytes(from: .client).dropLast(2))
                peer.resetWhenReleased()
            }
            let closure = await closures.first { _ in true }
            #expect(closure??.received == nil)
            #expect(closure??.code == .abnormalClosure)
        }
    }

    @Test("a refused handshake is an error with the answer's head")
    func refusal() async throws {
        try await withTestServer(handler: echo) { server in
            let refusal = await #expect(throws: ScriptedPeer.Refusal.self) {
                try await ScriptedPeer.open(port: server.port, fields: ["Sec-WebSocket-Version: 8"])
            }
            #expect(refusal?.head.contains("\r\nSec-WebSocket-Version: 13\r\n") != false)
            #expect(refusal?.description.contains("answered HTTP/1.1 4") == true)
        }
    }

    @Test("a port on which nobody listens is a failed connect")
    func nobody() async throws {
        let port = try ScriptedListener().port
        let failure = await #expect(throws: ScriptedPeer.Failure.self) { try await ScriptedPeer.connect(port: port) }
        #expect(failure?.call == "connect")
        #expect(failure?.description.hasPrefix("connect: ") == true)
    }

    @Test("it plays the server of a client")
    func server() async throws {
        let listener = try ScriptedListener()
        var configuration = WebSocketClient.Configuration()
        configuration.subprotocols = ["chat"]
        async let received = WebSocketClient.connect(to: listener.address, configuration: configuration) { connection in
            #expect(connection.subprotocol == "chat")
            try await connection.send("who are you?")
            return try await connection.receive().text
        }
        let peer = try await listener.acceptOpening(fields: ["Sec-WebSocket-Protocol: chat"])
        #expect(peer.role == .server)
        #expect(try await peer.receiveFrame() == .text("who are you?"))
        try await peer.send(.text("a script"))
        #expect(try await peer.receiveFrame() == .close(.normalClosure))
        try await peer.send(.close(.normalClosure))
        peer.finishWriting()
        let text = try await received
        #expect(text == "a script")
    }

    private let echo: WebSocketServer.Handler = { connection in
        for try await message in connection { try await connection.send(message) }
    }
}
