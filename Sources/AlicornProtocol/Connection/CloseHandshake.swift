// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The closing handshake (RFC 6455 §7), for both roles.
///
///     state      input                          next state   action
///     open       close by us                    closing      send close frame
///     open       close frame, violation         answering    -
///     open       keepalive timeout              ended        send close frame
///     answering  all before it was taken, or    ended        send the answer
///                the grace is over, close by us,
///                end of input (closed at once)
///     closing    close frame                    ended        -
///     closing    violation                      ended        -
///     any        end of input, transport fails  closed       close TCP
///     closing,   close timeout                  closed       cut TCP
///     answering,
///     ended
///
/// On entering `ended` the server half-closes TCP (§7.1.1) and the client waits for it. One deadline runs from the first
/// input that leaves `open` until `closed` (CL-05), whatever the application or the socket does meanwhile (D1, D4).
@usableFromInline
package struct CloseHandshake: Sendable {
    @usableFromInline
    enum Phase: Sendable, BitwiseCopyable {
        case open, answering, closing, ended, closed
    }

    /// What is known of the end, and when it comes.
    private struct Ending: Sendable {
        var closure: Closure
        var deadline = Timestamp(nanoseconds: .max)
        /// The frame that is held in `answering`, and until when.
        var answer: CloseFrame?
        var grace = Timestamp(nanoseconds: .max)
    }

    /// Keeps it on the heap: an open connection has none, and most are open.
    private indirect enum Progress: Sendable {
        case none
        case begun(Ending)
    }

    private let timeout: Int64
    private let grace: Int64
    private var progress = Progress.none
    @usableFromInline private(set) var phase = Phase.open

    /// An open connection.
    ///
    /// - Parameters:
    ///   - timeout: how long closing may take altogether.
    ///   - grace: how long the answer waits for what came before it to be taken.
    package init(timeout: Duration, grace: Duration) {
        self.timeout = timeout.clampedNanoseconds
        // The answer needs time to be written before TCP is cut.
        self.grace = min(grace.clampedNanoseconds, self.timeout / 2)
    }

    /// How it ends; `nil` while open.
    package var closure: Closure? { ending?.closure }

    /// Whether data may be sent: no close frame has gone out, though one may have come (RFC 6455 §5.5.1).
    @inlinable
    package var allowsSending: Bool {
        switch phase {
        case .open, .answering: true
        case .closing, .ended, .closed: false
        }
    }

    /// Whether data may still come: neither a close frame nor a violation has.
    @inlinable
    package var allowsReceiving: Bool {
        switch phase {
        case .open, .closing: true
        case .answering, .ended, .closed: false
        }
    }

    /// Whether the connection is neither closing nor closed.
    @inlinable
    package var isOpen: Bool {
        switch phase {
        case .open: true
        case .answering, .closing, .ended, .closed: false
        }
    }

    /// Whether nothing more will be sent, and TCP may be half-closed.
    package var hasEnded: Bool {
        switch phase {
        case .ended, .closed: true
        case .open, .answering, .closing: false
        }
    }

    /// Whether TCP is to be closed or cut, or already is.
    @inlinable
    package var isClosed: Bool {
        switch phase {
        case .closed: true
        case .open, .answering, .closing, .ended: false
        }
    }

    /// - Parameter cause: why we close.
    /// - Returns: the frame to send.
    package mutating func closeLocally(
        _ frame: CloseFrame, because cause: Closure.Cause = .closedLocally, now: Timestamp
    ) -> CloseFrame? {
        switch phase {
        case .open:
            start(cause, now: now)
            ending?.closure.sent = frame
            phase = .closing
            return frame
        case .answering: return answer()
        case .closing, .ended, .closed: return nil
        }
    }

    /// The peer's close frame came.
    package mutating func receivedClose(_ frame: CloseFrame, now: Timestamp) {
        switch phase {
        case .open:
            start(.closedByPeer, now: now)
            ending?.closure.received = frame
            hold(answer: frame, now: now)
        case .closing:
            ending?.closure.received = frame
            phase = .ended
        case .answering, .ended, .closed: break
        }
    }

    /// The peer broke the protocol or a limit.
    package mutating func violated(_ violation: ProtocolViolation, now: Timestamp) {
        switch phase {
        case .open:
            start(.violation(violation), now: now)
            hold(answer: violation.closeFrame, now: now)
        case .closing:
            ending?.closure.cause = .violation(violation)
            phase = .ended
        case .answering, .ended, .closed: break
        }
    }

    /// - Returns: the frame to send.
    /// The peer has been silent for too long.
    ///
    /// - Returns: the frame to send.
    package mutating func keepaliveTimedOut(silence: Duration, now: Timestamp) -> CloseFrame? {
        switch phase {
        case .open:
            start(.keepaliveTimeout(silence: silence), now: now)
            let frame = CloseFrame(.internalError, reason: "keepalive ping timeout")
            ending?.closure.sent = frame
            phase = .ended
            return frame
        case .answering, .closing, .ended, .closed: return nil
        }
    }

    /// Ends the wait of `answering`: the application has taken what came before.
    ///
    /// - Returns: the frame to send.
    package mutating func answer() -> CloseFrame? {
        guard case .answering = phase, let frame = ending?.answer else { return nil }
        ending?.closure.sent = frame
        ending?.answer = nil
        ending?.grace = Timestamp(nanoseconds: .max)
        phase = .ended
        return frame
    }

    /// TCP has ended, in both directions or the peer's.
    package mutating func lost(_ cause: Closure.Cause) {
        if ending == nil { ending = Ending(closure: Closure(cause: cause)) }
        phase = .closed
    }

    /// When ``handleTimeout(now:)`` is next due; `nil` when nothing is.
    @usableFromInline package var nextDeadline: Timestamp? {
        switch phase {
        case .open, .closed: nil
        case .answering, .closing, .ended: ending.map { min($0.grace, $0.deadline) }
        }
    }

    /// What the time has come for.
    package enum TimeoutAction: Sendable, Hashable {
        /// Nothing.
        case none
        /// Send the answer that was held.
        case answer(CloseFrame)
        /// Cut TCP.
        case abort
    }

    /// Says what the time has come for.
    package mutating func handleTimeout(now: Timestamp) -> TimeoutAction {
        guard let due = nextDeadline, now >= due else { return .none }
        if let deadline = ending?.deadline, now < deadline, let frame = answer() { return .answer(frame) }
        ending?.closure.timedOut = true
        phase = .closed
        return .abort
    }

    private var ending: Ending? {
        get {
            if case .begun(let ending) = progress { ending } else { nil }
        }
        set { progress = newValue.map { .begun($0) } ?? .none }
    }

    private mutating func start(_ cause: Closure.Cause, now: Timestamp) {
        ending = Ending(closure: Closure(cause: cause), deadline: now.advanced(byNanoseconds: timeout))
    }

    private mutating func hold(answer: CloseFrame, now: Timestamp) {
        let until = now.advanced(byNanoseconds: grace)
        ending?.answer = answer
        ending?.grace = until
        phase = .answering
    }
}
