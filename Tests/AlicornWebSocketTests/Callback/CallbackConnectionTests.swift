// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornTransport
import EngineTesting
import NIOCore
import Synchronization
import Testing

@testable import AlicornWebSocket

@Suite("The callback surface", .onEachEngine, .timeLimit(.minutes(1)))
struct CallbackConnectionTests {
    /// Sends every message back, and notes its connection's life.
    private final class Echo: WebSocketHandler {
        private let events: AsyncStream<String>.Continuation
        private let target: String
        private let greeting: Int

        init(_ events: AsyncStream<String>.Continuation, _ request: WebSocketServer.Request, greeting: Int = 0) {
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

    @Test("a connection from the server's list is closed from anywhere, by what is done on its loop")
    func performing() async throws {
        let server = try await serve { _ in Member(AsyncStream.makeStream(of: CallbackConnection.self).continuation) }
        let client = try await WebSocketClient.open(server.address)
        // The client may know of the opening a moment before the list does.
        while server.server.callbackConnections.isEmpty { await Task.yield() }
        for connection in server.server.callbackConnections {
            connection.perform { try? $0.close(4000, reason: "an administrator") }
        }
        await client.waitUntilClosed()
        #expect(await client.closure?.received?.reason == "an administrator")
        try await server.stop()
    }

    @Test("a handler that keeps its connection is let go with it when it is closed")
    func keeping() async throws {
        weak var connection: CallbackConnection?
        weak var handler: Keeping?
        let loop = VirtualClock().loop
        loop.perform {
            let transport = MemoryTransport(loop: loop)
            let made = Keeping()
            let (driver, sink) = ConnectionAssembly.makeDriver(
                role: .server, configuration: ConnectionConfiguration(), transform: nil, transport: transport
            ) { HandlerSink(CallbackConnection(driver: $0, subprotocol: nil), handler: made) }
            transport.setDriver(driver)
            made.opened(sink.connection)
            (connection, handler) = (sink.connection, made)
            transport.fail(nil)
        }
        #expect(connection == nil)
        #expect(handler == nil)
    }

    private final class Keeping: WebSocketHandler {
        private var connection: CallbackConnection?
        func opened(_ connection: CallbackConnection) { self.connection = connection }
        func received(_ kind: MessageKind, _ bytes: Span<UInt8>, on connection: CallbackConnection) {}
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

    /// Does what its messages say, and notes what it hears.
    private final class Notes: WebSocketPieceHandler {
        private let events: AsyncStream<String>.Continuation
        private var pieces = 0
        init(_ events: AsyncStream<String>.Continuation) { self.events = events }

        func received(_ kind: MessageKind, _ bytes: Span<UInt8>, on connection: CallbackConnection) {
            switch bytes.withUnsafeBytes({ String(decoding: $0, as: UTF8.self) }) {
            case "ping":
                events.yield("open \(connection.isOpen) \(connection.closure == nil) \(connection.latency == nil)")
                _ = try? connection.ping([1, 2, 3])
                try? connection.pong([4])
            case "fragments":
                try? connection.beginMessage(.text, compression: .never)
                try? connection.sendFragment([0x61].span, endsMessage: false)
                try? connection.send("behind it", compression: .never)
                events.yield("writable \(connection.isWritable)")
                try? connection.sendFragment([0x62].span, endsMessage: true)
            case "much":
                var count = 0
                while connection.isWritable, count < 10_000 {
                    try? connection.send([UInt8](repeating: 0, count: 100_000).span, as: .binary, compression: .never)
                    count += 1
                }
                events.yield("full \(connection.unsentBytes > 0)")
            default: break
            }
        }

        func received(
            pieceOf kind: MessageKind, _ bytes: Span<UInt8>, endsMessage: Bool, on connection: CallbackConnection
        ) {
            pieces += bytes.count
            if endsMessage { events.yield("\(kind) of \(pieces)") }
        }

        func answered(_ ping: PingID, after latency: Duration, on connection: CallbackConnection) {
            events.yield("answered \(ping.rawValue) \(connection.latency == latency)")
        }

        func mayResumeSending(on connection: CallbackConnection) {
            if connection.isWritable { events.yield("resumed") }
        }

        func closed(_ closure: Closure, _ connection: CallbackConnection) { events.finish() }
    }

    @Test("a handler hears of the answer to its ping, and its messages in fragments are kept together")
    func pings() async throws {
        let (events, note) = AsyncStream.makeStream(of: String.self)
        let server = try await serve { _ in Notes(note) }
        try await WebSocketClient.connect(to: server.address) { connection in
            try await connection.send("ping")
            try await connection.send("fragments")
            #expect(try await connection.receive() == "ab")
            #expect(try await connection.receive() == "behind it")
        }
        let heard = await events.reduce(into: Set()) { $0.insert($1) }
        #expect(heard.isSuperset(of: ["open true true true", "answered 1 true", "writable false"]))
        try await server.stop()
    }

    @Test("a handler that sends until it may not hears when it may again")
    func resuming() async throws {
        let (events, note) = AsyncStream.makeStream(of: String.self)
        let server = try await serve { _ in Notes(note) }
        let client = try await WebSocketClient.open(server.address)
        try await client.send("much")
        var iterator = events.makeAsyncIterator()
        #expect(await iterator.next()?.hasPrefix("full") == true)
        let reader = Task { for try await _ in client {} }
        #expect(await iterator.next() == "resumed")
        reader.cancel()
        try await client.close()
        try await server.stop()
    }

    @Test("a handler that takes pieces gets long messages in them, and nobody holds the whole")
    func pieces() async throws {
        let (events, note) = AsyncStream.makeStream(of: String.self)
        let server = try await serve { _ in Notes(note) }
        try await WebSocketClient.connect(to: server.address) { connection in
            try await connection.send(ByteBuffer(repeating: 1, count: 1_000_000), compression: .never)
            try await connection.send(fragments: ["a", "b"])
        }
        let heard = await events.reduce(into: []) { $0.append($1) }
        #expect(heard == ["binary of 1000000", "text of 1000002"])
        try await server.stop()
    }

    @Test("a handler that pauses gets nothing until it reads on")
    func pausing() throws {
        let clock = VirtualClock()
        let loop = clock.loop
        loop.perform {
            let transport = MemoryTransport(loop: loop)
            let handler = Pausing()
            let (driver, sink) = ConnectionAssembly.makeDriver(
                role: .server, configuration: ConnectionConfiguration(), transform: nil, transport: transport
            ) { HandlerSink(CallbackConnection(driver: $0, subprotocol: nil), handler: handler) }
            transport.setDriver(driver)
            let message = ScriptedConnection.frame(0x82, [1])
            transport.deliver(message + message + message)
            #expect(handler.count == 1 && transport.isReadingPaused)
            sink.connection.resumeReceiving()
            #expect(handler.count == 2 && transport.isReadingPaused)
            sink.connection.resumeReceiving()
            sink.connection.resumeReceiving()
            #expect(handler.count == 3 && !transport.isReadingPaused)
            transport.fail(nil)
        }
    }

    /// Pauses with each message.
    private final class Pausing: WebSocketHandler {
        var count = 0
        func received(_ kind: MessageKind, _ bytes: Span<UInt8>, on connection: CallbackConnection) {
            count += 1
            connection.pauseReceiving()
        }
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
