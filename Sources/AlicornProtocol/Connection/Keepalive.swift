// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Pings that wait for their pongs, and when the next one is due (websockets' KA and CTL rows).
///
/// A peer is alive while anything arrives from it, not only pongs (D6); while reading is paused by us, nothing can
/// arrive and its silence is not counted. The time for an answer runs from the moment a ping is queued, so a ping that
/// cannot be written is an unanswered one (D2).
@usableFromInline
package struct Keepalive: Sendable {
    /// A ping that waits for its pong.
    @usableFromInline
    struct PendingPing: Sendable {
        var id: PingID
        var payload: [UInt8]
        var sentAt: Timestamp
        var isKeepalive: Bool
    }

    @usableFromInline private(set) var pending: [PendingPing] = []
    /// When anything last came, or reading went on.
    private(set) var lastReceived: Timestamp
    @usableFromInline private(set) var nextPing: Timestamp
    /// In nanoseconds; 0 for no pings.
    @usableFromInline let interval: Int64
    /// In nanoseconds; below 0 when pongs are not waited for.
    private let timeout: Int64
    private var lastID: UInt64 = 0
    /// 0 before the first.
    private var lastAnsweredID: UInt64 = 0
    /// In nanoseconds; below 0 before the first.
    private var lastRoundTrip: Int64 = -1
    private var isSuspended = false
    private var isLatencyNew = false

    /// Pings of the application that may wait at the same time.
    static let maximumPending = 64

    /// Nothing has been sent. Times as in ``ProtocolConfiguration``.
    package init(interval: Duration?, timeout: Duration?, now: Timestamp) {
        self.interval = max(0, interval?.clampedNanoseconds ?? 0)
        self.timeout = timeout.map { max(0, $0.clampedNanoseconds) } ?? -1
        lastReceived = now
        nextPing = now.advanced(byNanoseconds: self.interval)
    }

    /// The last round trip, in nanoseconds.
    var latency: Int64? { lastRoundTrip < 0 ? nil : lastRoundTrip }

    /// The last round trip, in nanoseconds, once each.
    package mutating func takeLatency() -> Int64? {
        guard isLatencyNew else { return nil }
        isLatencyNew = false
        return latency
    }

    /// The last ping that was answered: it and all before it are done.
    var lastAnswered: PingID? { lastAnsweredID == 0 ? nil : PingID(rawValue: lastAnsweredID) }

    /// Something came: the peer is alive.
    package mutating func received(at now: Timestamp) { lastReceived = now }

    /// We do not read for now: the peer's silence is ours.
    package mutating func suspend() { isSuspended = true }

    /// We read again.
    package mutating func resume(at now: Timestamp) {
        guard isSuspended else { return }
        isSuspended = false
        lastReceived = now
    }

    /// Notes a ping that goes out now.
    package mutating func sent(_ payload: [UInt8], at now: Timestamp, isKeepalive: Bool) throws(ProtocolMisuse)
        -> PingID
    {
        // One keepalive ping may wait beside them: the application's must not switch keepalive off.
        guard isKeepalive || pending.count < Self.maximumPending else {
            throw .tooManyPings(limit: Self.maximumPending)
        }
        guard !pending.contains(where: { $0.payload == payload }) else { throw .duplicatePing }
        lastID &+= 1
        let id = PingID(rawValue: lastID)
        pending.append(PendingPing(id: id, payload: payload, sentAt: now, isKeepalive: isKeepalive))
        return id
    }

    /// A pong answers its ping and all that were sent before it; one that matches no ping means nothing (CTL-03).
    package mutating func receivedPong(_ payload: [UInt8], at now: Timestamp) {
        guard let index = pending.firstIndex(where: { $0.payload == payload }) else { return }
        lastRoundTrip = max(0, now.nanoseconds &- pending[index].sentAt.nanoseconds)
        isLatencyNew = true
        lastAnsweredID = pending[index].id.rawValue
        pending.removeSubrange(...index)
        if pending.isEmpty { pending = [] }  // Idle connections hold no buffers.
    }

    /// When ``handleTimeout(now:)`` is next due.
    @inlinable
    package var nextDeadline: Timestamp? {
        guard interval > 0 else { return nil }
        return pending.isEmpty ? nextPing : answerDeadline ?? nextPing
    }

    /// What the time has come for.
    package enum Action: Sendable, Hashable {
        /// Nothing.
        case none
        /// Send a ping, and note it with ``sent(_:at:isKeepalive:)``.
        case sendPing
        /// The peer has been silent since a keepalive ping for longer than the timeout; for so long altogether.
        case fail(silence: Duration)
    }

    /// Says what the time has come for.
    package mutating func handleTimeout(now: Timestamp) -> Action {
        guard interval > 0 else { return .none }
        if let deadline = answerDeadline {
            guard now >= deadline else { return .none }
            return .fail(silence: lastReceived.duration(to: now))
        }
        guard now >= nextPing else { return .none }
        nextPing = now.advanced(byNanoseconds: interval)
        let isWaiting = pending.contains(where: \.isKeepalive)
        if isWaiting, timeout >= 0 { return .none }
        if isWaiting { pending.removeAll(where: \.isKeepalive) }
        return .sendPing
    }

    /// Whether this is the payload of a keepalive ping that waits for its pong.
    func awaits(keepalivePayload payload: [UInt8]) -> Bool {
        pending.contains { $0.isKeepalive && $0.payload == payload }
    }

    /// Until when the peer must be heard of, while a keepalive ping waits and we are listening.
    @usableFromInline var answerDeadline: Timestamp? {
        guard timeout >= 0, !isSuspended, let ping = pending.first(where: \.isKeepalive) else { return nil }
        return max(ping.sentAt, lastReceived).advanced(byNanoseconds: timeout)
    }
}

/// Which ping, in the order of sending on one connection.
public struct PingID: RawRepresentable, Sendable, Hashable, Comparable {
    /// Counts from 1.
    public let rawValue: UInt64

    /// Creates the identity of a ping.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Whether the left ping was sent earlier.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
