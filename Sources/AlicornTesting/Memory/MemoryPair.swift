// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport
public import AlicornWebSocket
import Logging

/// A client and a server that are connected to each other in memory and in virtual time, to test what uses connections.
///
///     let pair = MemoryPair(clock: VirtualClock())
///     pair.serve { connection in
///         for try await message in connection { try await connection.send(message) }
///     }
///     try await pair.client.send("hello")
///     #expect(try await pair.client.receive() == "hello")
///     pair.advance(by: .seconds(60))  // pings and pongs, a minute of them
///
/// Both ends are the real thing: opening negotiation, frames, compression, keepalive and closing; only the socket and
/// the time are not. Nothing waits for real time, so a test that would take minutes takes none. What needs time to pass,
/// such as closing against a peer that does not answer, waits for ``advance(by:)``: start it in a task of its own.
///
/// The connection is cut when the pair is let go.
public final class MemoryPair: Sendable {
    /// The time of both ends.
    public let clock: VirtualClock
    /// The client's end.
    public let client: WebSocketConnection
    /// The server's end.
    public let server: WebSocketConnection

    private let parts: Parts

    private struct Parts: @unchecked Sendable {
        // SAFETY: touched on the loop alone.
        let client: ConnectionAssembly.Parts
        let server: ConnectionAssembly.Parts
        let upstream: MemoryLink
        let downstream: MemoryLink
    }

    /// Connects two ends with the default configuration of both.
    public convenience init(clock: VirtualClock = VirtualClock()) {
        // The defaults agree with each other: nothing is thrown.
        // swift-format-ignore: NeverUseForceTry
        try! self.init(
            clock: clock, client: WebSocketClient.Configuration(), server: WebSocketServer.Configuration())
    }

    /// Connects two ends.
    ///
    /// - Parameters:
    ///   - target: the request target, path and query.
    ///   - network: what lies between them.
    /// - Throws: ``AlicornProtocol/HandshakeFailure`` when the two configurations do not agree with each other, and
    ///   ``AlicornProtocol/HandshakeMisuse`` or ``AlicornProtocol/InvalidURI`` for what cannot be sent.
    public init(
        clock: VirtualClock = VirtualClock(), client: WebSocketClient.Configuration,
        server: WebSocketServer.Configuration, target: String = "/", network: MemoryNetwork = MemoryNetwork()
    ) throws {
        self.clock = clock
        let meeting = try Meeting(client, server, target: target)
        parts = clock.loop.perform {
            let near = MemoryTransport(loop: clock.loop, localAddress: "client", remoteAddress: "server")
            let far = MemoryTransport(loop: clock.loop, localAddress: "server", remoteAddress: "client")
            let upstream = MemoryLink(from: near, to: far, network)
            let downstream = MemoryLink(from: far, to: near, network)
            return Parts(
                client: meeting.makeEnd(.client, client.connection, on: near, logger: client.logger),
                server: meeting.makeEnd(
                    .server, server.connection, on: far,
                    logger: Logger(label: "alicorn.server") { _ in SwiftLogNoOpLogHandler() }),
                upstream: upstream, downstream: downstream)
        }
        self.client = parts.client.connection
        self.server = parts.server.connection
    }

    deinit { reset() }

    /// Moves the time for both ends, and runs all that is due on the way.
    ///
    /// Not to be called from within a handler.
    public func advance(by duration: Duration) { clock.advance(by: duration) }

    /// Runs what is ready now, without moving the time.
    public func settle() { clock.advance(by: .zero) }

    /// Serves the server's end as a ``AlicornWebSocket/WebSocketServer`` does: on its event loop, closed with 1000 when
    /// `handler` returns and with 1011 when it throws, cancelled when the connection is gone.
    ///
    /// The handler has run until its first wait when this returns.
    ///
    /// - Returns: the handler's task, which ends when the connection is closed.
    @discardableResult
    public func serve(
        _ handler: @escaping @Sendable (WebSocketConnection) async throws -> Void
    ) -> Task<Void, any Error> {
        let task = Task(executorPreference: clock.loop.connectionLoop) { [server] in
            do {
                try await handler(server)
            } catch {
                try? await server.close(.internalError)
                throw error
            }
            try await server.close(.normalClosure)
        }
        clock.loop.perform { parts.server.queue.cancelWhenClosed(task) }
        settle()
        return task
    }

    /// Loses all that is on its way and all that is sent from now on, as if the cable was cut: neither side is told.
    public func fallSilent() {
        clock.loop.perform {
            parts.upstream.isSilent = true
            parts.downstream.isSilent = true
        }
    }

    /// Resets the connection, for both ends at once.
    public func reset() {
        clock.loop.perform {
            for end in [parts.client, parts.server] {
                (end.driver.transport as? MemoryTransport)?.fail("connection reset by peer")
            }
        }
    }
}

/// The opening handshake of the two ends, without the wire.
private struct Meeting {
    private let heads: OpeningHeads
    private let agreement: ClientHandshake.Agreement
    private let acceptance: HandshakeAcceptance

    init(
        _ client: WebSocketClient.Configuration, _ server: WebSocketServer.Configuration, target: String
    ) throws {
        var generator = SystemRandomNumberGenerator()
        let handshake = try ClientHandshake(
            to: WebSocketURI("ws://localhost\(target)"), configuration: client.handshake, using: &generator)
        switch try server.makeHandshake().evaluate(handshake.request, announcesBody: false) {
        case .accepted(let acceptance): self.acceptance = acceptance
        case .refused(let refusal), .notAnUpgrade(let refusal): throw refusal.failure
        }
        let response = try acceptance.response()
        agreement = try handshake.evaluate(response)
        heads = OpeningHeads(request: handshake.request, response: response)
    }

    func makeEnd(
        _ role: Role, _ configuration: ConnectionConfiguration, on transport: MemoryTransport, logger: Logger
    ) -> ConnectionAssembly.Parts {
        let accepted =
            switch role {
            case .client: agreement.acceptedExtension
            case .server: acceptance.acceptedExtension
            }
        let parts = ConnectionAssembly.makeConnection(
            role: role, configuration: configuration, transform: accepted?.transform, transport: transport,
            heads: heads, logger: logger)
        transport.setDriver(parts.driver)
        return parts
    }
}
