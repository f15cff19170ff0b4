// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import NIOCore
import NIOSSL

/// TLS to one server or proxy, from the client's side.
package struct TLSClientLayer: Sendable {
    let context: NIOSSLContext
    /// The name or IP address that the certificate has to hold.
    let name: String
    let isVerifying: Bool

    func makeHandler() throws(TLSFailure) -> NIOSSLClientHandler {
        // RFC 6066 §3: an IP address is no server name.
        let hostname = if case .name = TunnelTarget.Host(name) { name } else { String?.none }
        do {
            return try NIOSSLClientHandler(context: context, serverHostname: hostname, configuration: .frugal)
        } catch { throw TLSFailure(error, with: name) }
    }

    /// Checks that the certificate is for the name, once the handshake is done (RFC 9525 §6).
    ///
    /// SwiftNIO's own check would take the address that the socket is connected to for a name, too, which may be a proxy's.
    func check(_ certificate: NIOSSLCertificate?) throws(TLSFailure) {
        guard isVerifying else { return }
        guard let certificate else { throw TLSFailure(.certificate, with: name, "it has shown no certificate") }
        let names = CertificateNames(certificate)
        guard names.contain(TunnelTarget.Host(name)) else {
            throw TLSFailure(.name, with: name, "its certificate is for \(names)")
        }
    }
}

extension NIOSSLHandler.Configuration {
    /// Keeps no large buffers for what was written once.
    static var frugal: Self {
        var configuration = Self()
        configuration.maximumPreservedOutboundBufferCapacity = 16 * 1024
        return configuration
    }
}
