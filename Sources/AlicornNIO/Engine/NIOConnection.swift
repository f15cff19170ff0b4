// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
package import AlicornTransport
package import NIOCore

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// One TCP or Unix connection on SwiftNIO: the engine's end of the seam, and the only handler in its pipeline.
package final class NIOConnection: ChannelInboundHandler, ConnectionTransport {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    package let loop: ConnectionLoop
    package private(set) var isWritable = true
    private var context: ChannelHandlerContext?
    private var driver: (any ConnectionDriver)?
    private var makeDriver: ((NIOConnection) -> any ConnectionDriver)?
    private var failure: String?
    private var hasInputEnded = false
    private var isInactive = false

    /// - Parameter makeDriver: called once, when the connection is active.
    package init(loop: ConnectionLoop, makeDriver: @escaping (NIOConnection) -> any ConnectionDriver) {
        self.loop = loop
        self.makeDriver = makeDriver
    }

    package func setDriver(_ driver: any ConnectionDriver) { self.driver = driver }

    // MARK: - From the channel

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { start() }
    }

    package func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    package func channelActive(context: ChannelHandlerContext) { start() }

    private func start() {
        guard let makeDriver else { return }
        self.makeDriver = nil
        loop.turn {
            let driver = makeDriver(self)
            // A driver may close the connection while it is made.
            if isInactive { driver.transportClosed(reason: failure) } else { self.driver = driver }
        }
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        loop.turn {
            // SAFETY: nothing else reads the bytes: the channel's pool only keeps the memory to read into it again
            // after this call, and this is the pipeline's only handler. Changing them in place saves a copy of each read.
            unsafe buffer.withUnsafeReadableBytes { bytes in
                unsafe UnsafeMutableRawBufferPointer(mutating: bytes).withMemoryRebound(to: UInt8.self) { bytes in
                    var span = bytes.mutableSpan
                    driver?.receive(&span)
                }
            }
        }
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.inputClosed) = event as? ChannelEvent {
            hasInputEnded = true
            loop.turn { driver?.receiveEOF() }
        }
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        loop.turn { driver?.writabilityChanged() }
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failure = failure ?? String(describing: error)
        context.close(promise: nil)
    }

    package func channelInactive(context: ChannelHandlerContext) {
        isInactive = true
        loop.turn {
            driver?.transportClosed(reason: failure)
            driver = nil
        }
    }

    // MARK: - From the driver

    package var unsentBytes: Int {
        (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    package func write(_ bytes: [UInt8]) {
        guard let context else { return }
        context.write(wrapOutboundOut(context.channel.allocator.buffer(bytes: bytes)), promise: nil)
    }

    package func write(_ bytes: any SharedBytes) {
        if let shared = bytes as? SharedByteBuffer {
            context?.write(wrapOutboundOut(shared.buffer), promise: nil)
        } else {
            bytes.withBytes { span in
                guard let context else { return }
                let buffer = span.withUnsafeBytes { context.channel.allocator.buffer(bytes: $0) }
                context.write(wrapOutboundOut(buffer), promise: nil)
            }
        }
    }

    package func flush() { context?.flush() }

    package func pauseReading() { setAutoRead(false) }

    package func resumeReading() { setAutoRead(true) }

    private func setAutoRead(_ isOn: Bool) { try? context?.channel.syncOptions?.setOption(.autoRead, value: isOn) }

    package func finishWriting() {
        // When the input has ended, the channel takes this for the end of both directions.
        if hasInputEnded { close() } else { context?.close(mode: .output, promise: nil) }
    }

    package func close() {
        guard let context else { return }
        guard unsentBytes > 0 else { return context.close(promise: nil) }
        // The channel drops what is unsent when it is closed; this is written when all that came before is.
        let last = context.eventLoop.makePromise(of: Void.self)
        last.futureResult.assumeIsolated().whenComplete { [weak self] _ in self?.context?.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: last)
    }

    package func abort() {
        // Without lingering the kernel drops what is unsent and resets (SO_LINGER of zero seconds).
        let provider = context?.channel as? any SocketOptionProvider
        _ = provider?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        context?.close(promise: nil)
    }

    package var localAddress: String { describe(context?.localAddress) }
    package var remoteAddress: String { describe(context?.remoteAddress) }

    private func describe(_ address: SocketAddress?) -> String {
        guard let address else { return "unknown" }
        return switch address {
        case .v4: "\(address.ipAddress ?? ""):\(address.port ?? 0)"
        case .v6: "[\(address.ipAddress ?? "")]:\(address.port ?? 0)"
        case .unixDomainSocket: address.pathname.map { $0.isEmpty ? "unix" : "unix:\($0)" } ?? "unix"
        }
    }
}

/// A `ByteBuffer` on its way through the seam.
package final class SharedByteBuffer: SharedBytes {
    package let buffer: ByteBuffer

    package init(_ buffer: ByteBuffer) { self.buffer = buffer }

    package func withBytes(_ body: (Span<UInt8>) -> Void) {
        let buffer = buffer
        body(buffer.readableBytesUInt8Span)
    }
}
