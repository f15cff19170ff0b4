// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import NIOSSL

/// A certificate with the chain that leads to a root, and the private key for it: who one end of a connection is.
public struct TLSIdentity: Sendable {
    private enum Source: Sendable {
        case files(certificateChain: String, privateKey: String)
        case bytes(certificateChain: [UInt8], privateKey: [UInt8])
    }

    private let source: Source
    private let passphrase: String?

    /// An identity in PEM files, which are read when the first connection needs them, and again when the ``ServerTLS`` or
    /// ``ClientTLS`` that holds it is told to reload.
    ///
    /// - Parameters:
    ///   - certificateChain: the path of the file with the certificate and then those that vouch for it, without the root.
    ///   - privateKey: the path of the file with the key.
    ///   - passphrase: opens an encrypted key.
    public static func pemFiles(certificateChain: String, privateKey: String, passphrase: String? = nil) -> Self {
        Self(source: .files(certificateChain: certificateChain, privateKey: privateKey), passphrase: passphrase)
    }

    /// An identity as the content of such files.
    public static func pem(certificateChain: [UInt8], privateKey: [UInt8], passphrase: String? = nil) -> Self {
        Self(source: .bytes(certificateChain: certificateChain, privateKey: privateKey), passphrase: passphrase)
    }

    /// Reads certificates and key.
    func load() throws(TLSMisconfiguration) -> (chain: [NIOSSLCertificateSource], key: NIOSSLPrivateKeySource) {
        let chain = try TLSMisconfiguration.reading("the certificate chain", from: chainFile) {
            switch source {
            case .files(let path, _): try NIOSSLCertificate.fromPEMFile(path)
            case .bytes(let bytes, _): try NIOSSLCertificate.fromPEMBytes(bytes)
            }
        }
        guard !chain.isEmpty else { throw TLSMisconfiguration("the certificate chain holds no certificate") }
        let key = try TLSMisconfiguration.reading("the private key", from: keyFile) {
            // An encrypted key without a passphrase would have the terminal asked for one.
            let passphrase = Array((passphrase ?? "").utf8)
            return switch source {
            case .files(_, let path):
                try NIOSSLPrivateKey(file: path, format: .pem) { $0(passphrase) }
            case .bytes(_, let bytes):
                try NIOSSLPrivateKey(bytes: bytes, format: .pem) { $0(passphrase) }
            }
        }
        return (chain.map { .certificate($0) }, .privateKey(key))
    }

    private var chainFile: String? { if case .files(let path, _) = source { path } else { nil } }
    private var keyFile: String? { if case .files(_, let path) = source { path } else { nil } }
}
