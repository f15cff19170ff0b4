// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornProtocol

/// The callback surface: for those who count nanoseconds.
///
/// One handler serves one connection. All its methods are called on the connection's event loop and must not block.
public protocol WebSocketHandler: AnyObject {
    /// The connection is open.
    func opened(_ connection: CallbackConnection)
    /// A message came. The bytes are gone after the call; those of text are valid UTF-8.
    func received(_ kind: MessageKind, _ bytes: Span<UInt8>, on connection: CallbackConnection)
    /// The peer answered a ping, ours or keepalive's, and with it all that were sent before (CTL-03).
    ///
    /// - Parameter latency: the round trip of this ping.
    func answered(_ ping: PingID, after latency: Duration, on connection: CallbackConnection)
    /// There is room again after ``CallbackConnection/isWritable`` was `false`.
    func mayResumeSending(on connection: CallbackConnection)
    /// The connection is closed. Called once, last.
    func closed(_ closure: Closure, _ connection: CallbackConnection)
}

extension WebSocketHandler {
    /// Does nothing.
    public func opened(_ connection: CallbackConnection) {}
    /// Does nothing.
    public func answered(_ ping: PingID, after latency: Duration, on connection: CallbackConnection) {}
    /// Does nothing.
    public func mayResumeSending(on connection: CallbackConnection) {}
    /// Does nothing.
    public func closed(_ closure: Closure, _ connection: CallbackConnection) {}
}

/// A handler that takes messages which do not come at once in pieces, as they come, so that nobody holds them as a whole.
public protocol WebSocketPieceHandler: WebSocketHandler {
    /// The next piece of a message came, cut wherever the network cut it. The bytes are gone after the call.
    ///
    /// Messages that come at once still go to ``WebSocketHandler/received(_:_:on:)``. The connection may end before the
    /// message does.
    ///
    /// - Parameter endsMessage: whether it is the last piece, which may be empty.
    func received(
        pieceOf kind: MessageKind, _ bytes: Span<UInt8>, endsMessage: Bool, on connection: CallbackConnection)
}
