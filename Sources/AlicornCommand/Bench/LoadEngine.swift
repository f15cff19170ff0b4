// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornNIO
import AlicornProtocol
import AlicornTransport
import NIOCore

/// What turns the connections of one thread, and gets new ones.
protocol LoadEngine: Sendable {
    var loop: ConnectionLoop { get }

    /// Runs `body` on the loop's thread, soon. From any thread.
    func execute(_ body: @escaping @Sendable () -> Void)

    /// Gets to the server. On the loop's thread, and so is what it calls.
    ///
    /// - Parameters:
    ///   - failed: called at most once, and then `makeDriver` is not.
    ///   - makeDriver: makes the connection's driver, before anything is read.
    func dial(
        deadline: Timestamp, failed: @escaping @Sendable (DialFailure) -> Void,
        makeDriver: @escaping @Sendable (any ConnectionTransport) -> any ConnectionDriver)
}

/// SwiftNIO: for TLS, through proxies, and where there is nothing else.
struct NIOLoadEngine: LoadEngine {
    let eventLoop: any EventLoop
    let loops: NIOLoops
    let route: DialRoute

    var loop: ConnectionLoop { loops.loop(on: eventLoop) }

    func execute(_ body: @escaping @Sendable () -> Void) { eventLoop.execute(body) }

    func dial(
        deadline: Timestamp, failed: @escaping @Sendable (DialFailure) -> Void,
        makeDriver: @escaping @Sendable (any ConnectionTransport) -> any ConnectionDriver
    ) {
        NIODialer.connect(
            route, deadline: deadline, group: eventLoop, loops: loops, begun: { _ in },
            failed: { failure in eventLoop.execute { failed(failure) } },
            makeDriver: { makeDriver($0) })
    }
}

#if os(Linux)
/// The native engine: for plain TCP and Unix sockets.
struct NativeLoadEngine: LoadEngine {
    let member: NativeLoops.Member
    /// Where the server may be, the likeliest first.
    let addresses: [SocketEndpoint]

    var loop: ConnectionLoop { member.loop }

    func execute(_ body: @escaping @Sendable () -> Void) { member.host.execute(body) }

    func dial(
        deadline: Timestamp, failed: @escaping @Sendable (DialFailure) -> Void,
        makeDriver: @escaping @Sendable (any ConnectionTransport) -> any ConnectionDriver
    ) {
        NativeDialer.connect(
            to: addresses, on: member, deadline: deadline,
            failed: { attempts in failed(DialFailure(attempts)) }, makeDriver: makeDriver)
    }
}

extension DialFailure {
    fileprivate init(_ attempts: [NativeDialer.Attempt]) {
        let texts = attempts.map { "\($0.address): \($0.failure.reason)" }
        self = .notConnected(
            texts.joined(separator: ", "), underlying: attempts.last?.failure ?? SystemFailure("connect", 0))
    }
}
#endif
