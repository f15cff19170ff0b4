// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What a peer did against RFC 6455, RFC 7692 or our limits: one case for each rule that can be broken after the
/// opening handshake. Each says with which close code the connection fails.
public enum ProtocolViolation: Error, Sendable, Hashable {
    /// A reserved bit is set that no negotiated extension gives a meaning (RFC 6455 §5.2). The three bits, RSV1 highest.
    case reservedBits(UInt8)
    /// An opcode without a meaning (RFC 6455 §5.2).
    case reservedOpcode(UInt8)
    /// A client sent a frame without a mask (RFC 6455 §5.1).
    case unmaskedFrame
    /// A server sent a masked frame (RFC 6455 §5.1).
    case maskedFrame
    /// A control frame came in fragments (RFC 6455 §5.5).
    case fragmentedControlFrame
    /// A control frame has more than 125 bytes of payload (RFC 6455 §5.5).
    case controlFrameTooLong
    /// A length is not encoded in the fewest bytes (RFC 6455 §5.2).
    case nonMinimalLength
    /// The top bit of a 64-bit length is set (RFC 6455 §5.2).
    case lengthTooLarge
    /// A continuation came while no message was in progress (RFC 6455 §5.4).
    case unexpectedContinuation
    /// A new message began within another (RFC 6455 §5.4).
    case expectedContinuation
    /// RSV1 is set on a frame that does not begin a message (RFC 7692 §6.1).
    case compressedContinuation
    /// A close frame has one byte of payload (RFC 6455 §5.5.1).
    case closeFrameTooShort
    /// A close frame carries a code that must not be on the wire (RFC 6455 §7.4).
    case invalidCloseCode(UInt16)
    /// The reason of a close frame is not UTF-8 (RFC 6455 §5.5.1).
    case invalidCloseReason
    /// A text message is not UTF-8 (RFC 6455 §8.1); `position` counts the bytes of the message from 0.
    case invalidText(position: Int)
    /// A message is or will be longer than the limit, in bytes after decompression (RFC 6455 §10.4).
    case messageTooBig(size: Int, limit: Int)
    /// A frame is longer than the limit, in bytes on the wire (RFC 6455 §10.4).
    case frameTooBig(size: Int, limit: Int)
    /// A message comes in more frames than its size limit can account for (RFC 6455 §10.4).
    case tooManyFragments(limit: Int)
    /// An extension could not restore the data (RFC 7692 §7.2.2).
    case transformFailed(TransformFailure)

    /// The code to fail the connection with (RFC 6455 §7.4.1).
    public var closeCode: CloseCode {
        switch self {
        case .reservedBits, .reservedOpcode, .unmaskedFrame, .maskedFrame, .fragmentedControlFrame,
            .controlFrameTooLong, .nonMinimalLength, .lengthTooLarge, .unexpectedContinuation, .expectedContinuation,
            .compressedContinuation, .closeFrameTooShort, .invalidCloseCode, .transformFailed:
            .protocolError
        case .invalidCloseReason, .invalidText: .invalidPayload
        case .messageTooBig, .frameTooBig, .tooManyFragments: .messageTooBig
        }
    }

    /// Whether it is one of our limits that was broken, rather than a rule of the protocol.
    public var isOfLimit: Bool {
        switch self {
        case .messageTooBig, .frameTooBig, .tooManyFragments: true
        case .reservedBits, .reservedOpcode, .unmaskedFrame, .maskedFrame, .fragmentedControlFrame,
            .controlFrameTooLong, .nonMinimalLength, .lengthTooLarge, .unexpectedContinuation, .expectedContinuation,
            .compressedContinuation, .closeFrameTooShort, .invalidCloseCode, .invalidCloseReason, .invalidText,
            .transformFailed:
            false
        }
    }

    /// The close frame that answers it.
    public var closeFrame: CloseFrame { CloseFrame(closeCode, reason: description).fittingReason() }
}

extension ProtocolViolation: CustomStringConvertible {
    /// What the peer did, short enough for the reason of a close frame.
    public var description: String {
        switch self {
        case .reservedBits(let bits): "reserved bits \(bitNames(bits)) are set but no extension uses them"
        case .reservedOpcode(let opcode): "opcode \(opcode) is reserved"
        case .unmaskedFrame: "frame from a client is not masked"
        case .maskedFrame: "frame from a server is masked"
        case .fragmentedControlFrame: "control frame is fragmented"
        case .controlFrameTooLong: "control frame has more than 125 bytes"
        case .nonMinimalLength: "payload length is not encoded in the fewest bytes"
        case .lengthTooLarge: "payload length has its top bit set"
        case .unexpectedContinuation: "continuation frame without a message in progress"
        case .expectedContinuation: "new message before the last one ended"
        case .compressedContinuation: "RSV1 is set on a continuation frame"
        case .closeFrameTooShort: "close frame has one byte of payload"
        case .invalidCloseCode(let code): "close code \(code) must not be sent"
        case .invalidCloseReason: "close reason is not valid UTF-8"
        case .invalidText(let position): "text is not valid UTF-8 at byte \(position)"
        case .messageTooBig(let size, let limit): "message of at least \(size) bytes exceeds the limit of \(limit)"
        case .frameTooBig(let size, let limit): "frame of \(size) bytes exceeds the limit of \(limit)"
        case .tooManyFragments(let limit): "message comes in more than \(limit) fragments"
        case .transformFailed(let failure): failure.description
        }
    }

    private func bitNames(_ bits: UInt8) -> String {
        [(4, "RSV1"), (2, "RSV2"), (1, "RSV3")].filter { bits & $0.0 != 0 }.map(\.1).joined(separator: ", ")
    }
}
