// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What a frame is (RFC 6455 §5.2, §11.8). Four bits on the wire; those without a name here are reserved.
public struct Opcode: RawRepresentable, Sendable, Hashable, BitwiseCopyable {
    /// The four bits.
    public let rawValue: UInt8

    /// Creates the opcode of the low four bits.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue & 0x0F }

    /// The next fragment of a message.
    public static let continuation = Self(rawValue: 0x0)
    /// A text message, or its first fragment.
    public static let text = Self(rawValue: 0x1)
    /// A binary message, or its first fragment.
    public static let binary = Self(rawValue: 0x2)
    /// The sender sends nothing more.
    public static let close = Self(rawValue: 0x8)
    /// Asks for a pong with the same payload.
    public static let ping = Self(rawValue: 0x9)
    /// Answers a ping, or just shows life.
    public static let pong = Self(rawValue: 0xA)

    /// Whether the frame controls the connection; such frames are short and never fragmented (RFC 6455 §5.5).
    @inlinable
    public var isControl: Bool { rawValue & 0x8 != 0 }

    /// Whether no RFC gives it a meaning: 3 to 7 and 11 to 15.
    @inlinable
    public var isReserved: Bool { rawValue & 0x7 > 2 }
}

/// Whether a message is text or not (RFC 6455 §5.6).
public enum MessageKind: UInt8, Sendable, Hashable, BitwiseCopyable {
    /// UTF-8 text.
    case text = 0x1
    /// Bytes whose meaning is the application's.
    case binary = 0x2

    /// The opcode of the message's first frame.
    public var opcode: Opcode { Opcode(rawValue: rawValue) }
}
