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
    /// The connection is closed. Called once, last.
    func closed(_ closure: Closure, _ connection: CallbackConnection)
}

extension WebSocketHandler {
    /// Does nothing.
    public func opened(_ connection: CallbackConnection) {}
    /// Does nothing.
    public func closed(_ closure: Closure, _ connection: CallbackConnection) {}
}
