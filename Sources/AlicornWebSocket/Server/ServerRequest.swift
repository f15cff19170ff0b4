// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornProtocol
import AlicornTransport

extension WebSocketServer {
    /// A request on its way through a server: what the client sent, and what the server knows beside.
    ///
    /// A ``Responder`` may change it; who comes after it, the opening handshake and the handler among them, sees the
    /// changed one.
    public struct Request: Sendable {
        /// Method, target and header fields, as they came.
        public var head: RequestHead
        /// The body, where `configuration.http.requestBody` says how long one may be; without that bodies are read over.
        public internal(set) var body: [UInt8]
        /// Who sent it, when somebody has found that out, such as ``BasicAuthentication``: it is then
        /// ``WebSocketConnection/username`` too.
        public var username: String?
        /// Whether the client came over TLS, as far as this server or a proxy that it trusts can tell.
        public internal(set) var isSecure: Bool
        var remote: SocketEndpoint
        let local: SocketEndpoint

        init(
            _ head: RequestHead, body: [UInt8] = [], remote: SocketEndpoint, local: SocketEndpoint,
            isSecure: Bool = false
        ) {
            self.head = head
            self.body = body
            self.remote = remote
            self.local = local
            self.isSecure = isSecure
        }

        /// The method, case as sent.
        @inlinable public var method: String { head.method }
        /// The request target, exactly as sent: still percent-encoded, query included.
        @inlinable public var target: String { head.target }
        /// The target's path, still percent-encoded, without the query; empty for a target that has none.
        public var path: Substring { head.pathAndQuery.prefix { $0 != "?" } }
        /// The header fields, in wire order.
        @inlinable public var fields: HeaderFields { head.fields }
        /// The client's address, such as `192.0.2.1:80`, `[2001:db8::1]:80` or `unix`; what a trusted proxy says it is
        /// where one is configured. Made each time it is asked for.
        public var remoteAddress: String { remote.description }
        /// Our address, in the same form.
        public var localAddress: String { local.description }
        /// Whether it asks for a WebSocket connection, rightly or not.
        public var isHandshake: Bool { head.fields.containsToken("websocket", in: "Upgrade") }
    }
}

/// What is known of a connection's client beside its address, for those connections of which something is.
package final class ConnectionDetails: Sendable {
    let username: String?
    let isSecure: Bool

    /// Only that the client came over TLS, or over none; `nil` for that.
    package init?(isSecure: Bool) {
        guard isSecure else { return nil }
        username = nil
        self.isSecure = true
    }

    /// - Returns: `nil` when nothing is known.
    init?(_ request: WebSocketServer.Request) {
        guard request.username != nil || request.isSecure else { return nil }
        username = request.username
        isSecure = request.isSecure
    }
}
