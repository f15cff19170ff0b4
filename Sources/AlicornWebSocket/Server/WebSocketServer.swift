// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornProtocol
import AlicornTransport
public import Logging
public import NIOCore

/// A WebSocket server: listens, opens connections, and runs a handler for each.
///
///     let server = WebSocketServer(host: "127.0.0.1", port: 8765) { connection in
///         for try await message in connection { try await connection.send(message) }
///     }
///     try await server.run()
///
/// A connection is closed with 1000 when its handler returns and with 1011 when it throws. Its handler's task is
/// cancelled when the connection is gone.
public struct WebSocketServer: Sendable {
    /// Serves one connection from its opening to its end, in a task where ``Configuration/handlerPlacement`` says.
    public typealias Handler = @Sendable (WebSocketConnection) async throws -> Void
    /// Answers a request over plain HTTP, or with `nil` lets it go on to the opening handshake.
    public typealias Responder = @Sendable (RequestHead) async throws -> Response?
    /// The same without waiting, which needs no task: on the connection's event loop, which it must not block.
    public typealias ImmediateResponder = @Sendable (RequestHead) -> Response?
    /// Makes the handler of a new connection, on its event loop.
    public typealias HandlerFactory = @Sendable (RequestHead) -> any WebSocketHandler

    /// Where to listen.
    public var address: Address
    /// How connections are negotiated, limited and ended; read when ``run(listening:)`` begins.
    public var configuration: Configuration
    /// Gets a line with the cause for every refused request, failed handler and connection that ended otherwise than
    /// well (`info` and `error`), and one for each that ended well (`debug`).
    public var logger: Logger
    private let application: ServerApplication

    init(
        _ address: Address, _ configuration: Configuration, _ logger: Logger, _ application: ServerApplication
    ) {
        self.address = address
        self.configuration = configuration
        self.logger = logger
        self.application = application
    }

    /// Serves until the task is cancelled, then stops gracefully: no new connections, 503 to handshakes, 1001 to peers,
    /// and after ``Configuration/stopTimeout`` what is left is cut.
    ///
    /// - Parameter listening: called once with the address that is listened on.
    /// - Throws: ``WebSocketError`` with ``WebSocketError/Code/listeningFailed`` when the address is taken or not ours, or
    ///   the engine does not exist here.
    public func run(listening: @Sendable (SocketAddress) -> Void = { _ in }) async throws {
        let acceptor = ServerAcceptor(
            configuration: configuration, handshake: try configuration.makeHandshake(), logger: logger,
            application: application)
        let socket = try openSocket()
        try await withListener(on: socket, { acceptor.accept($0) }) { listener in
            logger.info("server listening", metadata: ["address": "\(socket.endpoint)"])
            if let address = SocketAddress(socket.endpoint) { listening(address) }
            try await withTaskCancellationHandler {
                try await listener.waitUntilClosed()
            } onCancel: {
                Task { try? await listener.close() }
            }
            let stopTimeout = configuration.stopTimeout
            await Task { await acceptor.stop(within: stopTimeout) }.value
            logger.info("server stopped")
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

extension WebSocketServer {
    /// An answer over plain HTTP.
    public struct Response: Sendable {
        /// Status and header fields; what frames the body is added when it is sent.
        public var head: ResponseHead
        /// The body, sent only where the request's method and the status allow one.
        public var body: [UInt8]

        /// Joins a head and a body.
        public init(_ head: ResponseHead, body: [UInt8] = []) {
            self.head = head
            self.body = body
        }

        /// An answer with text.
        ///
        /// - Parameter contentType: the value of `Content-Type`.
        public static func text(
            _ text: String, status: Int = 200, contentType: String = "text/plain; charset=utf-8"
        ) -> Self {
            var fields = HeaderFields()
            try? fields.append(name: "Content-Type", value: contentType)
            return Self(ResponseHead(status: status, fields: fields), body: Array(text.utf8))
        }
    }
}
