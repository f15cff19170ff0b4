// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
package import AlicornTransport
package import NIOCore
import NIOPosix

/// A listening socket on SwiftNIO.
package struct NIOListener: Sendable {
    private let channel: any Channel
    private let group: any EventLoopGroup
    /// The socket, for the file that a Unix socket leaves behind.
    private let socket: ListeningSocket

    /// Accepts connections from `socket`, which it closes at the end.
    ///
    /// - Parameters:
    ///   - tls: encrypts the connections; `nil` for plain ones.
    ///   - troubled: called when descriptors or memory have run out, and then every ``AcceptTrouble/silence`` while it
    ///     lasts.
    ///   - makeDriver: makes the driver of an accepted connection, on its loop.
    package static func start(
        _ socket: ListeningSocket, tls: TLSListening?, group: any EventLoopGroup, loops: NIOLoops,
        troubled: @escaping @Sendable (SystemFailure) -> Void,
        makeDriver: @escaping @Sendable (NIOConnection) -> any ConnectionDriver
    ) async throws -> Self {
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.maxMessagesPerRead, value: 256)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptPause(telling: troubled))
                }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try tls?.install(in: channel.pipeline.syncOperations)
                    try NIOConnection.install(in: channel, loops: loops, makeDriver: makeDriver)
                }
            }
            .withBoundSocket(socket.descriptor).get()
        // SwiftNIO has told the kernel 128, whatever is in its options.
        socket.restoreBacklog()
        return Self(channel: channel, group: group, socket: socket)
    }

    /// Stops listening; accepted connections go on. When it is closed they are all on their loops.
    package func close() async throws {
        socket.removeFile()
        await settle()
        do { try await channel.close() } catch ChannelError.alreadyClosed {}
    }

    /// How long a loop that does not move is waited for.
    private static let settlingTime = TimeAmount.seconds(1)

    /// Stops accepting, and waits until connections that were accepted are on their loops: SwiftNIO drops those that are on
    /// their way there when the socket is closed.
    private func settle() async {
        let loop = channel.eventLoop
        let settled = loop.makePromise(of: Void.self)
        // To the loops and back to be initialized, and there again to be registered.
        channel.setOption(.autoRead, value: false).flatMap(passThroughLoops).flatMap(passThroughLoops)
            .cascade(to: settled)
        let patience = loop.scheduleTask(in: Self.settlingTime) { settled.succeed() }
        try? await settled.futureResult.get()
        patience.cancel()
    }

    @Sendable private func passThroughLoops() -> EventLoopFuture<Void> {
        .andAllComplete(group.makeIterator().map { $0.submit {} }, on: channel.eventLoop)
    }

    /// Waits until it is closed.
    package func waitUntilClosed() async throws { try await channel.closeFuture.get() }
}

/// Has a listening channel wait when descriptors or memory have run out; it would try again at once otherwise, for as long
/// as that lasts.
private final class AcceptPause: ChannelInboundHandler {
    typealias InboundIn = Any
    private var trouble: AcceptTrouble

    init(telling troubled: @escaping @Sendable (SystemFailure) -> Void) { trouble = AcceptTrouble(tell: troubled) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? IOError else { return context.fireErrorCaught(error) }
        let failure = SystemFailure("accept", error.errnoCode)
        guard failure.isShortage else { return context.fireErrorCaught(error) }
        trouble.report(failure, at: Timestamp(.now()))
        let channel = context.channel
        // It goes on to ask for reading, which only this option ends.
        try? channel.syncOptions?.setOption(.autoRead, value: false)
        context.eventLoop.scheduleTask(in: TimeAmount(AcceptTrouble.pause)) {
            channel.setOption(.autoRead, value: true)
        }
    }
}
