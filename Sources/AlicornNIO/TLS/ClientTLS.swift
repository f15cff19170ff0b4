// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import NIOSSL

/// How a client uses TLS.
///
/// Files are read when the first connection needs them, and then again after ``reload()``. Make one and use it for all
/// connections: it keeps what was read.
public struct ClientTLS: Sendable {
    /// The system's roots, no certificate of our own, and the name in the address.
    public static let `default` = ClientTLS()

    private let context: TLSContext
    private let isVerifying: Bool
    private let serverName: String?

    /// - Parameters:
    ///   - trustRoots: who vouches for servers.
    ///   - identity: the client's certificate, for servers that want one.
    ///   - serverName: the name that the server's certificate has to hold, and that it is asked for (SNI), instead of the
    ///     one in the address.
    ///   - minimumVersion: the oldest version that is spoken.
    public init(
        trustRoots: [TLSTrustRoots] = [.system], identity: TLSIdentity? = nil, serverName: String? = nil,
        minimumVersion: TLSProtocolVersion = .tls12
    ) {
        self.init(trusting: trustRoots, identity, serverName, minimumVersion)
    }

    /// Encrypts for whoever answers: no certificate is checked, so anybody on the way can read and change everything. For
    /// tests.
    public static func insecureWithoutVerification(
        identity: TLSIdentity? = nil, serverName: String? = nil, minimumVersion: TLSProtocolVersion = .tls12
    ) -> Self {
        Self(trusting: nil, identity, serverName, minimumVersion)
    }

    /// - Parameter trustRoots: `nil` to trust everybody.
    private init(
        trusting trustRoots: [TLSTrustRoots]?, _ identity: TLSIdentity?, _ serverName: String?,
        _ minimumVersion: TLSProtocolVersion
    ) {
        self.serverName = serverName
        isVerifying = trustRoots != nil
        context = TLSContext { () throws(TLSMisconfiguration) in
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.minimumTLSVersion = minimumVersion.version
            // RFC 7301: a server that has HTTP/2 as well learns that this is not what we speak (RFC 6455 §1.3).
            configuration.applicationProtocols = ["http/1.1"]
            if let trustRoots {
                try configuration.trust(trustRoots)
                // The name is checked by ``TLSClientLayer``.
                configuration.certificateVerification = .noHostnameVerification
            } else {
                configuration.certificateVerification = .none
            }
            if let identity { try configuration.present(identity) }
            return configuration
        }
    }

    /// Reads the files again; connections that are open go on.
    ///
    /// - Throws: ``TLSMisconfiguration`` when they cannot be used; what was read before stays in use then.
    public func reload() throws(TLSMisconfiguration) { try context.load() }

    /// What a connection to `host` needs; reads files the first time, which blocks.
    package func layer(to host: String) throws(TLSMisconfiguration) -> TLSClientLayer {
        // A name is sent and looked for without the dot of the root (RFC 6066 §3).
        let name = serverName ?? host
        return TLSClientLayer(
            context: try context.current(), name: name.hasSuffix(".") ? String(name.dropLast()) : name,
            isVerifying: isVerifying)
    }
}
