// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import NIOSSL
import Synchronization

/// What was read of certificates and keys, kept until it is to be read again.
final class TLSContext: Sendable {
    private let configuration: @Sendable () throws(TLSMisconfiguration) -> TLSConfiguration
    private let context = Mutex<NIOSSLContext?>(nil)
    private let shown = Mutex<String?>(nil)

    init(_ configuration: @escaping @Sendable () throws(TLSMisconfiguration) -> TLSConfiguration) {
        self.configuration = configuration
    }

    /// The context; reads files the first time, which blocks.
    func current() throws(TLSMisconfiguration) -> NIOSSLContext {
        if let context = context.withLock({ $0 }) { return context }
        return try load()
    }

    /// Our certificate as PEM, once it was read; `nil` where there is none.
    var certificate: String? { shown.withLock { $0 } }

    /// Reads the files again; what was read before stays when that fails.
    @discardableResult
    func load() throws(TLSMisconfiguration) -> NIOSSLContext {
        let made: NIOSSLContext
        let configuration = try configuration()
        do { made = try NIOSSLContext(configuration: configuration) } catch { throw TLSMisconfiguration(making: error) }
        context.withLock { $0 = made }
        shown.withLock { $0 = configuration.certificateChain.first?.pem }
        return made
    }
}

/// Versions of TLS; older ones are not spoken.
public enum TLSProtocolVersion: Sendable, Hashable {
    /// RFC 5246.
    case tls12
    /// RFC 8446.
    case tls13

    var version: TLSVersion {
        switch self {
        case .tls12: .tlsv12
        case .tls13: .tlsv13
        }
    }
}

extension TLSConfiguration {
    /// Shows `identity` to the peer.
    mutating func present(_ identity: TLSIdentity) throws(TLSMisconfiguration) {
        let loaded = try identity.load()
        certificateChain = loaded.chain
        privateKey = loaded.key
    }
}
