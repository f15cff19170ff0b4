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
struct CloseHandshake: Sendable {
    private enum State: Sendable {
        case open
        case answering(CloseFrame, until: Timestamp)
        case closing
        case ended
        case closed
    }

    private var state = State.open
    private var deadline = Timestamp(nanoseconds: .max)
    /// How it ends; `nil` while open.
    private(set) var closure: Closure?
    private let timeout: Int64
    private let grace: Int64

    init(timeout: Duration, grace: Duration) {
        self.timeout = timeout.clampedNanoseconds
        // The answer needs time to be written before TCP is cut.
        self.grace = min(grace.clampedNanoseconds, self.timeout / 2)
    }

    /// Whether data may be sent: no close frame has gone out, though one may have come (RFC 6455 §5.5.1).
    var allowsSending: Bool {
        switch state {
        case .open, .answering: true
        case .closing, .ended, .closed: false
        }
    }

    /// Whether data may still come: neither a close frame nor a violation has.
    var allowsReceiving: Bool {
        switch state {
        case .open, .closing: true
        case .answering, .ended, .closed: false
        }
    }

    /// Whether the connection is neither closing nor closed.
    var isOpen: Bool { closure == nil }

    /// Whether nothing more will be sent, and TCP may be half-closed.
    var hasEnded: Bool {
        switch state {
        case .ended, .closed: true
        case .open, .answering, .closing: false
        }
    }

    var isClosed: Bool {
        if case .closed = state { true } else { false }
    }

    /// - Returns: the frame to send.
    mutating func closeLocally(_ frame: CloseFrame, now: Timestamp) -> CloseFrame? {
        switch state {
        case .open:
            start(.closedLocally, now: now)
            closure?.sent = frame
            state = .closing
            return frame
        case .answering: return answer()
        case .closing, .ended, .closed: return nil
        }
    }

    mutating func receivedClose(_ frame: CloseFrame, now: Timestamp) {
        switch state {
        case .open:
            start(.closedByPeer, now: now)
            closure?.received = frame
            hold(answer: frame, now: now)
        case .closing:
            closure?.received = frame
            state = .ended
        case .answering, .ended, .closed: break
        }
    }

    mutating func violated(_ violation: ProtocolViolation, now: Timestamp) {
        switch state {
        case .open:
            start(.violation(violation), now: now)
            hold(answer: violation.closeFrame, now: now)
        case .closing:
            closure?.cause = .violation(violation)
            state = .ended
        case .answering, .ended, .closed: break
        }
    }

    /// - Returns: the frame to send.
    mutating func keepaliveTimedOut(now: Timestamp) -> CloseFrame? {
        switch state {
        case .open:
            start(.keepaliveTimeout, now: now)
            let frame = CloseFrame(.internalError, reason: "keepalive ping timeout")
            closure?.sent = frame
            state = .ended
            return frame
        case .answering, .closing, .ended, .closed: return nil
        }
    }

    /// Ends the wait of `answering`: the application has taken what came before.
    ///
    /// - Returns: the frame to send.
    mutating func answer() -> CloseFrame? {
        switch state {
        case .answering(let frame, _):
            closure?.sent = frame
            state = .ended
            return frame
        case .open, .closing, .ended, .closed: return nil
        }
    }

    /// TCP has ended, in both directions or the peer's.
    mutating func lost(_ cause: Closure.Cause) {
        if closure == nil { closure = Closure(cause: cause) }
        state = .closed
    }

    var nextDeadline: Timestamp? {
        switch state {
        case .open, .closed: nil
        case .answering(_, let until): min(until, deadline)
        case .closing, .ended: deadline
        }
    }

    enum TimeoutAction: Sendable, Hashable {
        case none
        /// Send the answer that was held.
        case answer(CloseFrame)
        /// Cut TCP.
        case abort
    }

    mutating func handleTimeout(now: Timestamp) -> TimeoutAction {
        guard let due = nextDeadline, now >= due else { return .none }
        if now < deadline, let frame = answer() { return .answer(frame) }
        closure?.timedOut = true
        state = .closed
        return .abort
    }

    private mutating func start(_ cause: Closure.Cause, now: Timestamp) {
        closure = Closure(cause: cause)
        deadline = now.advanced(byNanoseconds: timeout)
    }

    private mutating func hold(answer: CloseFrame, now: Timestamp) {
        state = .answering(answer, until: now.advanced(byNanoseconds: grace))
    }
}
