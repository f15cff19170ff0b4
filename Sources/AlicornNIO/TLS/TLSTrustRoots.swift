// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import NIOSSL

/// Certificates whose word counts for that of others.
public enum TLSTrustRoots: Sendable, Hashable {
    /// Those that the system trusts.
    case system
    /// Those in a PEM file.
    case pemFile(String)
    /// Those in the content of such a file.
    case pem([UInt8])
}

extension TLSConfiguration {
    /// Trusts all of `roots`, and nobody else.
    mutating func trust(_ roots: [TLSTrustRoots]) throws(TLSMisconfiguration) {
        trustRoots = roots.contains(.system) ? .default : .certificates([])
        additionalTrustRoots = []
        for root in roots {
            guard let certificates = try root.certificates() else { continue }
            additionalTrustRoots.append(.certificates(certificates))
        }
    }
}

extension TLSTrustRoots {
    /// - Returns: `nil` for the system's.
    fileprivate func certificates() throws(TLSMisconfiguration) -> [NIOSSLCertificate]? {
        let what = "the trusted certificates"
        switch self {
        case .system: return nil
        case .pemFile(let path):
            return try TLSMisconfiguration.reading(what, from: path) { try NIOSSLCertificate.fromPEMFile(path) }
        case .pem(let bytes):
            return try TLSMisconfiguration.reading(what, from: nil) { try NIOSSLCertificate.fromPEMBytes(bytes) }
        }
    }
}
