// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import AlicornWebSocket
import EngineTesting
import Logging
import NIOCore
import Synchronization
import Testing

/// Who closed and why, over real sockets: in the error, in the log, and by type.
@Suite("The end of a server's connection", .onEachEngine, .timeLimit(.minutes(1)))
struct EndOfConnectionTests {
    /// What the two tell who see a connection end: its handler, and who reads the log.
    private final class Witness: Sendable {
        let log = RecordedLog(level: .info)
        private let seen = Mutex<(error: (any Error)?, closure: Closure?)>((nil, nil))

        /// Receives all there is and notes how it ended.
        func receive(from connection: WebSocketConnection) async {
            do {
                for try await _ in connection {}
            } catch {
                seen.withLock { $0.error = error }
            }
            await connection.waitUntilClosed()
            let closure = await connection.closure
            seen.withLock { $0.closure = closure }
        }

        var error: WebSocketError? { seen.withLock { $0.error as? WebSocketError } }
        var closure: Closure? { seen.withLock { $0.closure } }
    }

    /// Lets a peer do what it likes with a connection, and stops the server when all is over.
    private func end(
        _ change: (inout ConnectionConfiguration) -> Void = { _ in },
        handler: (@Sendable (WebSocketConnection) async throws -> Void)? = nil, receiveBuffer: Int? = nil,
        _ play: (ScriptedPeer) async throws -> Void
    ) async throws -> Witness {
        let witness = Witness()
        var configuration = WebSocketServer.Configuration()
        change(&configuration.connection)
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let server = WebSocketServer(
            host: "127.0.0.1", port: 0, configuration: configuration, logger: witness.log.logger
        ) { connection in
            defer { end.finish() }
            try await handler?(connection)
            await witness.receive(from: connection)
        }
        let running = try await RunningServer(server)
        try await play(try await running.openScripted(receiveBuffer: receiveBuffer))
        for await _ in ends {}
        try await running.stop()
        return witness
    }

    private func close(_ code: UInt16, _ reason: String = "") -> [UInt8] {
        ScriptedConnection.frame(0x88, [UInt8(code >> 8), UInt8(code & 0xFF)] + Array(reason.utf8))
    }

    @Test("D11: a normal close is silent", arguments: [1000, 1001] as [UInt16])
    func normal(code: UInt16) async throws {
        let witness = try await end { peer in
            try await peer.send(close(code))
            _ = try await peer.receiveAll()
        }
        #expect(witness.error == nil)
        #expect(witness.closure?.isNormal == true)
        #expect(witness.closure?.initiator == .peer)
        #expect(witness.log.causes == [])
    }

    @Test("the peer's close: its code, the code's name, its reason")
    func peerClose() async throws {
        let witness = try await end { peer in
            try await peer.send(close(4001, "token expired"))
            _ = try await peer.receiveAll()
        }
        let sentence = "the peer closed with 4001 (private use) token expired, we answered 4001 (private use)"
        #expect(witness.error?.description == sentence)
        #expect(witness.error?.closure?.cause == .closedByPeer)
        #expect(witness.log.causes == [sentence])
    }

