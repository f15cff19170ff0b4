// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornWebSocket
import EngineTesting
import NIOCore
import Synchronization
import Testing

@Suite("The callback surface", .onEachEngine, .timeLimit(.minutes(1)))
struct CallbackConnectionTests {
    /// Sends every message back, and notes its connection's life.
    private final class Echo: WebSocketHandler {
        private let events: AsyncStream<String>.Continuation
        private let target: String
        private let greeting: Int

        init(_ events: AsyncStream<String>.Continuation, _ request: RequestHead, greeting: Int = 0) {
            target = request.target
            self.events = events
            self.greeting = greeting
        }

        func opened(_ connection: CallbackConnection) {
            events.yield("opened \(target)")
            guard greeting > 0 else { return }
            try? connection.send([UInt8](repeating: 1, count: greeting).span, as: .binary, compression: .never)
        }

        func received(_ kind: MessageKind, _ bytes: Span<UInt8>, on connection: CallbackConnection) {
            events.yield("received \(bytes.count)")
            try? connection.send(bytes, as: kind)
        }

        func closed(_ closure: Closure, _ connection: CallbackConnection) {
            events.yield("closed \(closure.received?.code.rawValue ?? 0)")
            connection.post("too late")
            events.finish()
        }

        deinit { events.yield("released") }
    }

    private func serve(_ factory: @escaping WebSocketServer.HandlerFactory) async throws -> RunningServer {
        try await RunningServer(
            WebSocketServer(host: "127.0.0.1", port: 0, logger: RunningServer.silent, callbacks: factory))
    }

    @Test("a handler hears of opening, each message and closing, once and in order")
    func life() async throws {
        let (events, note) = AsyncStream.makeStream(of: String.self)
        let server = try await serve { Echo(note, $0) }
        try await WebSocketClient.connect(to: server.address + "path") { connection in
            for size in [0, 5, 100_000] {
                let message = WebSocketMessage.text(String(repeating: "x", count: size))
                try await connection.send(message)
                #expect(try await connection.receive() == message)
            }
        }
        let all = await events.reduce(into: []) { $0.append($1) }
        #expect(all == ["opened /path", "received 0", "received 5", "received 100000", "closed 1000"])
        try await server.stop()
    }

    @Test("what is sent on opening comes behind the 101, however large it is")
    func greeting() async throws {
        let (_, note) = AsyncStream.makeStream(of: String.self)
        let server = try await serve { Echo(note, $0, greeting: 200_000) }
        try await WebSocketClient.connect(to: server.address) { connection in
            let greeting = try await connection.receive()
            #expect(greeting.buffer.readableBytes == 200_000)
        }
        try await server.stop()
    }

    @Test("a message in fragments arrives whole")
    func fragments() async throws {
        let (events, note) = AsyncStream.makeStream(of: String.self)
        let server = try await serve { Echo(note, $0) }
        let peer = try await server.openScripted()
        try await peer.send(
            ScriptedConnection.frame(0x01, [0x61]) + ScriptedConnection.frame(0x89, [])
                + ScriptedConnection.frame(0x80, [0x62]))
        #expect(try await peer.receive(6) == [0x8A, 0, 0x81, 2, 0x61, 0x62])
        peer.resetWhenReleased()
        _ = consume peer
        let all = await events.reduce(into: []) { $0.append($1) }
        #expect(all == ["opened /", "received 2", "closed 0"])
        try await server.stop()
    }

    /// Lets others have its connection.
    private final class Member: WebSocketHandler {
        private let connections: AsyncStream<CallbackConnection>.Continuation
        init(_ connections: AsyncStream<CallbackConnection>.Continuation) { self.connections = connections }
        func opened(_ connection: CallbackConnection) { connections.yield(connection) }
        func received(_ kind: MessageKind, _ bytes: Span<UInt8>, on connection: CallbackConnection) {
            if bytes.count == 0 { connection.abort() } else { try? connection.close(4000, reason: "bye") }
        }
    }

    @Test("messages can be posted from anywhere, and to a connection that is gone without harm")
    func posting() async throws {
        let (connections, note) = AsyncStream.makeStream(of: CallbackConnection.self)
        let server = try await serve { _ in Member(note) }
        let client = try await WebSocketClient.open(server.address)
        var iterator = connections.makeAsyncIterator()
        let connection = try #require(await iterator.next())
        for number in 0..<50 { connection.post(.text("\(number)")) }
        for number in 0..<50 { #expect(try await client.receive() == .text("\(number)")) }
        try await client.close()
        connection.post("gone")
        try await server.stop()
        connection.post("long gone")
    }

    @Test("a handler can close with a code, or cut")
    func ending() async throws {
        let (_, note) = AsyncStream.makeStream(of: CallbackConnection.self)
        let server = try await serve { _ in Member(note) }
        let closed = try await WebSocketClient.open(server.address)
        try await closed.send("close")
        let error = await #expect(throws: WebSocketError.self) { try await closed.receive() }
        #expect(error?.closure?.received == CloseFrame(4000, reason: "bye"))
        let cut = try await WebSocketClient.open(server.address)
        try await cut.send("")
        let reset = await #expect(throws: WebSocketError.self) { try await cut.receive() }
        #expect(reset?.closure?.received == nil)
        try await server.stop()
    }
}
