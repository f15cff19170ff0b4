// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What our own caller asked for that the protocol forbids. The connection is unharmed.
public enum ProtocolMisuse: Error, Sendable, Hashable {
    /// A data frame or ping was to be sent after the closing handshake had begun.
    case closing
    /// A close code that must not be on the wire (RFC 6455 §7.4).
    case invalidCloseCode(CloseCode)
    /// A close reason of more than 123 bytes (RFC 6455 §5.5).
    case closeReasonTooLong(bytes: Int)
    /// A ping or pong of more than 125 bytes (RFC 6455 §5.5).
    case controlPayloadTooLong(bytes: Int)
    /// A new message was begun before the fragmented one had ended (RFC 6455 §5.4).
    case messageInProgress
    /// A fragment was to be sent with no message in progress (RFC 6455 §5.4).
    case noMessageInProgress
    /// More pings wait for their pong than are kept in mind.
    case tooManyPings(limit: Int)
    /// A ping with the same payload still waits for its pong, which could then not be told apart.
    case duplicatePing
}

extension ProtocolMisuse: CustomStringConvertible {
    /// What was wrong and what to do, in one sentence.
    public var description: String {
        switch self {
        case .closing: "the connection is closing: nothing can be sent any more"
        case .invalidCloseCode(let code):
            "\(code.rawValue) must not be sent as a close code: use 1000 to 1003, 1007 to 1014 or 3000 to 4999"
        case .closeReasonTooLong(let bytes): "a close reason has at most 123 bytes, this one has \(bytes)"
        case .controlPayloadTooLong(let bytes): "a ping or pong has at most 125 bytes of payload, this one has \(bytes)"
        case .messageInProgress: "a fragmented message is being sent: end it before the next one begins"
        case .noMessageInProgress: "no fragmented message is being sent: begin one before sending a fragment"
        case .tooManyPings(let limit): "\(limit) pings already wait for their pong"
        case .duplicatePing: "a ping with the same payload already waits for its pong"
        }
    }
}
