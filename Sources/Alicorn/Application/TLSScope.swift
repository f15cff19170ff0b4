// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornNIO
import AlicornTransport

/// What is known of a connection's TLS (A-TLS). What takes work is made each time it is asked for.
public struct TLSScope: Sendable {
    /// In one place: most connections have none, and all make room for it.
    private let connection: Connection

    private final class Connection: Sendable {
        let session: TLSSession
        let serverCertificate: String?

        init(_ session: TLSSession, _ server: ServerTLS) {
            self.session = session
            serverCertificate = server.certificate
        }
    }

    /// - Returns: `nil` for a connection without TLS. On its loop.
    init?(_ transport: @autoclosure () -> (any ConnectionTransport)?, _ server: ServerTLS?) {
        guard let server, let session = (transport()?.carrier as? NIOConnection)?.tlsSession else { return nil }
        connection = Connection(session, server)
    }

    /// The certificate that the server has shown, as PEM (A-TLS-01).
    public var serverCertificate: String? { connection.serverCertificate }

    /// The certificate that the client has shown, as PEM; empty when it has shown none (A-TLS-02). Those that vouch for it
    /// are not told.
    public var clientCertificateChain: [String] { connection.session.peerCertificate.map { [$0] } ?? [] }

    /// The name in the client's certificate (RFC 4514, A-TLS-03).
    public var clientCertificateName: String? { connection.session.peerName }

    /// Why the client's certificate was not believed, where the connection was let through: that does not happen here
    /// (A-TLS-04).
    public var clientCertificateError: String? { nil }

    /// The version of TLS as it stands on the wire, such as 0x0304 (A-TLS-05).
    public var tlsVersion: UInt16? { connection.session.version }

    /// The cipher suite as it stands on the wire: not told by the TLS library (A-TLS-06).
    public var cipherSuite: UInt16? { nil }
}
