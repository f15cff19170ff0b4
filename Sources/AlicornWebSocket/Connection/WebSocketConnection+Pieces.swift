// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTransport
public import NIOCore

extension WebSocketConnection {
    /// Waits for the next message, and gives it while it arrives (RCV-04).
    ///
    /// For messages that are longer than what is worth having in memory, or worth waiting for: what has come and nobody
    /// has taken is bounded by ``ConnectionConfiguration/receiveQueueLimit``, the whole by
    /// ``ProtocolConfiguration/maximumMessageSize`` all the same.
    ///
    /// Whoever receives something else meanwhile, or iterates, leaves the message: its rest is dropped, and what comes
    /// behind it is received.
    ///
    /// - Throws: as ``receive()``.
    public func receivePieces() async throws -> MessagePieces {
        guard driver.isOnLoop else {
            return try await withTaskExecutorPreference(loop) { try await self.receivePiecesOnLoop() }
        }
        if let delivery = queue.nextInPieces() { return try await pieces(of: delivery) }
        try checkNobodyReceives()
        let wait = queue.currentWait &+ 1
        let delivery = await withTaskCancellationHandler {
            await withUnsafeContinuation { queue.waitForPieces($0) }
        } onCancel: {
            Task(executorPreference: loop) { self.queue.cancelReceiver(in: wait) }
        }
        guard let delivery else { preconditionFailure("only a wait that is the owner's alone is refused") }
        return try await pieces(of: delivery)
    }

    @concurrent
    private func receivePiecesOnLoop() async throws -> MessagePieces { try await receivePieces() }

    private func pieces(of delivery: MessageQueue.Delivery) async throws -> MessagePieces {
        switch delivery {
        case .message(let message): return MessagePieces(connection: self, message: queue.inPieces(message))
        case .arriving(let message): return MessagePieces(connection: self, message: message)
        case .cancelled: throw CancellationError()
        case .end:
            try takeEnd()
            throw await closedError()
        }
    }

    fileprivate func nextPiece(of message: ArrivingMessage) async throws -> ByteBuffer? {
        guard driver.isOnLoop else {
            return try await withTaskExecutorPreference(loop) { try await self.nextPieceOnLoop(of: message) }
        }
        let delivery: ArrivingMessage.Delivery
        if let next = queue.nextPiece(of: message) {
            delivery = next
        } else {
            try checkNobodyReceives()
            let wait = message.currentWait &+ 1
            let awaited = await withTaskCancellationHandler {
                await withUnsafeContinuation { message.wait($0) }
            } onCancel: {
                Task(executorPreference: loop) { message.cancel(wait) }
            }
            delivery = queue.took(awaited, of: message)
        }
        switch delivery {
        case .piece(let bytes): return bytes
        case .end: return nil
        case .lost: throw await closedError()
        case .cancelled: throw CancellationError()
        case .left:
            throw WebSocketError(
                .misuse, "the rest of this message was dropped, as another one was received before its end")
        }
    }

    @concurrent
    private func nextPieceOnLoop(of message: ArrivingMessage) async throws -> ByteBuffer? {
        try await nextPiece(of: message)
    }
}

/// A message as it arrives: each element is what has come since the last one, cut wherever the network cut it.
///
/// It is over with the message. One task at a time may iterate over it; cancelling that while it waits loses nothing.
public struct MessagePieces: AsyncSequence, Sendable {
    fileprivate let connection: WebSocketConnection
    fileprivate let message: ArrivingMessage

    init(connection: WebSocketConnection, message: ArrivingMessage) {
        self.connection = connection
        self.message = message
    }

    /// Text or binary. The bytes of text are UTF-8 as a whole, but may be cut within a character: see ``text``.
    public var kind: MessageKind { message.kind }

    /// The pieces as text, cut between characters of Unicode. What is not UTF-8 in a binary message is replaced.
    public var text: Text { Text(pieces: self) }

    /// Begins where the last iterator has ended. Costs nothing.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(pieces: self) }

    /// Takes piece after piece.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let pieces: MessagePieces

        /// What has come since the last piece; waits if that is nothing. `nil` at the end of the message.
        ///
        /// - Throws: ``WebSocketError`` when the connection ended before the message, or when another message was
        ///   received meanwhile; `CancellationError`.
        public mutating func next() async throws -> ByteBuffer? {
            try await pieces.connection.nextPiece(of: pieces.message)
        }

        /// The same, on the caller's isolation.
        public nonisolated(nonsending) mutating func next(isolation actor: (any Actor)?) async throws -> ByteBuffer? {
            try await next()
        }
    }
}

extension MessagePieces {
    /// A message of text as it arrives.
    public struct Text: AsyncSequence, Sendable {
        fileprivate let pieces: MessagePieces

        /// Begins where the last iterator has ended, which should have been between characters.
        public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(pieces: pieces.makeAsyncIterator()) }

        /// Takes piece after piece.
        public struct AsyncIterator: AsyncIteratorProtocol {
            fileprivate var pieces: MessagePieces.AsyncIterator
            /// The beginning of a character whose end has not come.
            private var rest: [UInt8] = []

            fileprivate init(pieces: MessagePieces.AsyncIterator) { self.pieces = pieces }

            /// What has come since the last piece, up to the last whole character; `nil` at the end of the message.
            ///
            /// - Throws: as ``MessagePieces/AsyncIterator/next()``.
            public mutating func next() async throws -> String? {
                while let piece = try await pieces.next() {
                    var bytes = rest
                    bytes.append(contentsOf: piece.readableBytesView)
                    let end = bytes.endOfWholeCharacters
                    rest = Array(bytes[end...])
                    if end > 0 { return String(decoding: bytes[..<end], as: UTF8.self) }
                }
                guard !rest.isEmpty else { return nil }
                defer { rest = [] }
                return String(decoding: rest, as: UTF8.self)
            }

            /// The same, on the caller's isolation.
            public nonisolated(nonsending) mutating func next(isolation actor: (any Actor)?) async throws -> String? {
                try await next()
            }
        }
    }
}

extension [UInt8] {
    /// Where the last character of UTF-8 begins if it is not whole; else the end.
    fileprivate var endOfWholeCharacters: Int {
        guard let start = indices.suffix(4).last(where: { self[$0] & 0xC0 != 0x80 }) else { return count }
        let length =
            switch self[start] {
            case 0xC0..<0xE0: 2
            case 0xE0..<0xF0: 3
            case 0xF0...: 4
            default: 1
            }
        return count - start < length ? start : count
    }
}
