// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornProtocol
public import NIOCore

/// A message of a WebSocket connection: text or binary (RFC 6455 §5.6).
///
/// Text stays bytes until somebody asks for a `String`. The bytes of received text are valid UTF-8.
public struct WebSocketMessage: Sendable, Hashable {
    /// Text or binary: the opcode of the message's first frame.
    public var kind: MessageKind
    /// The payload.
    public var buffer: ByteBuffer

    /// Takes bytes as they are; with `MessageKind.text` the caller vouches that they are UTF-8.
    public init(_ buffer: ByteBuffer, as kind: MessageKind) {
        self.kind = kind
        self.buffer = buffer
    }

    /// A text message. Costs one copy.
    public static func text(_ text: String) -> Self { Self(ByteBuffer(string: text), as: .text) }
    /// A binary message with the readable bytes of `buffer`, which it shares without a copy.
    public static func binary(_ buffer: ByteBuffer) -> Self { Self(buffer, as: .binary) }

    /// Whether the message is one of text.
    public var isText: Bool { kind == .text }

    /// The payload as text; what is not UTF-8 in a binary message is replaced. Costs a copy.
    public var text: String { String(buffer: buffer) }
}

extension WebSocketMessage: ExpressibleByStringLiteral {
    /// A text message.
    public init(stringLiteral value: String) { self = .text(value) }
}

extension WebSocketMessage: CustomStringConvertible {
    /// The text, or the number of bytes of a binary message.
    public var description: String { isText ? text : "<\(buffer.readableBytes) bytes>" }
}
