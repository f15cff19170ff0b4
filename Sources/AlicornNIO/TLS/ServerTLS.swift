// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import NIOSSL

/// How a server uses TLS: its certificate, and what it wants of its clients'.
///
/// ``reload()`` has new connections see the certificate that is in the files by then; those that are open go on.
public final class ServerTLS: Sendable {
    /// What a server does about the certificates of clients.
    public enum ClientCertificates: Sendable, Hashable {
        /// It does not ask for them.
        case ignored
        /// It asks for them: who has one is taken only if these roots vouch for it, and who has none is taken, too.
        case optional(trustRoots: [TLSTrustRoots])
        /// It takes connections only from clients whose certificates these roots vouch for.
        case required(trustRoots: [TLSTrustRoots])
    }

    private let context: TLSContext

    /// The certificate that new clients see, as PEM.
    package var certificate: String? { context.certificate }

    /// Reads the files.
    ///
    /// - Parameters:
    ///   - minimumVersion: the oldest version that is spoken.
    ///   - maximumVersion: the newest one.
    ///   - cipherSuites: those of TLS 1.2; `nil` for a choice of safe ones.
    /// - Throws: ``TLSMisconfiguration`` when they cannot be used.
    public init(
        identity: TLSIdentity, clientCertificates: ClientCertificates = .ignored,
        minimumVersion: TLSProtocolVersion = .tls12, maximumVersion: TLSProtocolVersion = .tls13,
        cipherSuites: TLSCipherSuites? = nil
    ) throws(TLSMisconfiguration) {
        context = TLSContext { () throws(TLSMisconfiguration) in
            let loaded = try identity.load()
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: loaded.chain, privateKey: loaded.key)
            configuration.minimumTLSVersion = minimumVersion.version
            configuration.maximumTLSVersion = maximumVersion.version
            if let cipherSuites { configuration.cipherSuites = cipherSuites.names.joined(separator: ":") }
            switch clientCertificates {
            case .ignored: break
            case .optional(let roots):
                try configuration.trust(roots)
                configuration.certificateVerification = .optionalVerification
            case .required(let roots):
                try configuration.trust(roots)
                configuration.certificateVerification = .noHostnameVerification
            }
            return configuration
        }
        try context.load()
    }

    /// Reads the files again. Blocks while it does.
    ///
    /// - Throws: ``TLSMisconfiguration`` when they cannot be used; what was read before stays in use then.
    public func reload() throws(TLSMisconfiguration) { try context.load() }

    /// The handler for a connection that was accepted.
    func makeHandler() throws(TLSMisconfiguration) -> NIOSSLServerHandler {
        NIOSSLServerHandler(context: try context.current(), configuration: .frugal)
    }
}
