// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import Logging

/// Servers whose connections are served by async handlers.
extension WebSocketServer {
    /// A server on any addresses.
    ///
    /// - Parameters:
    ///   - first: where to listen; any number of others may follow.
    ///   - respond: asked first, for every request.
    public init(
        listeningOn first: Address, _ others: Address..., configuration: Configuration = Configuration(),
        logger: Logger = Logger(label: "alicorn.server"), respond: Responder? = nil, handler: @escaping Handler
    ) {
        self.init(
            [first] + others, configuration, logger,
            ServerApplication(
                destination: .handlers(.tasks(handler)), responder: respond.map { .inTask($0) } ?? .nobody))
    }

    /// A server on any addresses that answers plain requests without waiting.
    ///
    /// - Parameters:
    ///   - first: where to listen; any number of others may follow.
    ///   - respond: asked first, for every request; costs no task.
    public init(
        listeningOn first: Address, _ others: Address..., configuration: Configuration = Configuration(),
        logger: Logger = Logger(label: "alicorn.server"), respond: @escaping ImmediateResponder,
        handler: @escaping Handler
    ) {
        self.init(
            [first] + others, configuration, logger,
            ServerApplication(destination: .handlers(.tasks(handler)), responder: .immediate(respond)))
    }

    /// A server on a TCP port.
    ///
    /// - Parameters:
    ///   - host: `127.0.0.1` for this machine alone, `0.0.0.0` or `::` for all interfaces.
    ///   - port: 0 lets the system pick one.
    ///   - respond: asked first, for every request.
    public init(
        host: String, port: Int, configuration: Configuration = Configuration(),
        logger: Logger = Logger(label: "alicorn.server"), respond: Responder? = nil, handler: @escaping Handler
    ) {
        self.init(
            listeningOn: .tcp(host: host, port: port), configuration: configuration, logger: logger, respond: respond,
            handler: handler)
    }

    /// A server on a TCP port that answers plain requests without waiting.
    ///
    /// - Parameters:
    ///   - host: `127.0.0.1` for this machine alone, `0.0.0.0` or `::` for all interfaces.
    ///   - port: 0 lets the system pick one.
    ///   - respond: asked first, for every request; costs no task.
    public init(
        host: String, port: Int, configuration: Configuration = Configuration(),
        logger: Logger = Logger(label: "alicorn.server"), respond: @escaping ImmediateResponder,
        handler: @escaping Handler
    ) {
        self.init(
            listeningOn: .tcp(host: host, port: port), configuration: configuration, logger: logger, respond: respond,
            handler: handler)
    }
}

/// Servers whose connections are served by callbacks.
extension WebSocketServer {
    /// A server on any addresses.
    ///
    /// - Parameters:
    ///   - first: where to listen; any number of others may follow.
    ///   - respond: asked first, for every request.
    public init(
        listeningOn first: Address, _ others: Address..., configuration: Configuration = Configuration(),
        logger: Logger = Logger(label: "alicorn.server"), respond: ImmediateResponder? = nil,
        callbacks makeHandler: @escaping HandlerFactory
    ) {
        self.init(
            [first] + others, configuration, logger,
            ServerApplication(
                destination: .handlers(.callbacks(makeHandler)), responder: respond.map { .immediate($0) } ?? .nobody))
    }

    /// A server on a TCP port.
    public init(
        host: String, port: Int, configuration: Configuration = Configuration(),
        logger: Logger = Logger(label: "alicorn.server"), respond: ImmediateResponder? = nil,
        callbacks makeHandler: @escaping HandlerFactory
    ) {
        self.init(
            listeningOn: .tcp(host: host, port: port), configuration: configuration, logger: logger, respond: respond,
            callbacks: makeHandler)
    }
}

/// Servers that serve each path in its own way.
extension WebSocketServer {
    /// A server on any addresses, with routes.
    ///
    /// - Parameters:
    ///   - first: where to listen; any number of others may follow.
    ///   - respond: asked first, for every request; the routes get what it lets go on (RTR-05).
    public init(
        listeningOn first: Address, _ others: Address..., configuration: Configuration = Configuration(),
        logger: Logger = Logger(label: "alicorn.server"), respond: Responder? = nil, routes: Routes
    ) {
        self.init(
            [first] + others, configuration, logger,
            ServerApplication(destination: .routes(routes), responder: respond.map { .inTask($0) } ?? .nobody))
    }
}
