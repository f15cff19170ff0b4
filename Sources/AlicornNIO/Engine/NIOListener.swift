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
                    try NIOConnectionOptions.apply(to: channel)
                    let connection = NIOConnection(loop: loops.loop(on: channel.eventLoop), makeDriver: makeDriver)
                    try channel.pipeline.syncOperations.addHandler(connection)
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

/// What every connection's channel is set to.
enum NIOConnectionOptions {
    static func apply(to channel: any Channel) throws {
        guard let options = channel.syncOptions else { return }
        try options.setOption(.allowRemoteHalfClosure, value: true)
        try options.setOption(.writeBufferWaterMark, value: .init(low: 32 * 1024, high: 64 * 1024))
        // The channel keeps its buffer: a small first one is what an idle connection costs.
        let sizes = AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 512, maximum: 256 * 1024)
        try options.setOption(.recvAllocator, value: sizes)
    }
}
