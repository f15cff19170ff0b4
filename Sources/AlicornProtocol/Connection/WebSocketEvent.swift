// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What the bytes of the peer came to. Trivial values: details that few events have are read from the connection.
public enum WebSocketEvent: Sendable, Hashable {
    /// The next piece of a message.
    case data(MessagePiece)
    /// A ping came; its pong is already on its way (RFC 6455 §5.5.2).
    case ping
    /// A pong came; ``WebSocketProtocol/latency`` may be new (RFC 6455 §5.5.3).
    case pong
    /// The peer's close frame came; see ``WebSocketProtocol/closure``. No data follows.
    case close
    /// The peer broke the protocol; see ``WebSocketProtocol/closure``. No data follows.
    case violation
}

/// A piece of a message: as much as arrived together.
public struct MessagePiece: Sendable, Hashable {
    /// Where the bytes of a piece lie, until the connection is next called.
    public enum Location: Sendable, Hashable {
        /// In the input, unmasked in place.
        case input(Range<Int>)
        /// All of ``WebSocketProtocol/restored``: they were compressed.
        case restored
    }

    /// What the message is.
    public var kind: MessageKind
    /// Whether the message begins here.
    public var startsMessage: Bool
    /// Whether the message ends here.
    public var endsMessage: Bool
    /// Where its bytes are.
    public var location: Location
    /// How many more bytes the frame's header has announced: a hint for reserving memory, never more than the limit.
    public var announced: Int

    /// Whether this is the whole of a message.
    @inlinable
    public var isWholeMessage: Bool { startsMessage && endsMessage }
}
