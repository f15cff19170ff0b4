// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// How a connection ended, or is ending: the close frames of both sides, their order, and who began it.
public struct Closure: Sendable, Hashable {
    /// What set the end in motion. What to switch over; there may come more.
    @nonexhaustive
    public enum Cause: Sendable, Hashable {
        /// We sent a close frame first.
        case closedLocally
        /// Our application failed, such as a handler that threw, and so we closed.
        case applicationFailed
        /// Our side is shutting down, and so we closed.
        case shutdown
        /// Our application cut the connection, without a close frame.
        case cutLocally
        /// The peer sent a close frame first.
        case closedByPeer
        /// The peer broke the protocol or a limit.
        case violation(ProtocolViolation)
        /// Nothing came from the peer for so long, although it was sent a ping in the meantime (KA-04).
        case keepaliveTimeout(silence: Duration)
        /// TCP ended without a close frame (CL-08).
        case connectionLost
        /// The transport failed, with its own words, such as `Connection reset by peer`.
        case transportFailed(String)
        /// The peer stopped reading: nothing could be written for so long (D1, D2).
        case writeTimeout(Duration)
        /// The peer reads too slowly: more bytes were sent, and not taken by it, than may wait (D2).
        case tooMuchUnsent(bytes: Int, limit: Int)
    }

    /// A side that can begin the end.
    public enum Side: Sendable, Hashable {
        /// We: our application, or one of our limits and time limits.
        case us
        /// The other side, by a close frame.
        case peer
        /// Nobody said so: TCP ended. The peer may be gone, or something between may have cut it.
        case network
    }

    /// What set the end in motion.
    public var cause: Cause
    /// The close frame that we sent.
    public var sent: CloseFrame?
    /// The close frame that the peer sent.
    public var received: CloseFrame?
    /// Whether the peer did not finish closing within the close timeout, and TCP was cut (CL-05).
    public var timedOut = false

    /// The code that tells the application how it ended: the peer's, or 1006 if it sent none (CC-05).
    public var code: CloseCode { received?.code ?? .abnormalClosure }

    package init(cause: Cause) { self.cause = cause }

    /// Whether both sides wanted the end: normal codes both ways (CC-04).
    public var isNormal: Bool {
        guard let received, let sent else { return false }
        return received.code.isNormal && sent.code.isNormal
    }

    /// The side that began it.
    public var initiator: Side {
        switch cause {
        case .closedLocally, .applicationFailed, .shutdown, .cutLocally, .violation, .keepaliveTimeout, .writeTimeout,
            .tooMuchUnsent:
            .us
        case .closedByPeer: .peer
        case .connectionLost, .transportFailed: .network
        }
    }
}

extension Closure: CustomStringConvertible {
    /// Who did what, in order, in one sentence.
    public var description: String { beginning + (timedOut ? "; it did not end the connection in time" : "") }

    private var beginning: String {
        switch cause {
        case .closedLocally: ourClose
        case .applicationFailed: "our application failed: \(ourClose)"
        case .shutdown: "our side is shutting down: \(ourClose)"
        case .cutLocally: "we cut the connection without a close frame"
        case .closedByPeer:
            "the peer closed with \(shown(received))" + (sent.map { ", we answered \($0.code)" } ?? "")
        case .violation(let violation):
            (violation.isOfLimit ? "the peer exceeded a limit: " : "the peer broke the protocol: ")
                + "\(violation)" + (sent.map { "; we closed with \($0.code)" } ?? "")
        case .keepaliveTimeout(let silence):
            "nothing came from the peer for \(silence.inWords), not even an answer to a keepalive ping; "
                + "we closed with \(shown(sent))"
        case .connectionLost:
            "TCP ended without a close frame (1006): the peer is gone, or something between us cut the connection"
        case .transportFailed(let reason): "the connection failed without a close frame (1006): \(reason)"
        case .writeTimeout(let duration):
            "the peer stopped reading: nothing could be written to it for \(duration.inWords); we cut the connection"
        case .tooMuchUnsent(let bytes, let limit):
            "the peer reads too slowly: \(bytes) bytes that it did not take exceed the limit of \(limit); "
                + "we cut the connection"
        }
    }

    private var ourClose: String {
        "we closed with \(shown(sent)), "
            + (received.map { "the peer answered \($0)" } ?? "the peer sent no close frame")
    }

    private func shown(_ frame: CloseFrame?) -> String { frame.map { "\($0)" } ?? "nothing" }
}

extension Duration {
    /// In seconds, to the millisecond: `20 s`, `1.5 s`, `0.25 s`.
    package var inWords: String {
        let milliseconds = max(0, clampedNanoseconds) / 1_000_000
        let rest = milliseconds % 1000
        guard rest > 0 else { return "\(milliseconds / 1000) s" }
        var digits = String(1000 + rest).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return "\(milliseconds / 1000).\(digits) s"
    }
}
