// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import NIOCore
import NIOSSL

/// What is known of a connection's TLS once its handshake is done.
package struct TLSSession: Sendable {
    /// The version as it stands on the wire, such as 0x0304 (RFC 8446 §4.2.1); `nil` where it is not told.
    package let version: UInt16?
    private let peer: NIOSSLCertificate?

    /// - Returns: `nil` for a connection without TLS.
    init?(_ pipeline: ChannelPipeline.SynchronousOperations) {
        guard let handler = try? pipeline.handler(type: NIOSSLServerHandler.self) else { return nil }
        version = handler.tlsVersion.map(\.wireNumber)
        peer = handler.peerCertificate
    }

    /// The client's certificate as PEM (RFC 7468); `nil` when it has shown none. Made each time it is asked for.
    package var peerCertificate: String? {
        guard let bytes = try? peer?.toDERBytes() else { return nil }
        return PEM.certificate(bytes)
    }

    /// The name in the client's certificate (RFC 4514).
    package var peerName: String? {
        guard let bytes = try? peer?.toDERBytes() else { return nil }
        return DistinguishedName(subjectOf: bytes)?.description
    }
}

extension NIOSSL.TLSVersion {
    var wireNumber: UInt16 {
        switch self {
        case .tlsv1: 0x0301
        case .tlsv11: 0x0302
        case .tlsv12: 0x0303
        case .tlsv13: 0x0304
        }
    }
}

extension NIOSSLCertificateSource {
    /// The certificate as PEM, where it was read.
    var pem: String? {
        guard case .certificate(let certificate) = self, let bytes = try? certificate.toDERBytes() else { return nil }
        return PEM.certificate(bytes)
    }
}

/// Text that holds bytes (RFC 7468).
private enum PEM {
    /// A certificate, from its DER.
    static func certificate(_ bytes: [UInt8]) -> String {
        var text = "-----BEGIN CERTIFICATE-----\n"
        var rest = Base64.encode(bytes)[...]
        while !rest.isEmpty {
            text += rest.prefix(64) + "\n"
            rest = rest.dropFirst(64)
        }
        return text + "-----END CERTIFICATE-----\n"
    }
}
