// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTransport
import NIOCore
import NIOSSL

/// Why no TLS came about with somebody, or why it ended (RFC 8446 §6).
public struct TLSFailure: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Kind: Sendable, Hashable {
        /// The peer's certificate is not vouched for by a trusted root, or is out of date.
        case certificate
        /// The peer's certificate is for other names.
        case name
        /// The peer answered something that is not TLS.
        case notTLS
        /// The peer refused, as for the lack of a certificate of ours.
        case refused
        /// The connection ended in the middle of the handshake.
        case ended
        /// Anything else.
        case other
    }

    /// What kind of failure it is.
    public let kind: Kind
    /// What happened, as a sentence.
    public let description: String

    init(_ kind: Kind, with name: String, _ explanation: String) {
        self.kind = kind
        let trouble =
            switch kind {
            case .certificate: "the certificate of \(name) is not to be trusted"
            case .name: "whoever answers is not \(name)"
            case .notTLS: "\(name) does not speak TLS on this port"
            case .refused: "\(name) refused the TLS handshake"
            case .ended: "\(name) ended the connection in the TLS handshake"
            case .other: "TLS with \(name) failed"
            }
        description = "\(trouble): \(explanation)"
    }

    init(_ error: any Error, with name: String, certificate: NIOSSLCertificate? = nil, now: Int = 0) {
        let reasons = Self.reasons(of: error)
        switch error {
        case _ where reasons.contains("CERTIFICATE_VERIFY_FAILED"):
            self.init(.certificate, with: name, Self.explainDistrust(of: certificate, now: now))
        case _ where ["WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST"].contains { reasons.contains($0) }:
            self.init(.notTLS, with: name, "what it sent is not TLS (\(reasons))")
        case _ where reasons.contains("ALERT"): self.init(.refused, with: name, "it sent the alert \(reasons)")
        case _ where reasons.contains("EOF"), NIOSSLError.uncleanShutdown:
            self.init(.ended, with: name, "no more came")
        case let error as IOError: self.init(.ended, with: name, SystemFailure("read", error.errnoCode).reason)
        default: self.init(.other, with: name, reasons)
        }
    }

    private static func explainDistrust(of certificate: NIOSSLCertificate?, now: Int) -> String {
        guard let certificate else { return "no trusted root vouches for it, or it is out of date" }
        if certificate.notValidAfter < now { return "it has expired" }
        if certificate.notValidBefore > now { return "it is not valid yet" }
        return "no trusted root vouches for it"
    }

    /// An error of a connection with or without TLS, in words.
    static func text(of error: any Error) -> String {
        switch error {
        case NIOSSLError.uncleanShutdown: "the peer ended TLS without saying so"
        case let error as IOError: SystemFailure("read", error.errnoCode).reason
        default: reasons(of: error)
        }
    }

    /// What BoringSSL says, by the names it has for it, without its source files: `WRONG_VERSION_NUMBER`.
    static func reasons(of error: any Error) -> String {
        let text = "\(error)"
        let names = text.split(separator: "OPENSSL_internal:").dropFirst().map { $0.prefix { !" ])".contains($0) } }
        return names.isEmpty ? text : names.joined(separator: ", ")
    }
}
