// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornNIO
import AlicornProtocol
import AlicornTransport
import NIOCore

/// Hands to a handler what comes over its connection. On the connection's loop.
///
/// The driver lets go of it at the end, and with it of the handler, which may have kept its connection.
final class HandlerSink: MessageSink {
    let connection: CallbackConnection
    private let handler: any WebSocketHandler
    private let pieceHandler: (any WebSocketPieceHandler)?
    private let memory: LoopBuffers
    @exclusivity(unchecked) private var assembly = MessageAssembly()
    private var whenClosed: ((Closure) -> Void)?
    /// The number of the last ping whose answer the handler knows.
    private var lastAnswer: UInt64 = 0

    init(
        _ connection: CallbackConnection, handler: any WebSocketHandler, whenClosed: ((Closure) -> Void)? = nil
    ) {
        self.connection = connection
        self.handler = handler
        pieceHandler = handler as? any WebSocketPieceHandler
        memory = .of(connection.driver.loop)
        self.whenClosed = whenClosed
    }

    var isReady: Bool { !connection.isPaused }

    @inline(__always)
    func receive(_ piece: MessagePiece, _ bytes: Span<UInt8>) {
        if piece.isWholeMessage {
            handler.received(piece.kind, bytes, on: connection)
        } else {
            receivePart(piece, bytes)
        }
    }

    @inline(never)
    private func receivePart(_ piece: MessagePiece, _ bytes: Span<UInt8>) {
        if let pieceHandler {
            pieceHandler.received(pieceOf: piece.kind, bytes, endsMessage: piece.endsMessage, on: connection)
            return
        }
        assembly.append(bytes, announced: piece.announced, with: memory)
        if piece.endsMessage { deliverAssembled(piece.kind) }
    }

    func fill(announced: Int, _ body: (UnsafeMutableBufferPointer<UInt8>) -> Int) {
        assembly.fill(announced: announced, with: memory, body)
    }

    func receiveFilled(_ piece: MessagePiece) {
        if let pieceHandler {
            let bytes = assembly.take(with: memory)
            pieceHandler.received(
                pieceOf: piece.kind, bytes.readableBytesUInt8Span, endsMessage: piece.endsMessage, on: connection)
        } else if piece.endsMessage {
            deliverAssembled(piece.kind)
        }
    }

    private func deliverAssembled(_ kind: MessageKind) {
        let message = assembly.take(with: memory)
        connection.current = message
        handler.received(kind, message.readableBytesUInt8Span, on: connection)
        connection.current = nil
    }

    func receivedAll() {
        assembly.drop()
        connection.driver.didDeliver()
    }

    func receivedPong() {
        let driver = connection.driver
        guard let ping = driver.lastAnsweredPing, ping.rawValue > lastAnswer, let latency = driver.latency else {
            return
        }
        lastAnswer = ping.rawValue
        handler.answered(ping, after: latency, on: connection)
    }

    func mayResumeSending() {
        let driver = connection.driver
        guard driver.isWritable || !driver.allowsSending else { return }
        connection.waiters?.resumeSenders(alsoOfWholeMessages: true)
        if driver.allowsSending { handler.mayResumeSending(on: connection) }
    }

    func closed(_ closure: Closure) {
        connection.resumeWaitersAtClose()
        handler.closed(closure, connection)
        whenClosed.take()?(closure)
    }
}
