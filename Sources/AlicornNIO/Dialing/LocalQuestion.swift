// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import NIOCore
import NIOPosix

/// A question to a process of this machine over a Unix socket.
package enum LocalQuestion {
    /// Sends `question`, and takes all that comes until the other end closes.
    ///
    /// - Parameters:
    ///   - path: the socket's file.
    ///   - limit: how many bytes the answer may have.
    ///   - time: how long all of it may take.
    /// - Returns: `nil` when nobody listens, the time is over, or the answer is too long.
    package static func ask(
        _ question: [UInt8], at path: String, atMost limit: Int, within time: Duration
    ) async -> [UInt8]? {
        let deadline = NIODeadline.now() + TimeAmount(time)
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let answer = loop.makePromise(of: [UInt8].self)
        do {
            let channel = try await ClientBootstrap(group: loop)
                .connectTimeout(TimeAmount(time))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(AnswerCollector(answer, atMost: limit))
                    }
                }
                .connect(unixDomainSocketPath: path).get()
            let end = loop.scheduleTask(deadline: deadline) {
                answer.fail(Unanswered())
                channel.close(promise: nil)
            }
            defer { end.cancel() }
            channel.writeAndFlush(ByteBuffer(bytes: question), promise: nil)
            return try await answer.futureResult.get()
        } catch {
            answer.fail(error)
            return nil
        }
    }
}

private struct Unanswered: Error {}

/// Keeps what comes until the end.
private final class AnswerCollector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let answer: EventLoopPromise<[UInt8]>
    private let limit: Int
    private var bytes: [UInt8] = []

    init(_ answer: EventLoopPromise<[UInt8]>, atMost limit: Int) {
        self.answer = answer
        self.limit = limit
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let piece = unwrapInboundIn(data)
        guard piece.readableBytes <= limit - bytes.count else {
            answer.fail(Unanswered())
            context.close(promise: nil)
            return
        }
        bytes += piece.readableBytesView
    }

    func channelInactive(context: ChannelHandlerContext) { answer.succeed(bytes) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        answer.fail(error)
        context.close(promise: nil)
    }
}
