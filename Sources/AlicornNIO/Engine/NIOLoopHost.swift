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

/// SwiftNIO's event loop as what turns a ``ConnectionLoop``.
final class NIOLoopHost: LoopHost, @unchecked Sendable {
    // SAFETY: `loop` is set once, before the host is shared; `alarm` is touched on the event loop alone.
    private let eventLoop: any EventLoop
    private unowned var loop: ConnectionLoop!
    private var alarm: Scheduled<Void>?

    private init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// Makes the loop that runs on `eventLoop`.
    static func makeLoop(on eventLoop: any EventLoop) -> ConnectionLoop {
        let host = NIOLoopHost(eventLoop: eventLoop)
        let loop = ConnectionLoop(host: host)
        host.loop = loop
        return loop
    }

    var isCurrent: Bool { eventLoop.inEventLoop }

    var now: Timestamp { Timestamp(eventLoop.now) }

    var unixSeconds: Int64 { Int64(time(nil)) }

    func loopIsGone() { alarm?.cancel() }

    func wake() { eventLoop.execute { [loop = self.loop!] in loop.turn() } }

    func setAlarm(at deadline: Timestamp?) {
        alarm?.cancel()
        alarm = deadline.map { deadline in
            let moment = NIODeadline.uptimeNanoseconds(UInt64(clamping: deadline.nanoseconds))
            return eventLoop.scheduleTask(deadline: moment) { [loop = self.loop!] in loop.alarmRang() }
        }
    }
}

extension Timestamp {
    /// The moment that SwiftNIO names so.
    init(_ moment: NIODeadline) { self.init(nanoseconds: Int64(clamping: moment.uptimeNanoseconds)) }
}

/// The connection loops of an event loop group, one on each of its event loops.
package struct NIOLoops: Sendable {
    private let loops: [ObjectIdentifier: ConnectionLoop]

    package init(_ group: any EventLoopGroup) {
        var loops: [ObjectIdentifier: ConnectionLoop] = [:]
        for eventLoop in group.makeIterator() {
            loops[ObjectIdentifier(eventLoop)] = NIOLoopHost.makeLoop(on: eventLoop)
        }
        self.loops = loops
    }

    /// The connection loop on `eventLoop`, which is of the group.
    package func loop(on eventLoop: any EventLoop) -> ConnectionLoop { loops[ObjectIdentifier(eventLoop)]! }
}
