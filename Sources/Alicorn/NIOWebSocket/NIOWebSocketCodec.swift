// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import NIOCore
import NIOEmbedded
import NIOWebSocket

/// NIOWebSocket's handlers in a pipeline without a socket: bytes in, frames out, and the other way round. Confined to the
/// loop on which it is made.
///
/// ```
/// bytes ──▶ WebSocketFrameDecoder ─▶ FrameCheck ─▶ NIOWebSocketFrameAggregator ─▶ FrameInbox
/// bytes ◀── FrameOutbox ◀─ WebSocketFrameEncoder ◀── frames
/// ```
///
/// The handlers hold what has come of a frame until the rest comes, and of a message until its last frame: at most the
/// longest message and one read.
final class NIOWebSocketCodec {
    /// What has come.
    enum Input {
        /// A whole message, or a control frame; unmasked.
        case frame(WebSocketOpcode, ByteBuffer)
        /// What a handler objects to. Nothing that comes behind it counts.
        case fault(any Error)
    }

    /// The longest message in bytes.
    let maximumMessageSize: Int
    /// How many frames a message may come in.
    let maximumFragments: Int
    private let channel: EmbeddedChannel
    private let inbox = FrameInbox()
    private let outbox = FrameOutbox()
    private var hasEnded = false

    /// What buffers of SwiftNIO hold is counted in 32 bits; this leaves room for growing by doubling.
    private static let greatestMessageSize = 1 << 30
    /// The bytes for which each fragment of a message stands, that it does not come in too many; and how many it may have
    /// however short it is. Each is kept by itself until the last has come.
    private static let bytesPerFragment = 64
    private static let freeFragments = 4096

    /// - Parameter maximumMessageSize: the longest message in bytes; `nil` for any that fits into a buffer of SwiftNIO's.
    init(maximumMessageSize: Int?) {
        let limit = min(maximumMessageSize ?? .max, Self.greatestMessageSize)
        self.maximumMessageSize = limit
        maximumFragments = Self.freeFragments + limit / Self.bytesPerFragment
        channel = EmbeddedChannel(handlers: [
            outbox,
            ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: limit)),
            WebSocketFrameEncoder(),
            FrameCheck(),
            // RFC 6455 §5.4: fragments may be empty.
            NIOWebSocketFrameAggregator(
                minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: maximumFragments, maxAccumulatedFrameSize: limit),
            inbox,
        ])
    }

    deinit { end() }

    /// What the bytes complete.
    func decode(_ bytes: Span<UInt8>) -> [Input] {
        // SAFETY: the buffer is a copy of the bytes.
        let buffer = bytes.withUnsafeBytes { ByteBuffer(bytes: $0) }
        channel.pipeline.syncOperations.fireChannelRead(NIOAny(buffer))
        return inbox.take()
    }

    /// Puts a whole message or a control frame into the output.
    func encode(_ opcode: WebSocketOpcode, _ payload: ByteBuffer) {
        let frame = WebSocketFrame(fin: true, opcode: opcode, data: payload)
        channel.pipeline.syncOperations.write(NIOAny(frame), promise: nil)
    }

    /// How many bytes are encoded and not taken.
    var outputCount: Int { outbox.bytes.count }

    /// Takes what is encoded.
    func takeOutput() -> [UInt8] {
        var bytes: [UInt8] = []
        swap(&bytes, &outbox.bytes)
        return bytes
    }

    /// Lets go of the pipeline, which would hold itself. Without effect the second time; nothing can be coded afterwards.
    func end() {
        guard !hasEnded else { return }
        hasEnded = true
        _ = try? channel.finish(acceptAlreadyClosed: true)
    }
}

/// The rules that NIOWebSocket leaves to whoever uses it: bits of extensions, of which there are none, opcodes and masks.
private final class FrameCheck: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias InboundOut = WebSocketFrame

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do throws(ProtocolViolation) {
            try check(Self.unwrapInboundIn(data))
            context.fireChannelRead(data)
        } catch { context.fireErrorCaught(error) }
    }

    private func check(_ frame: WebSocketFrame) throws(ProtocolViolation) {
        let bits: UInt8 = (frame.rsv1 ? 4 : 0) | (frame.rsv2 ? 2 : 0) | (frame.rsv3 ? 1 : 0)
        guard bits == 0 else { throw .reservedBits(bits) }  // RFC 6455 §5.2
        switch frame.opcode {
        case .continuation, .text, .binary, .connectionClose, .ping, .pong: break
        default: throw .reservedOpcode(UInt8(webSocketOpcode: frame.opcode))  // RFC 6455 §5.2
        }
        guard frame.maskKey != nil else { throw .unmaskedFrame }  // RFC 6455 §5.1
    }
}

/// Where frames arrive: the end of the pipeline.
private final class FrameInbox: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame

    private var input: [NIOWebSocketCodec.Input] = []

    func take() -> [NIOWebSocketCodec.Input] {
        defer { input = [] }
        return input
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = Self.unwrapInboundIn(data)
        input.append(.frame(frame.opcode, frame.unmaskedData))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { input.append(.fault(error)) }
}

/// Where encoded bytes arrive: the head of the pipeline, before the socket that there is not.
private final class FrameOutbox: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    var bytes: [UInt8] = []

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        bytes.append(contentsOf: Self.unwrapOutboundIn(data).readableBytesView)
        promise?.succeed()
    }
}
