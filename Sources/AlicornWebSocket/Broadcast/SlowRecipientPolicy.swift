// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport

/// What becomes of a connection that has too much unsent when the next message for many is its turn (BRD-05, LIM-08).
public struct SlowRecipientPolicy: Sendable, Hashable {
    enum Action: Sendable, Hashable {
        case skip
        case disconnect
        case wait(atMost: Duration)
    }

    let action: Action
    /// What a connection may have unsent and still get the next message, in bytes; 64 KiB it may have at any rate.
    public let limit: Int

    /// It does not get the message.
    ///
    /// - Parameter limit: what it may have unsent, in bytes.
    public static func skip(above limit: Int = 1 << 20) -> Self { Self(action: .skip, limit: limit) }

    /// It is closed with 1013 (try again later): for messages that must not be missed by who stays.
    ///
    /// - Parameter limit: what it may have unsent, in bytes.
    public static func disconnect(above limit: Int = 1 << 20) -> Self { Self(action: .disconnect, limit: limit) }

    /// The sender waits until it has read, together for all who are slow; whoever takes longer does not get the message.
    ///
    /// - Parameters:
    ///   - limit: what it may have unsent, in bytes.
    ///   - timeout: how long to wait.
    public static func wait(above limit: Int = 1 << 20, atMost timeout: Duration = .seconds(10)) -> Self {
        Self(action: .wait(atMost: timeout), limit: limit)
    }

    private static let tooSlow = CloseFrame(.tryAgainLater, reason: "too slow: too much is unsent")

    /// What an offer of a message came to.
    enum Outcome {
        case sent
        /// It is slow, and nothing has been done about it.
        case slow
        case disconnected
        case closed
    }

    /// Sends a message to a connection, if it is not too slow. On its loop.
    func offer(_ message: SharedMessage, _ frame: Span<UInt8>, to driver: WebSocketDriver) -> Outcome {
        guard driver.allowsSending, !driver.hasEnded else { return .closed }
        guard driver.unsentBytes > limit, !driver.isWritable else {
            return (try? driver.send(message, frame)) == nil ? .closed : .sent
        }
        guard action == .disconnect else { return .slow }
        // The code may be sent: nothing is thrown.
        try? driver.close(Self.tooSlow)
        return .disconnected
    }
}
