// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornProtocol
import AlicornTransport
import NIOCore

/// A connection as a ``WebSocketHandler`` sees it: to be used on its event loop, from within the handler's methods.
///
/// Only ``post(_:compression:)`` may be called from elsewhere. Nothing here waits. Whoever sends faster than the peer
/// reads looks at ``isWritable``; a connection with more than ``ConnectionConfiguration/maximumUnsentBytes`` unsent is
/// cut.
public final class CallbackConnection: @unchecked Sendable {
    // SAFETY: all but `post` is to be called on the connection's loop, as the class's contract says; `post` hops there.
    private let driver: WebSocketDriver
    /// The request that opened the connection.
    public let request: RequestHead
    /// The subprotocol that both sides agreed on.
    public let subprotocol: String?

    init(driver: WebSocketDriver, opening: WebSocketConnection.Opening) {
        self.driver = driver
        request = opening.request
        subprotocol = opening.subprotocol
    }

    /// Whether little is unsent.
    public var isWritable: Bool { driver.isWritable }

    /// Sends a message; it goes out at the end of the loop's turn, together with others. Costs one copy.
    public func send(
        _ bytes: Span<UInt8>, as kind: MessageKind, compression: CompressionChoice = .automatic
    ) throws(ProtocolMisuse) {
        try driver.send(bytes, as: kind, compression: compression)
    }

    /// Sends a text message.
    public func send(_ text: String, compression: CompressionChoice = .automatic) throws(ProtocolMisuse) {
        let bytes = Array(text.utf8)
        try driver.send(bytes.span, as: .text, compression: compression)
    }

    /// Sends a message from anywhere: to a connection that is gone it is dropped.
    public func post(_ message: WebSocketMessage, compression: CompressionChoice = .automatic) {
        if driver.loop.isCurrent {
            try? driver.send(message.buffer.readableBytesUInt8Span, as: message.kind, compression: compression)
        } else {
            Task(executorPreference: driver.loop) { self.post(message, compression: compression) }
        }
    }

    /// Begins the closing handshake.
    public func close(_ code: CloseCode = .normalClosure, reason: String = "") throws(ProtocolMisuse) {
        try driver.close(CloseFrame(code, reason: reason))
    }

    /// Cuts the connection.
    public func abort() { driver.abort() }
}

/// Carries a connection's messages to its handler.
final class HandlerSink: MessageSink {
    private let handler: any WebSocketHandler
    private var connection: CallbackConnection?
    private unowned var driver: WebSocketDriver!
    /// The message of which pieces have come.
    private var partial: [UInt8] = []

    private let whenClosed: (Closure) -> Void

    init(handler: any WebSocketHandler, whenClosed: @escaping (Closure) -> Void) {
        self.handler = handler
        self.whenClosed = whenClosed
    }

    func start(_ driver: WebSocketDriver, opening: WebSocketConnection.Opening) {
        self.driver = driver
        let connection = CallbackConnection(driver: driver, opening: opening)
        self.connection = connection
        handler.opened(connection)
    }

    var isReady: Bool { true }

    func receive(_ piece: MessagePiece, _ bytes: Span<UInt8>) {
        guard let connection else { return }
        if piece.isWholeMessage {
            handler.received(piece.kind, bytes, on: connection)
            return
        }
        let needed = partial.count + bytes.count
        if needed > partial.capacity { partial.reserveCapacity(min(needed + piece.announced, max(2 * needed, 4096))) }
        bytes.withUnsafeBufferPointer { partial.append(contentsOf: $0) }
        guard piece.endsMessage else { return }
        var whole: [UInt8] = []
        swap(&whole, &partial)
        handler.received(piece.kind, whole.span, on: connection)
    }

    func receivedAll() {
        partial = []
        driver.didDeliver()
    }

    func receivedPong() {}
    func mayResumeSending() {}

    func closed(_ closure: Closure) {
        guard let connection else { return }
        self.connection = nil
        handler.closed(closure, connection)
        whenClosed(closure)
    }
}
