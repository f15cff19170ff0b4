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

    func receive() async throws -> ReceivedEvent {
        guard exchange.loop.isCurrent else {
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
            await withTaskCancellationHandler {
                await withUnsafeContinuation { continuation in exchange.whenReadable { continuation.resume() } }
            } onCancel: {
                Task(executorPreference: exchange.loop) { exchange.stopWaiting() }
            }
            if let event = exchange.next() { return ReceivedEvent(event) }
            try Task.checkCancellation()
        }
    }

    // MARK: - Sending

    func send(_ event: SentEvent) async throws {
        guard exchange.loop.isCurrent else {
            return try await withTaskExecutorPreference(exchange.loop) { try await sendOnLoop(event) }
        }
        try sendNow(event)
        if !exchange.isWritable { try await waitForRoom() }
    }

    @concurrent
    private func sendOnLoop(_ event: SentEvent) async throws { try await send(event) }

    private func sendNow(_ event: SentEvent) throws {
        guard !exchange.isDisconnected else { throw ClientDisconnected() }
        switch event {
        case .httpResponseStart(let status, let headers, let trailers):
            try exchange.start(status: status, fields: headers, announcesTrailers: trailers)
        case .httpResponseBody(let body, let moreBody):
            try exchange.send(body.readableBytesUInt8Span, hasMore: moreBody, owner: { SharedByteBuffer(body) })
        case .httpResponseTrailers(let fields, let moreTrailers):
            try exchange.send(trailers: fields, haveMore: moreTrailers)
        case .httpResponseEarlyHint(let links): try exchange.send(earlyHint: links)
        default: throw exchange.misuse(event.name)
        }
    }

    @inline(never)
    private func waitForRoom() async throws {
        while !exchange.isWritable {
            await withTaskCancellationHandler {
                await withUnsafeContinuation { continuation in exchange.whenWritable { continuation.resume() } }
            } onCancel: {
                Task(executorPreference: exchange.loop) { exchange.stopWaiting() }
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
