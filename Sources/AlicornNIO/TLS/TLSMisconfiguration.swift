// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTransport
import NIOCore
import NIOSSL

/// What is wrong with certificates, keys or names that TLS was told to use, as a sentence.
public struct TLSMisconfiguration: Error, Sendable, CustomStringConvertible {
    /// The sentence.
    public let description: String

    init(_ description: String) { self.description = description }

    /// Certificate and key were read, and do not make a context.
    init(making error: any Error) {
        switch error {
        case NIOSSLError.failedToLoadPrivateKey:
            self.init("the private key does not belong to the certificate")
        default: self.init("the certificates cannot be used: \(TLSFailure.reasons(of: error))")
        }
    }

    /// Reads `what`, and says so where that fails.
    static func reading<Value>(
        _ what: String, from path: String?, _ read: () throws -> Value
    ) throws(TLSMisconfiguration) -> Value {
        do { return try read() } catch {
            let place = path.map { " in \($0)" } ?? ""
            throw TLSMisconfiguration("\(what)\(place) cannot be read: \(explain(error))")
        }
    }

    private static func explain(_ error: any Error) -> String {
        switch error {
        case let error as IOError: SystemFailure("open", error.errnoCode).reason
        case NIOSSLError.noSuchFilesystemObject: "there is no such file"
        case NIOSSLError.failedToLoadCertificate: "it holds no certificate in PEM form"
        case NIOSSLError.failedToLoadPrivateKey:
            "it holds no private key in PEM form, or the passphrase does not open it"
        case let error as BoringSSLError: TLSFailure.reasons(of: error)
        default: "\(error)"
        }
    }
}
