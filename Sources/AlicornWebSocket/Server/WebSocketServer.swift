// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTransport
public import Logging
public import NIOCore

#if Lifecycle
import ServiceLifecycle
#endif

/// A WebSocket server: listens, opens connections, and runs a handler for each.
///
///     let server = WebSocketServer(host: "127.0.0.1", port: 8765) { connection in
///         for try await message in connection { try await connection.send(message) }
///     }
///     try await server.run()
///
/// A connection is closed with 1000 when its handler returns and with 1011 when it throws. Its handler's task is
/// cancelled when the connection is gone. A copy of a server is the same server: it runs once at a time.
public struct WebSocketServer: Sendable {
    /// Serves one connection from its opening to its end, in a task where ``Configuration/handlerPlacement`` says.
    public typealias Handler = @Sendable (WebSocketConnection) async throws -> Void
    /// Answers a request over plain HTTP, or with `nil` lets it go on to the routes and the opening handshake, perhaps
    /// changed (HOOK-01). To throw is a 500.
    public typealias Responder = @Sendable (inout Request) async throws -> Response?
    /// The same without waiting, which needs no task: on the connection's event loop, which it must not block.
    public typealias ImmediateResponder = @Sendable (inout Request) -> Response?
    /// Makes the handler of a new connection, on its event loop.
    public typealias HandlerFactory = @Sendable (Request) -> any WebSocketHandler

    /// Where to listen: on all of them.
    public var addresses: [Address]
    /// How connections are negotiated, limited and ended; read when ``run(listening:)`` begins.
    public var configuration: Configuration
    /// Gets a line with the cause for every refused request, failed handler and connection that ended otherwise than
    /// well (`info` and `error`), and one for each that ended well (`debug`).
    public var logger: Logger
    private let application: ServerApplication
    private let lifetime = ServerLifetime()

    init(
        _ addresses: [Address], _ configuration: Configuration, _ logger: Logger, _ application: ServerApplication
    ) {
        self.addresses = addresses
        self.configuration = configuration
        self.logger = logger
        self.application = application
    }

    /// Serves until it is told to stop: by ``stop()``, by the cancellation of its task, or by the graceful shutdown of
    /// the service group that it runs in. Then it stops gracefully: no new connections, 503 to handshakes, the
    /// ``Configuration/farewell`` to peers, and after ``Configuration/stopTimeout`` what is left is cut.
    ///
    /// - Parameter listening: called with each of the addresses that are listened on, once all are.
    /// - Throws: ``WebSocketError`` with ``WebSocketError/Code/listeningFailed`` when one of the addresses is taken or not
    ///   ours, or the engine does not exist here; with ``WebSocketError/Code/misuse`` when it is running already, or the
    ///   configuration contradicts itself.
    public func run(listening: @Sendable (SocketAddress) -> Void = { _ in }) async throws {
        try configuration.check()
        let engine = try configuration.usedEngine
        let acceptor = ServerAcceptor(
            configuration: configuration, handshake: try configuration.makeHandshake(), logger: logger,
            application: application)
        try lifetime.begin(acceptor.connections)
        defer { lifetime.end() }
        let sockets = try openSockets()
        try await withListeners(on: sockets, engine, { acceptor.accept($0) }) { listeners in
            for socket in sockets {
                logger.info("server listening", metadata: ["address": "\(socket.endpoint)"])
                if let address = SocketAddress(socket.endpoint) { listening(address) }
            }
            await waitForStop(of: listeners, acceptor.connections)
            // One that cannot be closed, as it has failed before, does not keep the connections from ending.
            for listener in listeners { try? await listener.close() }
            for listener in listeners { try? await listener.waitUntilClosed() }
            // A task of its own: that this one may be cancelled is no reason to be in a hurry.
            await Task { await acceptor.stop() }.value
            logger.info("server stopped")
        }
    }

    /// Tells the server to stop, from anywhere; ``run(listening:)`` returns when it has. Without effect when it is not
    /// running.
    public func stop() { lifetime.stop() }

    /// The open connections, but those that callbacks serve: their handshake is done, and their end is not (SRV-07). Costs
    /// a copy of the list.
    public var connections: [WebSocketConnection] { lifetime.connections?.open ?? [] }

    /// The open connections that callbacks serve. Costs a copy of the list.
    public var callbackConnections: [CallbackConnection] { lifetime.connections?.openCallbacks ?? [] }

    /// Waits until the server is told to stop, or cannot listen any more.
    private func waitForStop(of listeners: [any ServerListener], _ run: ConnectionRegistry) async {
        // By the time that some of this is heard another run may have begun.
        let stop: @Sendable () -> Void = { [lifetime] in lifetime.stop(run) }
        for listener in listeners {
            Task {
                try? await listener.waitUntilClosed()
                stop()
            }
        }
        await withTaskCancellationHandler {
            #if Lifecycle
            await withGracefulShutdownHandler(
                operation: { await lifetime.waitForStop() }, onGracefulShutdown: stop)
            #else
            await lifetime.waitForStop()
            #endif
        } onCancel: {
            stop()
        }
    }
}

extension SocketAddress {
    fileprivate init?(_ endpoint: SocketEndpoint) {
        if let text = endpoint.ipAddress, let port = endpoint.port {
            try? self.init(ipAddress: text, port: port)
        } else if case .unix(let path?) = endpoint {
            try? self.init(unixDomainSocketPath: path)
        } else {
            return nil
        }
    }
}
