// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornDeflate
public import AlicornNIO
public import AlicornProtocol

extension WebSocketServer {
    /// How a server negotiates, limits and stops.
    public struct Configuration: Sendable {
        /// Limits and times of each connection.
        public var connection = ConnectionConfiguration()
        /// The subprotocols to choose from; `nil` for none (SUB-02).
        public var subprotocols: Subprotocols?
        /// Chooses a subprotocol in the place of ``subprotocols``; `nil` for choosing among those.
        public var selectSubprotocol: SubprotocolSelector?
        /// Sees each answer to an opening handshake before it is sent; `nil` for nobody.
        public var amendResponse: ResponseHook?
        /// The allowed origins; `nil` for any. Set it whenever browsers with cookies connect (ORG-01).
        public var origins: Origins?
        /// The hosts that are served; `nil` for any.
        public var allowedHosts: [HostPattern]?
        /// Compression; `nil` for none (EXT-01).
        public var deflate: ServerPerMessageDeflate? = ServerPerMessageDeflate()
        /// Extensions of one's own, preferred to compression and in this order, where a client offers several at once. One
        /// is picked for the connection, the first of the client's offers that any takes (EXT-17).
        public var extensions: [any ServerExtension] = []
        /// The value of the `Server` header; `nil` for none.
        public var serverHeader: String? = "Alicorn"
        /// Limits on requests.
        public var http = HTTPLimits()
        /// Limits on how many clients come, and how often; all off by default.
        public var clients = ClientLimits()
        /// The proxies whose connections begin with a PROXY protocol header, version 1 or 2, that tells who their client
        /// is; `nil` for none.
        public var proxyProtocol: TrustedProxies?
        /// The proxies whose requests tell in a header field who their client is, and in which; `nil` for none.
        public var forwarding: TrustedForwarding?
        /// How long a connection may wait for its next HTTP request.
        public var idleTimeout: Duration = .seconds(5)
        /// How long a graceful stop waits for connections and handlers before it cuts them.
        public var stopTimeout: Duration = .seconds(10)
        /// What open connections are told when the server stops: by default they are closed with 1001.
        public var farewell = Farewell.goingAway
        /// Whether a handler's task is cancelled when its connection is gone. A handler that is not has to find out by
        /// itself, and to end: a stop of the server waits for it, and cancels it when it cuts what is left.
        public var cancelsHandlers = true
        /// Where handlers run.
        public var handlerPlacement = HandlerPlacement.eventLoop
        /// What carries the connections.
        public var engine = Engine.automatic
        /// Encrypts all connections; `nil` for plain ones. It needs the engine ``Engine/nio``, which is automatic then.
        public var tls: ServerTLS?
        /// Event loops of this server's own; `nil` shares those of the process, one for each core.
        public var threads: Int?
        /// Where metrics and spans go.
        public var observability = Observability()
        /// Whether other processes of this user may listen on the same port, with connections shared out by the system
        /// (SO_REUSEPORT).
        public var reusesPort = false

        /// The defaults: any origin, any host, no subprotocols, compression, and all limits on.
        public init() {}

        /// Looks for what contradicts itself.
        func check() throws(WebSocketError) {
            try farewell.check()
            guard tls == nil || proxyProtocol == nil else {
                throw WebSocketError(
                    .misuse,
                    "a server with TLS does not take PROXY protocol headers: let the proxy end TLS, or leave the headers out"
                )
            }
        }

        var usedEngine: Engine {
            get throws {
                guard tls != nil else { return try engine.resolved }
                guard engine != .native else {
                    throw WebSocketError(
                        .misuse, "the native engine has no TLS: use the engine nio, or automatic")
                }
                return .nio
            }
        }

        package func makeHandshake() throws(HandshakeMisuse) -> ServerHandshake {
            try ServerHandshake(
                subprotocols: selectSubprotocol == nil ? subprotocols : nil, origins: origins,
                extensions: extensions + (deflate.map { [$0] } ?? []),
                allowedHosts: allowedHosts, serverHeader: serverHeader)
        }
    }

    /// Where the handlers of connections run.
    public enum HandlerPlacement: Sendable, Hashable {
        /// On the connection's event loop: fastest, and nothing may block or compute for long there.
        case eventLoop
        /// On the threads that all tasks share: each send and receive hops to the event loop and back.
        case globalPool
    }
}
