// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornDeflate
public import AlicornNIO
public import AlicornProtocol
public import Logging

extension WebSocketClient {
    /// What a client asks for, how it gets to the server, and how it limits the connection.
    public struct Configuration: Sendable {
        /// Limits and times of the connection.
        public var connection = ConnectionConfiguration()
        /// The subprotocols to offer, the preferred ones first.
        public var subprotocols: [String] = []
        /// The `Origin` header; only browsers need one.
        public var origin: String?
        /// More header fields. `Host`, `Authorization`, `Origin` and `User-Agent` replace what would be sent instead;
        /// those that belong to the handshake, such as `Upgrade`, are ``WebSocketError/Code/misuse``.
        public var additionalFields: [HeaderField] = []
        /// The `User-Agent` header; `nil` for none.
        public var userAgent: String? = ClientHandshake.Configuration.defaultUserAgent
        /// Compression to offer; `nil` for none (EXT-01).
        public var deflate: ClientPerMessageDeflate? = ClientPerMessageDeflate()
        /// Extensions of one's own to offer before compression, the preferred ones first. The server picks one of all for
        /// the connection (EXT-17).
        public var extensions: [any ClientExtension] = []
        /// Limits on the server's response.
        public var http = HTTPLimits()

        /// TLS to servers whose address begins with `wss` (TLS-01).
        public var tls = ClientTLS.default
        /// Which proxy to go through (PRX-01, PRX-02).
        public var proxy = ProxyChoice.environment
        /// TLS to proxies whose address begins with `https` (PRX-04).
        public var proxyTLS = ClientTLS.default
        /// Where to connect instead of the address's host and port, which still stand in the request and name the server
        /// for TLS (HC-16, HC-17, UNX-02).
        public var endpoint: Endpoint?
        /// Which of a host's IP addresses are tried (HC-18).
        public var addressFamily = AddressFamily.any
        /// The IP address of this machine to connect from (HC-18).
        public var localAddress: String?
        /// How many redirects are followed one after the other; 0 for none (RED-02).
        public var maximumRedirects = 10

        /// Gets a line with the cause for each connection that ended otherwise than well (`info`), and one for each that
        /// ended well (`debug`).
        public var logger = Logger(label: "alicorn.client")
        /// Where metrics and spans go.
        public var observability = Observability()

        /// Told what a connection that is being made gets through, on whatever thread; `nil` for nobody.
        package var progress: (@Sendable (DialProgress) -> Void)?

        /// The defaults: no subprotocols, no origin, compression, the environment's proxies, and all limits on.
        public init() {}
    }

    /// Which proxy a client goes through.
    public enum ProxyChoice: Sendable, Hashable {
        /// What the process's environment says (``ProxyEnvironment``), which is never a proxy for this machine itself.
        case environment
        /// None.
        case direct
        /// This one, for all servers.
        case proxy(ProxyAddress)
    }

    /// The other end of a client's connection. Proxies that the environment names are left out for all but ``tcp(host:port:)``.
    public enum Endpoint: Sendable, Hashable {
        /// A host's name or IP address, and a port.
        case tcp(host: String, port: Int)
        /// A Unix socket in the file system.
        case unix(path: String)
        /// A connected stream socket, which the connection takes over and closes once connecting has begun: it is the
        /// caller's again when an error is ``WebSocketError/Code/misuse`` or ``WebSocketError/Code/misconfigured``.
        case connectedSocket(descriptor: Int32)
    }

    /// Which of a host's IP addresses are tried.
    public typealias AddressFamily = AlicornNIO.AddressFamily
}

extension WebSocketClient.Configuration {
    package var handshake: ClientHandshake.Configuration {
        ClientHandshake.Configuration(
            origin: origin, subprotocols: subprotocols, extensions: extensions + (deflate.map { [$0] } ?? []),
            additionalFields: additionalFields, userAgent: userAgent)
    }
}
