// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol
package import AlicornTransport
package import NIOCore
import NIOPosix

/// Opens connections to servers on SwiftNIO.
package enum NIODialer {
    /// Gets to the other end of `route`, trying the addresses of a host by RFC 8305. Waits for nothing.
    ///
    /// - Parameters:
    ///   - deadline: when the whole route must be behind it.
    ///   - progress: told what the connection gets through; `nil` for nobody.
    ///   - begun: called for each connection that is tried, with what gives it up, on whatever thread.
    ///   - failed: called at most once, and then `makeDriver` is not.
    ///   - makeDriver: makes the connection's driver, on its loop, before anything is read.
    package static func connect(
        _ route: DialRoute, deadline: Timestamp, group: any EventLoopGroup, loops: NIOLoops,
        progress: (@Sendable (DialProgress) -> Void)? = nil,
        begun: @escaping @Sendable (_ giveUp: @escaping @Sendable () -> Void) -> Void,
        failed: @escaping @Sendable (DialFailure) -> Void,
        makeDriver: @escaping @Sendable (NIOConnection) -> any ConnectionDriver
    ) {
        let moment = NIODeadline(deadline)
        let bootstrap = ClientBootstrap(group: group)
            .connectTimeout(max(moment - .now(), .nanoseconds(1)))
            .channelInitializer { channel in
                begun { channel.eventLoop.execute { channel.cut() } }
                return channel.eventLoop.makeCompletedFuture {
                    if let progress {
                        try channel.pipeline.syncOperations.addHandler(ConnectWatch(telling: progress))
                    }
                    if route.stages.isEmpty {
                        try NIOConnection.install(in: channel, loops: loops, makeDriver: makeDriver)
                    } else {
                        try followRoute(route, in: channel, until: moment, loops, progress, failed: failed, makeDriver)
                    }
                }
            }
        connect(to: route.endpoint, with: bootstrap, route.socket, on: group).whenFailure { error in
            failed(DialFailure(error, connectingTo: route.endpoint))
        }
    }

    private static func followRoute(
        _ route: DialRoute, in channel: any Channel, until deadline: NIODeadline, _ loops: NIOLoops,
        _ progress: (@Sendable (DialProgress) -> Void)?, failed: @escaping @Sendable (DialFailure) -> Void,
        _ makeDriver: @escaping @Sendable (NIOConnection) -> any ConnectionDriver
    ) throws {
        let handler = RouteHandler(route.stages, until: deadline, telling: progress) { channel, result in
            do {
                try result.get()
                try NIOConnection.install(in: channel, loops: loops, makeDriver: makeDriver)
            } catch {
                // By then TLS has closed what it cannot go on with, once the peer has been told.
                channel.eventLoop.assumeIsolated().execute { channel.cut() }
                failed(error as? DialFailure ?? .notConnected("the connection is gone", underlying: error))
            }
        }
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    private static func connect(
        to endpoint: DialRoute.Endpoint, with bootstrap: ClientBootstrap, _ options: SocketOptions,
        on group: any EventLoopGroup
    ) -> EventLoopFuture<any Channel> {
        switch endpoint {
        case .tcp(let host, let port):
            var bootstrap = bootstrap
            if options.addressFamily != .any {
                bootstrap = bootstrap.resolver(FamilyResolver(options.addressFamily, on: group.next()))
            }
            do {
                if let local = options.localAddress {
                    bootstrap = bootstrap.bind(to: try SocketAddress(ipAddress: local, port: 0))
                }
            } catch { return group.next().makeFailedFuture(error) }
            return bootstrap.connect(host: host, port: port)
        case .unix(let path): return bootstrap.connect(unixDomainSocketPath: path)
        case .connected(let descriptor): return bootstrap.withConnectedSocket(descriptor)
        }
    }
}

extension NIODeadline {
    /// The moment that `timestamp` is.
    package init(_ timestamp: Timestamp) { self = .uptimeNanoseconds(UInt64(clamping: timestamp.nanoseconds)) }
}
