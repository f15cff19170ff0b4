// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornNIO
import AlicornProtocol
import AlicornTransport
import NIOCore

/// A request's events. Its methods may be called from anywhere and hop to the connection's loop.
struct HTTPChannel: @unchecked Sendable {
    // SAFETY: the exchange is touched only on its loop, which every method is on or hops to.
    let exchange: HTTPExchange

    // MARK: - Receiving

    /// The next event if there is one and this is the loop.
    func next() -> ReceivedEvent? {
        guard exchange.isOnLoop else { return nil }
        return exchange.next().map { ReceivedEvent($0) }
    }

    func receive() async throws -> ReceivedEvent {
        guard exchange.isOnLoop else {
            return try await withTaskExecutorPreference(exchange.loop) { try await receiveOnLoop() }
        }
        if let event = exchange.next() { return ReceivedEvent(event) }
        return try await wait()
    }

    @concurrent
    private func receiveOnLoop() async throws -> ReceivedEvent { try await receive() }

    @inline(never)
    private func wait() async throws -> ReceivedEvent {
        while true {
            await exchange.loop.wait {
                exchange.whenReadable($0)
            } giveUp: {
                exchange.stopWaiting()
            }
            if let event = exchange.next() { return ReceivedEvent(event) }
            try Task.checkCancellation()
        }
    }

    // MARK: - Sending

    func sendAtOnce(_ event: SentEvent) throws -> Sending {
        guard exchange.isOnLoop, !event.isFile else { return .notHere }
        try sendNow(event)
        return exchange.isWritable ? .done : .full
    }

    func send(_ event: SentEvent) async throws {
        guard exchange.isOnLoop else {
            return try await withTaskExecutorPreference(exchange.loop) { try await sendOnLoop(event) }
        }
        switch event {
        case .httpResponsePathSend(let path): try await sendFile(at: path)
        case .httpResponseZeroCopySend(let file, let offset, let count, let moreBody):
            try await sendFile(file, offset: offset, count: count, moreBody: moreBody)
        default:
            try sendNow(event)
            if !exchange.isWritable { try await waitForRoom() }
        }
    }

    @concurrent
    private func sendOnLoop(_ event: SentEvent) async throws { try await send(event) }

    private func sendNow(_ event: SentEvent) throws {
        guard !exchange.isDisconnected else { throw ClientDisconnected() }
        switch event {
        case .httpResponseStart(let status, let headers, let trailers):
            try exchange.start(status: status, fields: headers, announcesTrailers: trailers)
        case .httpResponseBody(let body, let moreBody): try send(body, moreBody: moreBody, from: .application)
        case .httpResponseTrailers(let fields, let moreTrailers):
            try exchange.send(trailers: fields, haveMore: moreTrailers)
        case .httpResponseEarlyHint(let links): try exchange.send(earlyHint: links)
        case .httpResponseDebug(let information):
            try exchange.debug { information.sorted { $0.key < $1.key }.map { "\($0): \($1)" }.joined(separator: ", ") }
        default: throw exchange.misuse(event.name)
        }
    }

    private func send(_ piece: ByteBuffer, moreBody: Bool, from source: BodySource) throws {
        try exchange.send(
            piece.readableBytesUInt8Span, hasMore: moreBody, from: source, owner: { SharedByteBuffer(piece) })
    }

    // MARK: - Files

    private func sendFile(at path: String) async throws {
        let file = try await offLoop { try OpenFile.open(path) }
        try await onLoop { try exchange.beginFile() }
        try await send(file, 0..<file.size, moreBody: false, from: .path)
    }

    private func sendFile(_ descriptor: Int32, offset: Int?, count: Int?, moreBody: Bool) async throws {
        let (file, range) = try await offLoop {
            let file = try OpenFile(descriptor: descriptor)
            return (file, try file.range(from: offset, count: count))
        }
        try await send(file, range, moreBody: moreBody, from: .descriptor)
        if offset == nil { try await offLoop { try file.seek(to: range.upperBound) } }
    }

    private func send(_ file: OpenFile, _ range: Range<Int>, moreBody: Bool, from source: BodySource) async throws {
        let range = try await onLoop { exchange.dropsBody } ? range.upperBound..<range.upperBound : range
        try await file.forEachPiece(of: range) { piece, isLast in
            try await sendPiece(piece, moreBody: moreBody || !isLast, from: source)
        }
    }

    private func sendPiece(_ piece: ByteBuffer, moreBody: Bool, from source: BodySource) async throws {
        guard exchange.isOnLoop else {
            return try await withTaskExecutorPreference(exchange.loop) {
                try await sendPieceOnLoop(piece, moreBody: moreBody, from: source)
            }
        }
        guard !exchange.isDisconnected else { throw ClientDisconnected() }
        try send(piece, moreBody: moreBody, from: source)
        if !exchange.isWritable { try await waitForRoom() }
    }

    @concurrent
    private func sendPieceOnLoop(_ piece: ByteBuffer, moreBody: Bool, from source: BodySource) async throws {
        try await sendPiece(piece, moreBody: moreBody, from: source)
    }

    private func onLoop<Result: Sendable>(_ body: @Sendable () throws -> Result) async throws -> Result {
        if exchange.isOnLoop { return try body() }
        return try await withTaskExecutorPreference(exchange.loop) { try await concurrently(body) }
    }

    @inline(never)
    func waitForRoom() async throws {
        while !exchange.isWritable {
            await exchange.loop.wait {
                exchange.whenWritable($0)
            } giveUp: {
                exchange.stopWaiting()
            }
            try Task.checkCancellation()
        }
    }
}

extension ReceivedEvent {
    fileprivate init(_ event: HTTPRequestEvent) {
        switch event {
        case .request(let body, let hasMore): self = .httpRequest(body: ByteBuffer(bytes: body), moreBody: hasMore)
        case .disconnect: self = .httpDisconnect
        }
    }
}
