// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// How a connection ended, or is ending: the close frames of both sides, their order, and who began it.
public struct Closure: Sendable, Hashable {
    /// What set the end in motion.
    public enum Cause: Sendable, Hashable {
        /// We sent a close frame first.
        case closedLocally
        /// The peer sent a close frame first.
        case closedByPeer
        /// The peer broke the protocol or a limit.
        case violation(ProtocolViolation)
        /// The peer was silent for too long after a ping (KA-04).
        case keepaliveTimeout
        /// TCP ended without a close frame (CL-08).
        case connectionLost
        /// The transport failed, with its own words.
        case transportFailed(String)
        /// The peer stopped reading: nothing could be written for too long (D1, D2).
        case writeTimeout
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
}

extension Closure: CustomStringConvertible {
    /// Who did what, in order, in one sentence.
    public var description: String {
        let end = timedOut ? "; it did not end the connection in time" : ""
        return switch (cause, received, sent) {
        case (.closedByPeer, let received?, let sent?):
            "the peer closed with \(received), we answered \(sent.code)\(end)"
        case (.closedByPeer, let received?, nil): "the peer closed with \(received)\(end)"
        case (.closedLocally, let received?, let sent?): "we closed with \(sent), the peer answered \(received)\(end)"
        case (.closedLocally, nil, let sent?): "we closed with \(sent), the peer sent no close frame\(end)"
        case (.violation(let violation), _, let sent?):
            "the peer broke the protocol: \(violation); we closed with \(sent.code)\(end)"
        case (.violation(let violation), _, nil): "the peer broke the protocol: \(violation)\(end)"
        case (.keepaliveTimeout, _, _): "the peer did not answer a keepalive ping in time; we closed with 1011\(end)"
        case (.transportFailed(let reason), _, _): "the connection failed without a close frame: \(reason)"
        case (.writeTimeout, _, _): "the peer stopped reading: nothing could be written for too long"
        case (.connectionLost, _, _), (.closedByPeer, nil, _), (.closedLocally, _, nil):
            "the connection ended without a close frame (1006)\(end)"
        }
    }
}
