// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornNIO
import AlicornProtocol
import Foundation
import Synchronization

/// How far a connection that is being made has got; tells the checklist as it goes.
final class Passage: Sendable {
    private struct State {
        var last = ContinuousClock.now
        var isConnected = false
        var proxy: String?
        var certificate: (name: String, PeerCertificate)?
        var isEncrypted = false
    }

    private let state = Mutex(State())
    private let report: @Sendable (Step) -> Void
    /// The host of a proxy that is spoken to in TLS: its certificate is not the server's.
    private let proxyName: String?

    init(through proxy: ProxyAddress?, report: @escaping @Sendable (Step) -> Void) {
        self.report = report
        proxyName = proxy?.kind == .https ? proxy?.host : nil
    }

    var isConnected: Bool { state.withLock { $0.isConnected } }
    var isEncrypted: Bool { state.withLock { $0.isEncrypted } }
    /// What was shown last, good or not, and for which name.
    var certificate: (name: String, PeerCertificate)? { state.withLock { $0.certificate } }
    /// The time since the last thing that was got through.
    var sinceLast: Duration { ContinuousClock.now - state.withLock { $0.last } }

    func note(_ progress: DialProgress) {
        let step = state.withLock { state -> Step? in
            let since = ContinuousClock.now - state.last
            state.last = .now
            switch progress {
            case .connected(let endpoint, let duration):
                // Two may get through when several are tried (RFC 8305 §5).
                guard !state.isConnected else { return nil }
                state.isConnected = true
                return Step(.socket, .passed, "\(endpoint)", after: duration)
            case .tunnelled(let proxy):
                return Step(.proxy, .passed, "\(proxy) opens the way", after: since)
            case .identified(let name, let certificate):
                state.certificate = (name, certificate)
                return nil
            case .encrypted(let version):
                guard let (name, certificate) = state.certificate, name != proxyName else { return nil }
                state.isEncrypted = true
                return Self.step(of: certificate, version, since)
            }
        }
        if let step { report(step) }
    }

    private static func step(of certificate: PeerCertificate, _ version: UInt16?, _ duration: Duration) -> Step {
        let days = (certificate.notAfter - now) / 86_400
        let text = """
            TLS \(version == 0x0304 ? "1.3" : "1.2"), certificate for \(certificate.names), from \(certificate.issuer), until \
            \(Fault.day(certificate.notAfter)) (\(days) days)
            """
        return Step(.tls, days < 14 ? .noted : .passed, text, after: duration)
    }

    /// In seconds since 1970.
    static var now: Int { Int(Date().timeIntervalSince1970) }
}
