// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornNIO
import AlicornTesting
import AlicornTransport
import NIOCore
import NIOPosix
import Synchronization
import Testing

@Suite("A listener on SwiftNIO", .timeLimit(.minutes(1)))
struct NIOListenerTests {
    private final class Echo: ConnectionDriver {
        private let transport: any ConnectionTransport
        init(_ transport: any ConnectionTransport) { self.transport = transport }
        func receive(_ input: inout MutableSpan<UInt8>) { transport.write(input.span) }
        func receiveEOF() { transport.close() }
        func transportClosed(reason: String?) {}
        func writabilityChanged() {}
    }

    /// A listener on the first of two loops, of which the second is busy until the gate is open.
    private struct Server {
        let listener: NIOListener
        let port: Int
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let gate = Gate()

        init() async throws {
            let socket = try ListeningSocket(.tcp(host: "127.0.0.1", port: 0))
            port = try #require(socket.endpoint.port)
            listener = try await NIOListener.start(
                socket, tls: nil, group: group, loops: NIOLoops(group), troubled: { Issue.record($0) },
                makeDriver: { Echo($0) })
            let busy = Array(group.makeIterator())[1]
            busy.execute { [gate] in gate.wait() }
        }
    }

    private final class Gate: Sendable {
        private let isOpen = Mutex(false)
        func open() { isOpen.withLock { $0 = true } }
        func wait() { while !isOpen.withLock({ $0 }) { sched_yield() } }
    }

    private func expectEcho(_ peer: ScriptedPeer) async throws {
        try await peer.send("x")
        #expect(try await peer.receive(1) == Array("x".utf8))
    }

    @Test("when it is closed, all that it has accepted is on its loop, though that was busy")
    func closesWithHandedOver() async throws {
        let server = try await Server()
        let busy = try await ScriptedPeer.connect(port: server.port)
        let next = try await ScriptedPeer.connect(port: server.port)
        try await expectEcho(next)
        let closing = Task { try await server.listener.close() }
        for _ in 0..<100 { await Task.yield() }
        server.gate.open()
        try await closing.value
        for peer in [busy, next] {
            try await expectEcho(peer)
            peer.finishWriting()
            #expect(try await peer.receiveAll().isEmpty)
        }
        try await server.group.shutdownGracefully()
    }

    @Test("a loop that does not move keeps it from closing for a second, not for ever")
    func closesBesideStuckLoop() async throws {
        let server = try await Server()
        try await server.listener.close()
        server.gate.open()
        try await server.group.shutdownGracefully()
    }
}
