// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
public import AlicornProtocol
import AlicornTransport

/// What the application keeps from its start on, for all requests (A-HS-14, A-LS-10): each gets a copy.
public typealias ApplicationState = [String: any Sendable]

/// An end of a connection as ASGI tells it (A-HS-12, A-HS-13).
public struct ASGIAddress: Sendable, Hashable {
    /// An IP address, or the path of a Unix socket.
    public let host: String
    /// `nil` for a Unix socket.
    public let port: Int?

    init?(_ endpoint: SocketEndpoint) {
        if let address = endpoint.ipAddress {
            host = address
            port = endpoint.port
        } else if case .unix(let path?) = endpoint {
            host = path
            port = nil
        } else {
            return nil
        }
    }
}

/// What a request is (A-HS). What takes work is made each time it is asked for.
public struct HTTPScope: Sendable {
    let request: RequestScope
    /// A copy of what the application put down at its start (A-HS-14).
    public let state: ApplicationState
    /// What is known of the connection's TLS (A-TLS); `nil` for a connection without.
    public let tls: TLSScope?

    /// `http` (A-HS-01).
    public var type: String { "http" }
    /// The version of ASGI (A-HS-02).
    public var asgiVersion: String { ASGIVersion.base }
    /// The version of its part on HTTP (A-HS-03).
    public var specVersion: String { ASGIVersion.http }
    /// `1.0` or `1.1` (A-HS-04).
    public var httpVersion: String { request.httpVersion }
    /// In upper case (A-HS-05).
    public var method: String { request.method }
    /// `http` or `https` (A-HS-06).
    public var scheme: String { request.isSecure ? "https" : "http" }
    /// The path, percent-decoded, with the ``rootPath`` in front (A-HS-07).
    public var path: String { request.path }
    /// The path as it was sent (A-HS-08).
    public var rawPath: String { request.rawPath }
    /// What stands behind the question mark, still percent-encoded (A-HS-09).
    public var queryString: String { String(request.queryString) }
    /// Where the application is mounted (A-HS-10).
    public var rootPath: String { request.rootPath }
    /// The header fields as they came, in order (A-HS-11). Names are compared without regard to case.
    public var headers: HeaderFields { request.head.fields }
    /// The client; `nil` on a Unix socket (A-HS-12).
    public var client: ASGIAddress? { ASGIAddress(request.client) }
    /// What the server listens on (A-HS-13).
    public var server: ASGIAddress? { ASGIAddress(request.server) }
    /// The names of the extensions that may be used (A-HS-15, A-EX).
    public var extensions: Set<String> {
        var names: Set = [
            "http.response.early_hint", "http.response.pathsend", "http.response.trailers",
            "http.response.zerocopysend",
        ]
        if tls != nil { names.insert("tls") }
        return names
    }
}

/// What a WebSocket connection to be opened is (A-WS).
public struct WebSocketScope: Sendable {
    let request: RequestScope
    let channel: WebSocketChannel
    /// A copy of what the application put down at its start (A-WS-05).
    public let state: ApplicationState
    /// As in ``HTTPScope/tls``.
    public let tls: TLSScope?

    /// `websocket` (A-WS-01).
    public var type: String { "websocket" }
    /// The version of ASGI (A-WS-02).
    public var asgiVersion: String { ASGIVersion.base }
    /// The version of its part on WebSocket (A-WS-02).
    public var specVersion: String { ASGIVersion.webSocket }
    /// `1.1` (A-WS-03).
    public var httpVersion: String { request.httpVersion }
    /// `ws` or `wss` (A-WS-04).
    public var scheme: String { request.isSecure ? "wss" : "ws" }
    /// As in ``HTTPScope/path``.
    public var path: String { request.path }
    /// As in ``HTTPScope/rawPath``.
    public var rawPath: String { request.rawPath }
    /// As in ``HTTPScope/queryString`` (A-WS-06).
    public var queryString: String { String(request.queryString) }
    /// As in ``HTTPScope/rootPath``.
    public var rootPath: String { request.rootPath }
    /// As in ``HTTPScope/headers``.
    public var headers: HeaderFields { request.head.fields }
    /// As in ``HTTPScope/client``.
    public var client: ASGIAddress? { ASGIAddress(request.client) }
    /// As in ``HTTPScope/server``.
    public var server: ASGIAddress? { ASGIAddress(request.server) }
    /// What the client offers, in its order (A-WS-07).
    public var subprotocols: [String] { channel.offeredSubprotocols }
    /// The names of the extensions that may be used (A-EX-01).
    public var extensions: Set<String> {
        tls == nil ? ["websocket.http.response"] : ["websocket.http.response", "tls"]
    }
}

/// The life of the server (A-LS-01).
public struct LifespanScope: Sendable {
    let channel: LifespanChannel

    /// `lifespan`.
    public var type: String { "lifespan" }
    /// The version of ASGI.
    public var asgiVersion: String { ASGIVersion.base }
    /// The version of its part on lifespan.
    public var specVersion: String { ASGIVersion.lifespan }
    /// What all requests get a copy of; to be filled before the application says that it has started.
    public var state: ApplicationState {
        get { channel.state }
        nonmutating set { channel.state = newValue }
    }
}