    @Test("a ping timeout: how long nothing came")
    func pingTimeout() async throws {
        let witness = try await end {
            $0.limits.pingInterval = .milliseconds(40)
            $0.limits.pingTimeout = .milliseconds(40)
            $0.limits.closeTimeout = .milliseconds(100)
        } _: { peer in
            _ = try await peer.receiveAll()
        }
        guard case .keepaliveTimeout(let silence) = witness.closure?.cause else {
            Issue.record("\(String(describing: witness.closure))")
            return
        }
        #expect(silence >= .milliseconds(80))
        #expect(witness.error?.description.hasPrefix("nothing came from the peer for 0.") == true)
        #expect(witness.closure?.initiator == .us)
        #expect(witness.log.causes.count == 1)
        #expect(
            witness.log.causes.first?.contains("we closed with 1011 (internal error) keepalive ping timeout") == true)
    }

    @Test("a reset is told from an end of TCP without a close frame", arguments: [true, false])
    func lost(isReset: Bool) async throws {
        let witness = try await end { peer in
            if isReset { peer.resetWhenReleased() }
        }
        let sentence =
            isReset
            ? "the connection failed without a close frame (1006): Connection reset by peer"
            : "TCP ended without a close frame (1006): the peer is gone, or something between us cut the connection"
        #expect(witness.error?.description == sentence)
        #expect(
            witness.closure?.cause == (isReset ? .transportFailed("Connection reset by peer") : .connectionLost))
        #expect(witness.closure?.initiator == .network)
        #expect(witness.closure?.code == .abnormalClosure)
        #expect(witness.log.causes == [sentence])
    }

    @Test("a peer that stopped reading: how long nothing could be written")
    func writeTimeout() async throws {
        let kept = Mutex<ScriptedPeer?>(nil)
        let witness = try await end(
            { $0.writeTimeout = .milliseconds(100) },
            handler: { connection in
                connection.post(.binary(ByteBuffer(repeating: 1, count: 16 << 20)))
            }, receiveBuffer: 4096
        ) { peer in kept.withLock { $0 = peer } }
        kept.withLock { $0 = nil }
        let sentence = "the peer stopped reading: nothing could be written to it for 0.1 s; we cut the connection"
        #expect(witness.closure?.cause == .writeTimeout(.milliseconds(100)))
        #expect(witness.error?.description == sentence)
        #expect(witness.log.causes == [sentence])
    }

    @Test("the limit on what is unsent: its value, and how much it was")
    func unsentLimit() async throws {
        let witness = try await end(
            { $0.maximumUnsentBytes = 1 << 20 },
            handler: { connection in
                connection.post(.binary(ByteBuffer(repeating: 1, count: 16 << 20)))
            }, receiveBuffer: 4096
        ) { peer in try await peer.receiveEnd() }
        guard case .tooMuchUnsent(let bytes, let limit) = witness.closure?.cause else {
            Issue.record("\(String(describing: witness.closure))")
            return
        }
        #expect(limit == 1 << 20)
        #expect(bytes > limit)
        #expect(
            witness.log.causes.first?.contains("\(bytes) bytes that it did not take exceed the limit of 1048576")
                == true)
        #expect(witness.log.causes.count == 1)
    }

    @Test("a limit on messages: which, its value, and what came")
    func messageLimit() async throws {
        let witness = try await end {
            $0.limits.maximumMessageSize = 1000
        } _: { peer in
            try await peer.send(ScriptedConnection.frame(0x82, Array(repeating: 0, count: 2000)))
            _ = try await peer.receiveAll()
        }
        let sentence =
            "the peer exceeded a limit: message of at least 2000 bytes exceeds the limit of 1000; "
            + "we closed with 1009 (message too big)"
        #expect(witness.closure?.cause == .violation(.messageTooBig(size: 2000, limit: 1000)))
        #expect(witness.error?.description == sentence)
        #expect(witness.log.causes == [sentence])
    }

    @Test("a violation: the rule")
    func violation() async throws {
        let witness = try await end { peer in
            try await peer.send([0x81, 0x01, 0x61])
            _ = try await peer.receiveAll()
        }
        let sentence =
            "the peer broke the protocol: frame from a client is not masked; we closed with 1002 (protocol error)"
        #expect(witness.closure?.cause == .violation(.unmaskedFrame))
        #expect(witness.error?.description == sentence)
        #expect(witness.log.causes == [sentence])
    }

    @Test("our own close: the code that we sent, and the peer's answer")
    func ownClose() async throws {
        let witness = try await end(
            handler: { try await $0.close(4000, reason: "enough") },
            { peer in
                _ = try await peer.receive(2 + 2 + 6)
                try await peer.send(close(4000))
                _ = try await peer.receiveAll()
            })
        let sentence = "we closed with 4000 (private use) enough, the peer answered 4000 (private use)"
        #expect(witness.closure?.cause == .closedLocally)
        #expect(witness.error?.description == sentence)
        #expect(witness.log.causes == [sentence])
    }

    @Test("SRV-11: a handler that throws is one line, with the error")
    func handlerFailure() async throws {
        struct Fault: Error {}
        let witness = try await end(
            handler: { _ in throw Fault() },
            { peer in
                _ = try await peer.receive(4)
                try await peer.send(close(1011))
                _ = try await peer.receiveAll()
            })
        let lines = witness.log.lines.filter { $0.message.hasPrefix("connection") }
        #expect(lines.map(\.message) == ["connection handler failed"])
        #expect(lines.first?.metadata["error"] == "Fault()")
    }

    @Test("the server's stop: told as such, and silent when the peer answers", arguments: [true, false])
    func stop(isAnswered: Bool) async throws {
        let witness = Witness()
        var configuration = WebSocketServer.Configuration()
        configuration.connection.limits.closeTimeout = .milliseconds(200)
        let server = WebSocketServer(
            host: "127.0.0.1", port: 0, configuration: configuration, logger: witness.log.logger
        ) { await witness.receive(from: $0) }
        let running = try await RunningServer(server)
        let peer = try await running.openScripted()
        running.cancel()
        _ = try await peer.receive(4)
        if isAnswered { try await peer.send(close(1001)) }
        try await peer.receiveEnd()
        try await running.stopped
        #expect(witness.closure?.cause == .shutdown)
        #expect(witness.closure?.initiator == .us)
        let sentence =
            "our side is shutting down: we closed with 1001 (going away), the peer sent no close frame; "
            + "it did not end the connection in time"
        #expect(witness.log.causes == (isAnswered ? [] : [sentence]))
    }

    @Test("a connection that the application cuts says so")
    func cut() async throws {
        final class Cutter: WebSocketHandler {
            func opened(_ connection: CallbackConnection) { connection.abort() }
            func received(_ kind: MessageKind, _ bytes: Span<UInt8>, on connection: CallbackConnection) {}
        }
        let log = RecordedLog(level: .info)
        let running = try await RunningServer(
            WebSocketServer(host: "127.0.0.1", port: 0, logger: log.logger, callbacks: { _ in Cutter() }))
        let peer = try await running.openScripted()
        try await peer.receiveEnd()
        try await running.stop()
        #expect(log.causes == ["we cut the connection without a close frame"])
    }
}
