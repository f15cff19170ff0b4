// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornTransport
package import NIOCore
import NIOPosix

/// A listening socket on SwiftNIO.
package struct NIOListener: Sendable {
    private let channel: any Channel
    /// The socket, for the file that a Unix socket leaves behind.
    private let socket: ListeningSocket

    /// Accepts connections from `socket`, which it closes at the end.
    ///
    /// - Parameter makeDriver: makes the driver of an accepted connection, on its loop.
    package static func start(
        _ socket: ListeningSocket, group: any EventLoopGroup, loops: NIOLoops,
        makeDriver: @escaping @Sendable (NIOConnection) -> any ConnectionDriver
    ) async throws -> Self {
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.maxMessagesPerRead, value: 256)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOConnection.install(in: channel, loops: loops, makeDriver: makeDriver)
                }
            }
            .withBoundSocket(socket.descriptor).get()
        return Self(channel: channel, socket: socket)
    }

    /// Stops listening; accepted connections go on.
    package func close() async throws {
        socket.removeFile()
        do { try await channel.close() } catch ChannelError.alreadyClosed {}
    }

    /// Waits until it is closed.
    package func waitUntilClosed() async throws { try await channel.closeFuture.get() }
}
