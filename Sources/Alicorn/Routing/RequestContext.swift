// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
public import AlicornProtocol
public import AlicornWebSocket

/// A request on its way through a ``Router``: what is asked for, and the way to a WebSocket connection.
///
/// What takes work is made each time it is asked for.
public struct RequestContext: Sendable {
    let exchange: Exchange
    /// What stood at the places of the route's parameters.
    public internal(set) var parameters = PathParameters()
    /// What middleware leaves for those behind it.
    public var notes: [String: any Sendable] = [:]
    /// The body as it comes; a WebSocket connection's request has none.
    public let body: RequestBody

    /// What carries the answer.
    enum Exchange: Sendable {
        case http(HTTPScope, Send)
        case webSocket(WebSocketScope, Send)
    }

    init(_ exchange: Exchange, body: RequestBody) {
        self.exchange = exchange
        self.body = body
    }

    var request: RequestScope {
        switch exchange {
        case .http(let scope, _): scope.request
        case .webSocket(let scope, _): scope.request
        }
    }

    /// Writes a line to the server's log.
    func log(_ level: ServerLogLevel, _ message: String) {
        switch exchange {
        case .http(_, let send), .webSocket(_, let send): send.channel.log?.write(level, message)
        }
    }
}

extension RequestContext {
    /// The method, in upper case; `GET` for a WebSocket connection.
    public var method: String { request.method }
    /// The path, percent-decoded, with the root path in front.
    public var path: String { request.path }
    /// The path as it was sent, with the root path in front.
    public var rawPath: String { request.rawPath }
    /// What stands behind the question mark, still percent-encoded.
    public var queryString: String { String(request.queryString) }
    /// The header fields, in wire order.
    public var headers: HeaderFields { request.head.fields }
    /// The client; `nil` on a Unix socket.
    public var client: ASGIAddress? { ASGIAddress(request.client) }
    /// Whether the client came over TLS, as far as this server or a proxy that it trusts can tell.
    public var isSecure: Bool { request.isSecure }

    /// What the application put down at its start.
    public var state: ApplicationState {
        switch exchange {
        case .http(let scope, _): scope.state
        case .webSocket(let scope, _): scope.state
        }
    }

    /// The value of the first parameter of that name in the query, decoded as forms are; `nil` when there is none. Costs a scan
    /// of the query.
    public func query(_ name: String) -> String? {
        for pair in request.queryString.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if Self.decode(parts[0]) == name { return parts.count > 1 ? Self.decode(parts[1]) : "" }
        }
        return nil
    }

    private static func decode(_ text: Substring) -> String {
        let spaced = text.utf8.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }
        return String(decoding: PercentEncoding.undo(spaced), as: UTF8.self)
    }
}

// MARK: - WebSocket

extension RequestContext {
    /// Whether it asks for a WebSocket connection.
    public var isWebSocket: Bool { if case .webSocket = exchange { true } else { false } }

    /// The subprotocols that the client of a WebSocket connection offers, in its order.
    public var subprotocols: [String] {
        if case .webSocket(let scope, _) = exchange { scope.subprotocols } else { [] }
    }

    /// Opens the WebSocket connection and serves it: the connection of the library, with all that it can.
    ///
    /// It is closed with 1000 when the request's handling ends, and with 1011 when that throws; that the client has closed is no
    /// error.
    ///
    /// - Parameters:
    ///   - subprotocol: one of ``subprotocols``, or none.
    ///   - headers: fields of the answer beside the handshake's own.
    /// - Returns: what tells the router that the request is answered.
    /// - Throws: what `serve` throws; ``NotAWebSocketRequest`` for a plain request; ``NoLibraryConnection`` where another
    ///   implementation of WebSocket serves; ``AlicornASGI/ASGIMisuse`` for a subprotocol that was not offered;
    ///   ``AlicornASGI/ClientDisconnected`` when the client is gone.
    public func upgrade(
        subprotocol: String? = nil, headers: [HeaderField] = [],
        serve: (WebSocketConnection) async throws -> Void
    ) async throws -> Response {
        guard case .webSocket(let scope, _) = exchange else { throw NotAWebSocketRequest(path: path) }
        guard scope.channel.surface.implementation != .nio else { throw NoLibraryConnection(path: path) }
        try await serve(scope.channel.open(subprotocol: subprotocol, headers: headers))
        return .upgraded
    }
}

/// A handler wanted to open a WebSocket connection for a plain request.
public struct NotAWebSocketRequest: Error, Sendable, Hashable, CustomStringConvertible {
    /// The path of the request.
    public let path: String

    /// What was done, and what to do.
    public var description: String {
        "the plain request for \(Excerpt(path)) cannot be upgraded: "
            + "add the route with webSocket(_:handler:), or look at isWebSocket"
    }
}

extension EventChannel {
    /// The log of the server.
    fileprivate var log: (any ServerLog)? {
        switch self {
        case .http(let channel): channel.exchange.log
        case .webSocket(let channel): channel.opening.log
        case .nioWebSocket(let channel): channel.handshake.opening.log
        case .lifespan: nil
        case .traced(let channel): channel.inner.log
        }
    }
}
