// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornNIO
import AlicornTesting
import AlicornTransport
import AlicornWebSocket
import Dispatch
import EngineTesting
import NIOCore
import NIOPosix
import Testing

@Suite("A connection on either engine", .onEachEngine, .timeLimit(.minutes(1)))
struct ConnectionTransportTests {
    /// A driver that does what a test says, and notes what it gets.
    private final class Script: ConnectionDriver {
        let transport: any ConnectionTransport
        let events: AsyncStream<String>.Continuation
        var onReceive: (Script, [UInt8]) -> Void = { _, _ in }
        var onEnd: (Script) -> Void = { _ in }
        var onWritability: () -> Void = {}

        init(_ transport: any ConnectionTransport, _ events: AsyncStream<String>.Continuation) {
            self.transport = transport
            self.events = events
        }

        func receive(_ input: inout MutableSpan<UInt8>) {
            var bytes: [UInt8] = []
            for index in 0..<input.count { bytes.append(input[index]) }
            events.yield("received \(bytes.count)")
            onReceive(self, bytes)
        }

        func receiveEOF() {
            events.yield("end of input")
            onEnd(self)
        }

        func transportClosed(reason: String?) {
            events.yield("closed")
            events.finish()
        }

        func writabilityChanged() {
            events.yield(transport.isWritable ? "writable" : "not writable")
            onWritability()
        }
        deinit { events.yield("released") }
    }

    private struct Server {
        let port: Int
        let events: AsyncStream<String>
        let close: @Sendable () async throws -> Void

        enum Loops {
            case shared
            /// One that a test may block.
            case own
        }

        /// Accepts one connection, with a driver that `prepare` gives its script.
        static func start(
            on loops: Loops = .shared, _ prepare: @escaping @Sendable (Script) -> Void
        ) async throws -> Self {
            let (events, note) = AsyncStream.makeStream(of: String.self)
            let socket = try ListeningSocket(.tcp(host: "127.0.0.1", port: 0))
            let close = try await listen(on: socket, loops) { transport in
                let script = Script(transport, note)
                prepare(script)
                return script
            }
            return Self(port: socket.endpoint.port ?? 0, events: events, close: close)
        }

        /// The events up to the end of the connection.
        func all() async throws -> [String] {
            let all = await events.reduce(into: []) { $0.append($1) }
            try await close()
            return all
        }

        private static func listen(
            on socket: ListeningSocket, _ loops: Loops,
            _ makeDriver: @escaping @Sendable (any ConnectionTransport) -> any ConnectionDriver
        ) async throws -> @Sendable () async throws -> Void {
            #if os(Linux)
            if EngineUnderTest.current == .native {
                let listener = NativeListener(
                    socket, loops: try loops == .own ? NativeLoops(threads: 1) : .shared(),
                    troubled: { Issue.record($0) }, makeDriver: makeDriver)
                return { listener.close() }
            }
            #endif
            let group = loops == .own ? MultiThreadedEventLoopGroup(numberOfThreads: 1) : .singleton
            let listener = try await NIOListener.start(
                socket, tls: nil, group: group, loops: NIOLoops(group), troubled: { Issue.record($0) },
                makeDriver: makeDriver)
            return {
                try await listener.close()
                if loops == .own { try await group.shutdownGracefully() }
            }
        }
    }

    @Test("bytes go both ways, and an end of input is told apart from the end of the connection")
    func echo() async throws {
        let server = try await Server.start { script in
            #expect(script.transport.remoteEndpoint.description.hasPrefix("127.0.0.1:"))
            script.onReceive = { script, bytes in
                script.transport.write(bytes.span)
            }
            script.onEnd = { $0.transport.close() }
        }
        let peer = try await ScriptedPeer.connect(port: server.port)
        try await peer.send("hello")
        #expect(try await peer.receive(5) == Array("hello".utf8))
        peer.finishWriting()
        #expect(try await peer.receiveAll().isEmpty)
        #expect(try await server.all() == ["received 5", "end of input", "closed"])
    }

