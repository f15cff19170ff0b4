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

/// One TCP or Unix connection on SwiftNIO: the engine's end of the seam, and the last handler in its pipeline; before it
/// there is at most TLS.
package final class NIOConnection: ChannelInboundHandler, ConnectionTransport {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    package let loop: ConnectionLoop
    package let serial = ConnectionSerial.next()
    /// The socket's when the connection is active, before anybody else has it.
    @exclusivity(unchecked) package var localEndpoint = SocketEndpoint.named("unknown")
    @exclusivity(unchecked) package var remoteEndpoint = SocketEndpoint.named("unknown")
    @exclusivity(unchecked) package private(set) var isWritable = true
    @exclusivity(unchecked) private var context: ChannelHandlerContext?
    @exclusivity(unchecked) private var driver: (any ConnectionDriver)?
    private var makeDriver: ((NIOConnection) -> any ConnectionDriver)?
    private var failure: String?
    /// Writes past the channel, and hands it what the kernel did not take.
    @exclusivity(unchecked) private var queue = OutboundQueue()
    /// Where to write past the channel; `nil` when the channel is more than a socket, or closed.
    @exclusivity(unchecked) private var descriptor: NIOBSDSocket.Handle?
    /// Whether the channel has bytes of ours, which others must not overtake.
    private var isChannelWriting = false
    private var channelWrites = 0
    private var closeAfterWriting: CloseMode?
    private var isInactive = false
    /// Whether the driver is at work on what it was told, and what it is told then.
    @exclusivity(unchecked) private var isTelling = false
    @exclusivity(unchecked) private var unheard: [News] = []

    /// - Parameter makeDriver: called once, when the connection is active.
    package init(loop: ConnectionLoop, makeDriver: @escaping (NIOConnection) -> any ConnectionDriver) {
        self.loop = loop
        self.makeDriver = makeDriver
    }

    /// What is known of the connection's TLS; `nil` without. On the loop; looked up each time.
    package var tlsSession: TLSSession? {
        guard let context, descriptor == nil else { return nil }
        return TLSSession(context.pipeline.syncOperations)
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
        localEndpoint = SocketEndpoint(context?.localAddress)
        remoteEndpoint = SocketEndpoint(context?.remoteAddress)
        if let pipeline = context?.pipeline.syncOperations, !pipeline.isEncrypted {
            descriptor = try? pipeline.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { $0 }
        }
        loop.turn {
            let driver = makeDriver(self)
            // A driver may close the connection while it is made.
            if isInactive { driver.transportClosed(reason: failure) } else { self.driver = driver }
        }
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        hear(.input(buffer))
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.inputClosed) = event as? ChannelEvent { hear(.endOfInput) }
    }

    package func channelInactive(context: ChannelHandlerContext) {
        isInactive = true
        descriptor = nil
        hear(.end)
    }

    /// What a channel tells.
    private enum News {
        case input(ByteBuffer)
        case endOfInput
        case end
    }

    /// Tells the driver, unless it is at work: a write that fails has the channel read what is left, and close, at once.
    private func hear(_ news: News) {
        guard !isTelling, unheard.isEmpty else {
            if unheard.isEmpty { context?.eventLoop.assumeIsolated().execute { self.catchUp() } }
            unheard.append(news)
            return
        }
        tell(news)
    }

    private func catchUp() {
        let news = unheard
        unheard = []
        for piece in news { tell(piece) }
    }

    private func tell(_ news: News) {
        isTelling = true
        defer { isTelling = false }
        switch news {
        case .input(let buffer): receive(buffer)
        case .endOfInput: loop.turn { driver?.receiveEOF() }
        case .end:
            loop.turn {
                driver?.transportClosed(reason: failure)
                driver = nil
            }
        }
    }

    private func receive(_ buffer: ByteBuffer) {
        loop.turn {
            // SAFETY: nothing else reads the bytes: the channel's pool only keeps the memory to read into it again
            // after this call, and so does TLS, the only other handler there may be. Changing them in place saves a copy
            // of each read.
            unsafe buffer.withUnsafeReadableBytes { bytes in
                unsafe UnsafeMutableRawBufferPointer(mutating: bytes).withMemoryRebound(to: UInt8.self) { bytes in
                    var span = bytes.mutableSpan
                    driver?.receive(&span)
                }
            }
        }
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        loop.turn { driver?.writabilityChanged() }
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failure = failure ?? TLSFailure.text(of: error)
        descriptor = nil
        // TLS itself closes what it cannot go on with, once the peer has been told.
        if !context.pipeline.syncOperations.isEncrypted { context.close(promise: nil) }
    }

    // MARK: - From the driver

    package var unsentBytes: Int {
        (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    /// What the kernel takes at once goes to it straight; the channel gets the rest, and all that comes while it has any.
    ///
    /// A channel's write costs an allocation or two and a walk through the pipeline for each buffer. Nearly everything
    /// need not pay for that (docs/decisions/0006-writing-past-the-channel.md).
    package func write(_ head: Span<UInt8>, _ body: Span<UInt8>, owner: () -> (any SharedBytes)?) {
        if let descriptor, !isChannelWriting {
            let outcome = queue.write(head, body, owner: owner, to: descriptor)
            guard outcome != .wroteAll else { return }
            // What has failed is left to the channel to find out.
            if case .failed = outcome { queue.keep(head, body, owner: owner) }
        } else {
            queue.keep(head, body, owner: owner)
        }
        writeRestThroughChannel()
    }

    private func writeRestThroughChannel() {
        var rest: [ByteBuffer] = []
        queue.drain { piece, gone in
            var buffer =
                switch piece {
                case .bytes(let bytes): ByteBuffer(bytes: bytes)
                case .shared(let bytes): ByteBuffer(bytes)
                }
            buffer.moveReaderIndex(forwardBy: gone)
            rest.append(buffer)
        }
        guard let context, let last = rest.last else { return }
        for piece in rest.dropLast() { context.write(wrapOutboundOut(piece), promise: nil) }
        isChannelWriting = true
        channelWrites += 1
        let number = channelWrites
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { _ in
            if self.channelWrites == number { self.channelFinishedWriting() }
        }
        context.writeAndFlush(wrapOutboundOut(last), promise: promise)
    }

    package func pauseReading() { setAutoRead(false) }

    package func resumeReading() { setAutoRead(true) }

    private func setAutoRead(_ isOn: Bool) { try? context?.channel.syncOptions?.setOption(.autoRead, value: isOn) }

    private func channelFinishedWriting() {
        isChannelWriting = false
        guard let mode = closeAfterWriting else { return }
        closeAfterWriting = nil
        context?.close(mode: mode, promise: nil)
    }

    package func finishWriting() { closeInOrder(.output) }

    package func close() { closeInOrder(.all) }

    /// A channel that is closed drops what it has not written, so it is left to write that first.
    private func closeInOrder(_ mode: CloseMode) {
        descriptor = nil
        if isChannelWriting { closeAfterWriting = mode } else { context?.close(mode: mode, promise: nil) }
    }

    package func abort() {
        descriptor = nil
        context?.channel.cut()
    }
}

extension ByteBuffer {
    fileprivate init(_ bytes: any SharedBytes) {
        if let shared = bytes as? SharedByteBuffer {
            self = shared.buffer
        } else {
            self.init()
            bytes.withBytes { span in span.withUnsafeBytes { _ = writeBytes($0) } }
        }
    }
}

extension SocketEndpoint {
    init(_ address: SocketAddress?) {
        switch address {
        case .v4(let address): self.init(address.address)
        case .v6(let address): self.init(address.address)
        case .unixDomainSocket: self = .unix(path: address?.pathname.flatMap { $0.isEmpty ? nil : $0 })
        case nil: self = .named("unknown")
        }
    }
}

/// A `ByteBuffer` on its way through the seam.
package final class SharedByteBuffer: SharedBytes {
    package let buffer: ByteBuffer

    package init(_ buffer: ByteBuffer) { self.buffer = buffer }

    package var count: Int { buffer.readableBytes }

    package func withBytes(_ body: (Span<UInt8>) -> Void) {
        let buffer = buffer
        body(buffer.readableBytesUInt8Span)
    }
}
