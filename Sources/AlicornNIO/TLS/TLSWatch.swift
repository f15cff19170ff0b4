// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTransport
import NIOCore
import NIOTLS

/// Tells of TLS handshakes that fail on a server; it leaves when one is done.
final class TLSWatch: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any

    private let failed: @Sendable (TLSFailure, SocketEndpoint) -> Void

    init(telling failed: @escaping @Sendable (TLSFailure, SocketEndpoint) -> Void) { self.failed = failed }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent {
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failed(TLSFailure(error, with: "the client"), SocketEndpoint(context.remoteAddress))
        context.fireErrorCaught(error)
        // What else fails is of the same handshake.
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
}
