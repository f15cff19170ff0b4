// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol

/// Where a connection's messages go: a queue, a callback, another language.
///
/// All calls happen on the connection's loop.
package protocol MessageSink: AnyObject {
    /// A piece of a message; `bytes` are gone after the call.
    func receive(_ piece: MessagePiece, _ bytes: Span<UInt8>)
    /// Lends memory for the next bytes of a message of which a piece has come; at most `announced` bytes are put there,
    /// and `body` returns how many. ``receiveFilled(_:)`` follows, unless there were none or they broke the protocol.
    func fill(announced: Int, _ body: (UnsafeMutableBufferPointer<UInt8>) -> Int)
    /// What was put into the lent memory is the next piece.
    func receiveFilled(_ piece: MessagePiece)
    /// Whether it keeps messages, and can lend memory of which they then are a part.
    var lendsInput: Bool { get }
    /// Lends memory for at least `count` bytes of input. What `body` passes to ``receive(_:_:)`` may lie in it.
    func lend(_ count: Int, _ body: (UnsafeMutableBufferPointer<UInt8>) -> Void)
    /// Whether it takes more for now; if not, it calls ``WebSocketDriver/resumeReceiving()`` later.
    var isReady: Bool { get }
    /// No more messages will come: the peer closed, broke the protocol, or is gone.
    ///
    /// The sink calls ``WebSocketDriver/didDeliver()`` once the application has taken what came before.
    func receivedAll()
    /// A pong came, see ``WebSocketDriver/lastAnsweredPing``.
    func receivedPong()
    /// What is unsent has shrunk: whoever waits to send may go on.
    func mayResumeSending()
    /// TCP is gone, or will be without more ado: nothing can be sent or awaited.
    func closed(_ closure: Closure)
}

extension MessageSink {
    package var lendsInput: Bool { false }
    package func lend(_ count: Int, _ body: (UnsafeMutableBufferPointer<UInt8>) -> Void) {
        preconditionFailure("this sink lends nothing for input")
    }
}