    @Test("closing sends what is unsent before", arguments: ["close", "finish"])
    func closeAfterUnsent(how: String) async throws {
        let size = 32_000_000
        let server = try await Server.start { script in
            script.onEnd = { script in
                script.transport.write([UInt8](repeating: 7, count: size).span)
                if how == "close" { script.transport.close() } else { script.transport.finishWriting() }
            }
        }
        let peer = try await ScriptedPeer.connect(port: server.port, receiveBuffer: 64 * 1024)
        peer.finishWriting()
        #expect(try await peer.receiveAll().count == size)
        #expect(try await server.all().last == "closed")
    }

    @Test("a cut drops what is unsent and resets")
    func abort() async throws {
        let server = try await Server.start { script in
            script.onReceive = { script, _ in
                script.transport.write([UInt8](repeating: 7, count: 8_000_000).span)
                script.transport.abort()
                script.transport.abort()
            }
        }
        let peer = try await ScriptedPeer.connect(port: server.port)
        try await peer.send("x")
        await #expect(throws: ScriptedPeer.Failure.self) { try await peer.receiveAll() }
        #expect(try await server.all().last == "closed")
    }

    @Test("while reading is paused nothing is read; then all of it")
    func pause() async throws {
        let (paused, note) = AsyncStream.makeStream(of: (@Sendable () -> Void).self)
        let server = try await Server.start { script in
            script.onReceive = { script, bytes in
                guard bytes.count == 1 else { return }
                script.transport.pauseReading()
                let box = UncheckedTransport(transport: script.transport)
                note.yield {
                    _ = Task(executorPreference: box.transport.loop) { box.transport.resumeReading() }
                }
            }
            script.onEnd = { $0.transport.close() }
        }
        let peer = try await ScriptedPeer.connect(port: server.port)
        try await peer.send("1")
        var resumptions = paused.makeAsyncIterator()
        let resumeReading = await resumptions.next()
        try await peer.send("22")
        resumeReading?()
        peer.finishWriting()
        _ = try await peer.receiveAll()
        let events = try await server.all()
        #expect(events == ["received 1", "received 2", "end of input", "closed"])
    }

    private struct UncheckedTransport: @unchecked Sendable {
        // SAFETY: used on its loop alone.
        let transport: any ConnectionTransport
    }

    @Test("a peer that does not read makes it unwritable, one that reads makes it writable again")
    func writability() async throws {
        let (changes, note) = AsyncStream.makeStream(of: Void.self)
        let server = try await Server.start { script in
            script.onWritability = { note.yield() }
            script.onReceive = { script, _ in
                script.transport.write([UInt8](repeating: 7, count: 8_000_000).span)
            }
            script.onEnd = { $0.transport.close() }
        }
        let peer = try await ScriptedPeer.connect(port: server.port, receiveBuffer: 64 * 1024)
        try await peer.send("x")
        // A peer that reads already may take all that is written at once.
        for await _ in changes { break }
        #expect(try await peer.receive(8_000_000).count == 8_000_000)
        peer.finishWriting()
        let events = try await server.all()
        #expect(events == ["received 1", "not writable", "writable", "end of input", "closed"])
    }

    @Test("a driver at work on its input hears of nothing else that came, even when what it writes finds the peer gone")
    func notReentered() async throws {
        let gone = DispatchSemaphore(value: 0)
        let server = try await Server.start(on: .own) { script in
            script.onReceive = { script, bytes in
                guard bytes == [1] else { return }
                gone.wait()
                script.transport.write([7].span)
                script.events.yield("handled")
            }
            script.onEnd = { $0.transport.close() }
        }
        var peer: ScriptedPeer? = try await ScriptedPeer.connect(port: server.port)
        try await peer?.send([1])
        for await event in server.events where event == "received 1" { break }
        try await peer?.send([2, 2])
        peer?.resetWhenReleased()
        peer = nil
        gone.signal()
        let events = try await server.all()
        #expect(events.first == "handled")
        #expect(events.last == "closed")
    }

    @Test("a driver that closes while it is made is told of it, and let go")
    func closedWhileMade() async throws {
        let server = try await Server.start { $0.transport.abort() }
        let peer = try await ScriptedPeer.connect(port: server.port)
        try await peer.receiveEnd()
        #expect(try await server.all() == ["closed"])
    }
}
