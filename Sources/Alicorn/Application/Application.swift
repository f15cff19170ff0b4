// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// An ASGI application in Swift: called once for each request, each WebSocket connection, and once for the life of the
/// server.
///
///     struct Hello: Application {
///         func handle(_ scope: Scope, receive: Receive, send: Send) async throws {
///             guard case .http = scope else { throw UnsupportedScope(scope) }
///             try await send(.httpResponseStart(status: 200))
///             try await send(.httpResponseBody("Hello, World!"))
///         }
///     }
///
/// It runs on the event loop of its connection and must not block or compute for long there. Its task is cancelled only
/// when the server ends it. For routes, whole requests and WebSocket connections see ``Router``.
public protocol Application: Sendable {
    /// Serves what `scope` says.
    ///
    /// To throw is answered with 500, or ends the connection with 1011; that the client is gone, ``ClientDisconnected``, is
    /// no error.
    func handle(_ scope: Scope, receive: Receive, send: Send) async throws
}

/// What an application is called for.
public enum Scope: Sendable {
    /// A request (A-HS).
    case http(HTTPScope)
    /// A WebSocket connection to be opened (A-WS).
    case webSocket(WebSocketScope)
    /// The life of the server (A-LS).
    case lifespan(LifespanScope)

    /// The specification's name for it: `http`, `websocket` or `lifespan`.
    public var type: String {
        switch self {
        case .http: "http"
        case .webSocket: "websocket"
        case .lifespan: "lifespan"
        }
    }
}

/// What an application throws that does not serve a kind of scope.
public struct UnsupportedScope: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of scope.
    public let type: String

    /// The application does not serve `scope`.
    public init(_ scope: Scope) { type = scope.type }

    /// What it does not serve.
    public var description: String { "the application does not serve scopes of type '\(type)'" }
}
