// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport
import NIOCore
import NIOSSL
import NIOTLS

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Takes a new connection through the stages of its route: proxies and layers of TLS, one behind the other. Then it gives
/// its place to the ``NIOConnection``.
///
/// ```
///  socket ─ [TLS to the proxy] ─ [tunnel] ─ [TLS to the server] ─ RouteHandler, then NIOConnection
/// ```
final class RouteHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What the bytes that come belong to.
    private enum State {
        case idle
        case tunnel(any ProxyTunnel, ProxyAddress)
        case tls(TLSClientLayer, NIOSSLClientHandler)
        case done
    }

    private var state = State.idle
    private var stages: ArraySlice<DialRoute.Stage>
    private let deadline: NIODeadline
    private var alarm: Scheduled<Void>?
    private let progress: (@Sendable (DialProgress) -> Void)?
    private let finish: (any Channel, Result<Void, DialFailure>) -> Void

    /// - Parameters:
    ///   - deadline: when all of it must be done.
    ///   - progress: told what is behind it; `nil` for nobody.
    ///   - finish: called once, on the loop: when all stages are behind it, or one of them failed.
    init(
        _ stages: [DialRoute.Stage], until deadline: NIODeadline, telling progress: (@Sendable (DialProgress) -> Void)?,
        finish: @escaping (any Channel, Result<Void, DialFailure>) -> Void
    ) {
        self.stages = stages[...]
        self.deadline = deadline
        self.progress = progress
        self.finish = finish
    }

    func handlerAdded(context: ChannelHandlerContext) {
        alarm = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.end(.failure(.timedOut), context)
        }
        if context.channel.isActive { next(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { alarm?.cancel() }

    func channelActive(context: ChannelHandlerContext) { next(context) }

    private func next(_ context: ChannelHandlerContext) {
        switch stages.popFirst() {
        case .tunnel(let request)?: ask(request, context)
        case .tls(let layer)?: encrypt(layer, context)
        case nil: end(.success(()), context)
        }
    }

    private func end(_ result: Result<Void, DialFailure>, _ context: ChannelHandlerContext) {
        if case .done = state { return }
        state = .done
        finish(context.channel, result)
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    // MARK: - Proxies

    private func ask(_ request: TunnelRequest, _ context: ChannelHandlerContext) {
        let tunnel = request.makeTunnel()
        state = .tunnel(tunnel, request.proxy)
        do throws(ProxyFailure) { try write(tunnel.start(), context) } catch {
            end(.failure(.proxy(error, request.proxy)), context)
        }
    }

    private func write(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .tunnel(let tunnel, let proxy) = state else { return }
        let input = unwrapInboundIn(data)
        do throws(ProxyFailure) {
            switch try tunnel.receive(input.readableBytesUInt8Span) {
            case .wait: break
            case .send(let bytes): write(bytes, context)
            case .open(let consumed):
                // Servers of ours wait for their client's first word: what came was not theirs.
                guard consumed == input.readableBytes else { throw .unexpectedBytes }
                progress?(.tunnelled(proxy))
                next(context)
            }
        } catch {
            end(.failure(.proxy(error, proxy)), context)
        }
    }

    // MARK: - TLS

    private func encrypt(_ layer: TLSClientLayer, _ context: ChannelHandlerContext) {
        do {
            let handler = try layer.makeHandler()
            state = .tls(layer, handler)
            try context.pipeline.syncOperations.addHandler(handler, position: .before(self))
        } catch { fail(error, context) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .tls(let layer, let handler) = state, case .handshakeCompleted? = event as? TLSUserEvent {
            identify(layer, handler)
            do throws(TLSFailure) {
                try layer.check(handler.peerCertificate)
                progress?(.encrypted(version: handler.tlsVersion.map(\.wireNumber)))
                next(context)
            } catch { end(.failure(.tls(error)), context) }
        } else if case .inputClosed? = event as? ChannelEvent {
            ended(context)
        }
    }

    private func identify(_ layer: TLSClientLayer, _ handler: NIOSSLClientHandler) {
        guard let progress, let certificate = PeerCertificate(handler.peerCertificate) else { return }
        progress(.identified(as: layer.name, by: certificate))
    }

    func channelInactive(context: ChannelHandlerContext) { ended(context) }

    private func ended(_ context: ChannelHandlerContext) {
        switch state {
        case .tunnel(let tunnel, let proxy): end(.failure(.proxy(tunnel.receiveEOF(), proxy)), context)
        case .tls(let layer, _): end(.failure(.tls(TLSFailure(.ended, with: layer.name, "no more came"))), context)
        case .idle, .done: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(error, context) }

    private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
        switch state {
        case .tls(let layer, let handler):
            identify(layer, handler)
            let failure =
                error as? TLSFailure
                ?? TLSFailure(error, with: layer.name, certificate: handler.peerCertificate, now: Int(time(nil)))
            end(.failure(.tls(failure)), context)
        case .tunnel(_, let proxy): end(.failure(.notConnected("\(proxy)", underlying: error)), context)
        case .idle, .done: break
        }
    }
}
