// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornTransport
import NIOCore

/// TLS for all connections that a server accepts.
package struct TLSListening: Sendable {
    private let tls: ServerTLS
    private let failed: @Sendable (TLSFailure, SocketEndpoint) -> Void

    /// - Parameter failed: called for each handshake that fails, with the client's address.
    package init(_ tls: ServerTLS, failed: @escaping @Sendable (TLSFailure, SocketEndpoint) -> Void) {
        self.tls = tls
        self.failed = failed
    }

    /// Puts TLS between a new socket and what comes behind it.
    func install(in pipeline: ChannelPipeline.SynchronousOperations) throws {
        try pipeline.addHandler(tls.makeHandler())
        try pipeline.addHandler(TLSWatch(telling: failed))
    }
}
