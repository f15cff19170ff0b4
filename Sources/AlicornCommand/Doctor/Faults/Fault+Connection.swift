// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// The open connection.
extension Fault {
    /// The server broke the protocol or a limit.
    static func ofViolation(_ violation: ProtocolViolation) -> Self {
        switch violation {
        case .maskedFrame:
            Self(
                .maskedFrame, "The server masks its frames, and clients have to refuse that.",
                remedy: """
                    Only clients mask (RFC 6455 §5.1). The server's code uses the client's half of its library, or frames by \
                    hand: have it send frames without the mask bit.
                    """)
        case .reservedBits:
            Self(
                .protocolViolation, "The server breaks the protocol: \(violation).",
                remedy: """
                    It compresses without having agreed to, or what arrives are not frames: a proxy may change bytes behind the \
                    handshake. Try --no-deflate; if that helps, the server or proxy is at fault with permessage-deflate.
                    """)
        case _ where violation.isOfLimit:
            Self(
                .messageTooBig, "The server sends more than is accepted: \(violation).",
                remedy:
                    "Raise the limit with --max-size, and that of your clients; or have the server send less at once.")
        default:
            Self(
                .protocolViolation, "The server breaks the protocol: \(violation).",
                remedy: """
                    If its library is a known one, something else writes to the connection, such as a proxy that adds an error \
                    page or a logger that prints to the socket. -v shows all frames before.
                    """)
        }
    }

    static func closedAtOnce(_ frame: CloseFrame) -> Self {
        Self(
            .closedAtOnce, "The server opens the connection and closes it at once, with \(frame).",
            remedy: CloseCodeMeaning.remedy(for: frame.code))
    }

    static func cutAtOnce(_ reason: String) -> Self {
        Self(
            .cutAtOnce, "The connection is opened, and cut without a close frame (1006): \(reason).",
            remedy: """
                As a rule the server's handler failed right behind the handshake: look into its log. If nothing is there, \
                something between cuts it: try the server's own port, without the proxy.
                """)
    }

    static func missingPong(_ patience: Duration) -> Self {
        Self(
            .missingPong, "The server does not answer a ping within \(patience.inWords).",
            remedy: """
                Every endpoint has to (RFC 6455 §5.5.2). The server's loop is blocked by something that computes or waits \
                in it, its library reads nothing while the application does not receive, or a proxy keeps small frames \
                back: nginx needs proxy_buffering off.
                """)
    }

    static func cutWhenIdle(after time: Duration) -> Self {
        Self(
            .cutWhenIdle,
            "Without traffic the connection is cut after \(time.inWords), without a close frame (1006): a time limit of "
                + "something between.",
            remedy: IdleLimit.remedy(for: time))
    }

    static func closedWhenIdle(_ frame: CloseFrame, after time: Duration) -> Self {
        Self(
            .closedWhenIdle, "Without traffic the server closes the connection after \(time.inWords), with \(frame).",
            remedy: "It is the server's own time limit: send something more often, a ping may do, or raise the limit.")
    }

    static func silentAfterIdle(_ idle: Duration, _ patience: Duration) -> Self {
        Self(
            .silentAfterIdle,
            "After \(idle.inWords) without traffic nothing comes back any more: a ping had no answer within "
                + "\(patience.inWords), and nobody said that the connection is gone.",
            remedy: """
                A NAT, firewall or load balancer forgot the connection and drops what is sent on it. Have one side send \
                pings well below that time; 20 seconds do everywhere. That also tells when the other side is gone.
                """)
    }

    static func closeUnanswered(_ patience: Duration) -> Self {
        Self(
            .closeUnanswered, "The server does not answer our close frame (waited for \(patience.inWords) at most).",
            remedy: """
                It has to send one back (RFC 6455 §5.5.1). Its application does not read while it works, its library lacks \
                it, or a proxy ended the connection first. Clients report 1006 and wait in vain when they close.
                """)
    }
}

/// What a server's code means when it comes at once.
private enum CloseCodeMeaning {
    static func remedy(for code: CloseCode) -> String {
        switch code.rawValue {
        case 1000, 1001, 1005:
            "The server's handler returns at once: it has to stay for as long as the connection shall."
        case 1002, 1007:
            "The server takes what we sent for a fault. If the reason does not help, its log, or -v, will."
        case 1003, 1009: "The server cannot take what was sent: look at its limits."
        case 1008, 3000, 3003, 4401, 4403:
            """
            Most often who connects is not allowed to: a token, cookie or Origin is missing (--bearer, --cookie, --origin), \
            or a subprotocol (--subprotocol).
            """
        case 1011: "The server's handler failed: its log has the error."
        case 1012: "The server is restarting: try again in a moment."
        case 1013: "The server has too much to do: try again later, and raise its limits if that stays."
        case 1014: "The gateway has no good connection to the server behind it: look at that one."
        case 4406:
            "None of the offered subprotocols will do: offer the one that its documentation names (--subprotocol)."
        case 4404: "The application knows nothing at that path: look for a slip in it."
        case 4000...4999: "The code is the application's own: its documentation says what it means."
        default: "Look into the server's log for the time of this attempt."
        }
    }
}
