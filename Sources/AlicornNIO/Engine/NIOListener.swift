// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornTransport
package import NIOCore
import NIOPosix

/// A listening socket on SwiftNIO.
package struct NIOListener: Sendable {
    private let channel: any Channel

    /// Binds and listens; connections are accepted from then on.
    ///
    /// - Parameter makeDriver: makes the driver of an accepted connection, on its loop.
    package static func bind(
        host: String, port: Int, group: any EventLoopGroup, loops: NIOLoops,
        makeDriver: @escaping @Sendable (NIOConnection) -> any ConnectionDriver
    ) async throws -> Self {
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: 256)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOConnection.install(in: channel, loops: loops, makeDriver: makeDriver)
                }
            }
            .bind(host: host, port: port).get()
        return Self(channel: channel)
    }

    /// The address that is listened on, with the port that was picked for 0.
    package var localAddress: SocketAddress? { channel.localAddress }

    /// Stops listening; accepted connections go on.
    package func close() async throws {
        do { try await channel.close() } catch ChannelError.alreadyClosed {}
    }

    /// Waits until it is closed.
    package func waitUntilClosed() async throws { try await channel.closeFuture.get() }
}
