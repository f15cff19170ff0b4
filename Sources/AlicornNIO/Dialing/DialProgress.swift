// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol
package import AlicornTransport
import NIOCore

/// What a connection that is being made has got through: for whoever wants to tell where it stops.
package enum DialProgress: Sendable {
    /// A socket is connected to this address, so long after it began to be.
    case connected(SocketEndpoint, after: Duration)
    /// A proxy has opened a way.
    case tunnelled(ProxyAddress)
    /// A server or proxy of that name has shown its certificate, which may be no good.
    case identified(as: String, by: PeerCertificate)
    /// TLS is in use; its version as it stands on the wire (RFC 8446 §4.2.1), where it is told.
    case encrypted(version: UInt16?)
}

/// Tells when its channel is connected, and leaves.
final class ConnectWatch: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any

    private let begin = NIODeadline.now()
    private let tell: @Sendable (DialProgress) -> Void

    init(telling tell: @escaping @Sendable (DialProgress) -> Void) { self.tell = tell }

    func channelActive(context: ChannelHandlerContext) {
        tell(
            .connected(
                SocketEndpoint(context.remoteAddress),
                after: .nanoseconds((NIODeadline.now() - begin).nanoseconds)))
        context.fireChannelActive()
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
}
