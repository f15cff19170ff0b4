// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import NIOCore
import NIOSSL

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

extension ChannelPipeline.SynchronousOperations {
    /// Whether there is more than the socket between the peer and the last handler.
    var isEncrypted: Bool { outermostTLS != nil }

    fileprivate var outermostTLS: ChannelHandlerContext? { try? context(handlerType: NIOSSLHandler.self) }
}

extension Channel {
    /// Ends both directions at once, past all TLS, and drops what is unsent. On the channel's event loop.
    func cut() {
        // Without lingering the kernel drops what is unsent and resets (SO_LINGER of zero seconds).
        _ = (self as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        if let outermost = pipeline.syncOperations.outermostTLS {
            outermost.close(promise: nil)
        } else {
            close(promise: nil)
        }
    }
}
