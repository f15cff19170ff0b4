// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol

/// Who watches over the connections of one endpoint, a server or a client, on all its loops.
package protocol EndpointObserver: AnyObject, Sendable {
    /// Whether it takes counts.
    var takesCounts: Bool { get }
    /// What the connections of one loop have come to since the last time. On that loop.
    func take(_ counts: ConnectionCounts)
    /// None of the loop's connections is open any more. On that loop.
    func isIdle(_ observer: LoopObserver)
    /// A ping was answered. On the connection's loop.
    func didMeasure(latency: Duration)
    /// A connection has ended. On its loop; called once for each.
    func didEnd(_ transport: any ConnectionTransport, _ closure: Closure)
}

/// What connections have carried.
package struct ConnectionCounts: Sendable, Hashable {
    /// Connections that were opened, less those that have ended.
    package var opened = 0
    package var messagesReceived = 0
    package var messagesSent = 0
    /// On the wire, with the headers of frames, and as compressed.
    package var bytesReceived = 0
    package var bytesSent = 0
    /// The most that was unsent on one of the connections, in bytes.
    package var mostUnsent = 0

    package init() {}
}

/// Counts what the connections of one endpoint do on one loop, in plain integers, and hands the sums over: a second after
/// something has happened, and when the last of the connections has ended.
///
/// Confined to its loop.
package final class LoopObserver: AlarmedConnection {
    package var alarmIndex: Int?
    package let endpoint: any EndpointObserver
    package unowned let loop: ConnectionLoop
    @exclusivity(unchecked) private var counts = ConnectionCounts()
    /// How many connections are open.
    private var openCount = 0
    /// Whether counts need not be seen to: they will be handed over, or nobody takes them.
    @exclusivity(unchecked) private var isArmed: Bool

    /// How late the counts may be.
    private static let delay = Duration.seconds(1)

    package init(endpoint: any EndpointObserver, loop: ConnectionLoop) {
        self.endpoint = endpoint
        self.loop = loop
        isArmed = !endpoint.takesCounts
    }

    /// A whole message came.
    @inline(__always)
    package func didReceiveMessage() { counts.messagesReceived &+= 1 }

    /// A whole message was sent.
    @inline(__always)
    package func didSendMessage() { counts.messagesSent &+= 1 }

    /// So many bytes came.
    @inline(__always)
    package func didReceive(_ count: Int) {
        counts.bytesReceived &+= count
        if !isArmed { arm() }
    }

    /// So many bytes were given to the transport.
    @inline(__always)
    package func didSend(_ count: Int) {
        counts.bytesSent &+= count
        if !isArmed { arm() }
    }

    /// So many bytes are unsent on a connection.
    package func hasUnsent(_ count: Int) { counts.mostUnsent = max(counts.mostUnsent, count) }

    /// A connection was opened.
    package func didOpen() {
        openCount += 1
        counts.opened += 1
        if !isArmed { arm() }
    }

    /// A connection has ended; once for each that was opened.
    package func didEnd(_ transport: any ConnectionTransport, _ closure: Closure) {
        openCount -= 1
        counts.opened -= 1
        endpoint.didEnd(transport, closure)
        if openCount > 0 {
            if !isArmed { arm() }
        } else {
            handOver()
            endpoint.isIdle(self)
        }
    }

    @inline(never)
    private func arm() {
        isArmed = true
        loop.setAlarm(of: self, at: loop.now.advanced(by: Self.delay))
    }

    package func ring(at now: Timestamp) {
        isArmed = false
        handOver()
    }

    private func handOver() {
        guard endpoint.takesCounts, counts != ConnectionCounts() else { return }
        let taken = counts
        counts = ConnectionCounts()
        endpoint.take(taken)
    }
}
