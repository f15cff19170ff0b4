// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
package import AlicornTransport
package import NIOCore
import NIOPosix

/// Opens TCP connections on SwiftNIO.
package enum NIODialer {
    /// Connects, trying the addresses of `host` by RFC 8305.
    ///
    /// - Parameter makeDriver: makes the connection's driver, on its loop, before anything is read.
    package static func connect(
        host: String, port: Int, timeout: Duration, group: any EventLoopGroup, loops: NIOLoops,
        makeDriver: @escaping @Sendable (NIOConnection) -> any ConnectionDriver
    ) async throws {
        _ = try await ClientBootstrap(group: group)
            .connectTimeout(.nanoseconds(timeout.clampedNanoseconds))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOConnection.install(in: channel, loops: loops, makeDriver: makeDriver)
                }
            }
            .connect(host: host, port: port).get()
    }
}
