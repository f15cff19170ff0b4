// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

@_exported public import AlicornNIO
@_exported public import AlicornProtocol
package import AlicornTransport
public import NIOCore

/// An open WebSocket connection.
///
/// Receive by iterating over it or with ``receive()``, in one task at a time; send from as many tasks as you like. All
/// methods may be called from anywhere. They are cheapest on the connection's event loop, which is where handlers run
/// unless ``WebSocketServer/Configuration/handlerPlacement`` says otherwise.
public final class WebSocketConnection: AsyncSequence, @unchecked Sendable {
    // SAFETY: `driver`, `queue` are touched only on the connection's loop: every method that does is reached through
    // `onLoop` or from code that runs there; `owner` is set before anybody else has the connection; the other properties
    // are constants of Sendable types.

    /// What iterating over a connection gives.
    public typealias Element = WebSocketMessage

    let driver: WebSocketDriver
    let queue: MessageQueue
    /// The task that owns the connection, as a number; 0 for none.
    private var owner: UInt = 0
    private let heads: OpeningHeads
    /// What else a server knows of its client; mostly nothing.
    private let details: ConnectionDetails?

    init(driver: WebSocketDriver, queue: MessageQueue, heads: OpeningHeads, details: ConnectionDetails?) {
        self.driver = driver
        self.queue = queue
        self.heads = heads
        self.details = details
    }

    /// The request that opened the connection. Parsed again each time it is asked for.
    public var request: RequestHead { heads.request }
    /// The response that opened the connection. Parsed again each time it is asked for.
    public var response: ResponseHead { heads.response }
    /// The subprotocol that both sides agreed on. Looked up in the ``response`` each time.
    public var subprotocol: String? { response.fields.first("Sec-WebSocket-Protocol") }
    /// Our address, such as `192.0.2.1:80`, `[2001:db8::1]:80` or `unix:/run/a.sock`. Made each time it is asked for.
    public var localAddress: String { driver.transport.localEndpoint.description }
    /// The peer's address, in the same form; on a server, its client's, as far as trusted proxies tell.
    public var remoteAddress: String { driver.transport.remoteEndpoint.description }
    /// Who the client is, on a server whose responder has found that out (AUT-04).
    public var username: String? { details?.username }
    /// Whether the client came to this server, or to a proxy that it trusts, over TLS.
    public var isSecure: Bool { details?.isSecure ?? false }

    package var loop: ConnectionLoop { driver.loop }
    /// How the connection ended, or is ending. On the loop.
    package var currentClosure: Closure? { driver.closure }

    // MARK: - Receiving

    /// Waits for the next message.
    ///
    /// Returns at once, without suspending, while messages are queued.
    ///
    /// - Throws: ``WebSocketError`` when the connection is closed, however it was; `CancellationError` when the task is
    ///   cancelled while it waits, which loses nothing.
    public func receive() async throws -> WebSocketMessage {
        guard let message = try await next() else { throw await closedError() }
        return message
    }

    /// The next message if one is queued; `nil` when one has to be waited for, or none will come. On the loop.
    package func takeQueued() -> WebSocketMessage? {
        guard case .message(let message)? = queue.next() else { return nil }
        return message
    }

    /// The next message, or `nil` when the connection was closed normally.
    ///
    /// Whatever is seldom needed is kept out of it: its frame is what a waiting connection holds.
    @usableFromInline
    package func next() async throws -> WebSocketMessage? {
        if driver.isOnLoop {
            if let delivery = queue.next() { return try take(delivery) }
            // Without the underscore it would begin by changing to the executor that it is on (decision 8).
            if owner != 0, !queue.isReceiving,
                let delivery = await _unsafeInheritExecutor_withUnsafeContinuation({ queue.wait($0, ifTaskIs: owner) })
            {
                return try take(delivery)
            }
        }
        return try await nextInAnyTask()
    }

    private func take(_ delivery: MessageQueue.Delivery) throws -> WebSocketMessage? {
        switch delivery {
        case .message(let message): return message
        case .arriving: preconditionFailure("only who asks for pieces gets them")
        case .cancelled: throw CancellationError()
        case .end:
            try takeEnd()
            return nil
        }
    }

    @inline(never)
    func takeEnd() throws {
        // The answer to the peer's close may only now go out.
        _ = queue.next()
        let closure = driver.closure ?? Closure(cause: .connectionLost)
        guard closure.isNormal else { throw WebSocketError(closed: closure) }
    }

    private func nextInAnyTask() async throws -> WebSocketMessage? {
        guard driver.isOnLoop else {
            return try await withTaskExecutorPreference(loop) { try await self.nextOnLoop() }
        }
        if let delivery = queue.next() { return try take(delivery) }
        try checkNobodyReceives()
        let wait = queue.currentWait &+ 1
        let delivery = await withTaskCancellationHandler {
            await withUnsafeContinuation { queue.wait($0) }
        } onCancel: {
            Task(executorPreference: loop) { self.queue.cancelReceiver(in: wait) }
        }
        guard let delivery else { preconditionFailure("only a wait that is the owner's alone is refused") }
        return try take(delivery)
    }

    func checkNobodyReceives() throws {
        guard queue.isReceiving else { return }
        throw WebSocketError(
            .concurrentReceive,
            "another task is already receiving from this connection: let one task receive and hand messages on")
    }

    @concurrent
    private func nextOnLoop() async throws -> WebSocketMessage? { try await nextInAnyTask() }

    /// Receives message after message; one task at a time may iterate over a connection.
    public struct AsyncIterator: AsyncIteratorProtocol {
        @usableFromInline
        let connection: WebSocketConnection

        /// The next message, or `nil` once the connection was closed normally: by 1000, 1001 or a close frame without a
        /// code.
        ///
        /// - Throws: ``WebSocketError`` when it ended otherwise.
        public mutating func next() async throws -> WebSocketMessage? { try await connection.next() }

        /// The same, on the caller's isolation, which it has anyway: a parameter that is isolated would have the caller
        /// change executors before and after each message, though nothing changes.
        @inlinable @inline(__always)
        public nonisolated(nonsending) mutating func next(isolation actor: (any Actor)?) async throws
            -> WebSocketMessage?
        {
            try await connection.next()
        }
    }

    /// Begins to iterate over the messages that nobody has received yet. Costs nothing.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(connection: self) }

    /// Makes the current task the connection's owner: cancelling it closes the connection, which ends its waiting, so
    /// that no wait of its own needs to watch for cancellation.
    package func becomeOwned() { owner = Self.currentTask }

    /// The current task, as a number that no other has at the same time.
    package static var currentTask: UInt {
        // SAFETY: the reference is only compared, as a number; it is the size of a pointer and never dereferenced.
        withUnsafeCurrentTask { unsafeBitCast($0, to: UInt.self) }
    }

    // MARK: - Sending

    // A message is the connection's as soon as sending it has begun: cancelling ends the wait for room with
    // `CancellationError`, and the message goes out all the same (SND-11).

    /// Sends a text message; suspends while the peer reads more slowly than we send.
    ///
    /// - Throws: ``WebSocketError`` when the connection is closed; `CancellationError` when the task is cancelled while it
    ///   waits. The message is sent all the same then, and the connection goes on.
    public func send(_ text: String, compression: CompressionChoice = .automatic) async throws {
        var text = text
        text.makeContiguousUTF8()
        try await onLoop { [text] connection in
            var text = text
            try text.withUTF8 { bytes in
                try connection.driver.send(bytes.span, as: .text, compression: compression)
            }
        }
    }

    /// Sends a binary message; suspends while the peer reads more slowly than we send.
    public func send(_ bytes: ByteBuffer, compression: CompressionChoice = .automatic) async throws {
        try await send(.binary(bytes), compression: compression)
    }

    /// Sends a message; suspends while the peer reads more slowly than we send.
    public func send(_ message: WebSocketMessage, compression: CompressionChoice = .automatic) async throws {
        if driver.isOnLoop {
            try sendNow(message, compression: compression)
            if !driver.isWritable { try await waitForRoom() }
        } else {
            try await sendFromElsewhere(message, compression: compression)
        }
    }

    @inline(never)
    private func sendFromElsewhere(_ message: WebSocketMessage, compression: CompressionChoice) async throws {
        try await onLoop { try $0.sendNow(message, compression: compression) }
    }

    /// Sends a message without waiting. On the loop.
    ///
    /// - Returns: whether more is worth sending now; if not, wait with ``waitForRoom(inFragments:)``.
    package func sendAtOnce(_ message: WebSocketMessage) throws -> Bool {
        try sendNow(message, compression: .automatic)
        return driver.isWritable
    }

    /// Kept out of those who wait: their frames are what a waiting task holds.
    @inline(never)
    private func sendNow(_ message: WebSocketMessage, compression: CompressionChoice) throws {
        do throws(ProtocolMisuse) {
            try driver.send(
                message.buffer.readableBytesUInt8Span, as: message.kind, compression: compression,
                owner: { SharedByteBuffer(message.buffer) })
        } catch {
            throw WebSocketError(error, closure: driver.closure)
        }
    }

    @inline(never)
    package func waitForRoom(inFragments: Bool = false) async throws {
        let outcome = await wait { queue.waitForRoom($0, $1, inFragments: inFragments) }
        if case .cancelled = outcome { throw CancellationError() }
        try checkSending()
    }

    /// Waits on the loop, until what `register` asks for has come or the task is cancelled.
    func wait(_ register: (UInt64, ConnectionWaiters.Continuation) -> Void) async -> WaitOutcome {
        let number = queue.nextWait()
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { register(number, $0) }
        } onCancel: {
            Task(executorPreference: loop) { self.queue.cancelWait(number) }
        }
    }

    @inline(never)
    private func checkSending() throws {
        if let closure = driver.closure, !driver.allowsSending { throw WebSocketError(closed: closure) }
    }

    /// Runs `body` on the loop, then waits there while too much is unsent.
    func onLoop(_ body: @Sendable (WebSocketConnection) throws -> Void) async throws {
        guard driver.isOnLoop else {
            try await withTaskExecutorPreference(loop) { try await self.onLoopConcurrently(body) }
            return
        }
        do {
            try body(self)
        } catch let misuse as ProtocolMisuse {
            throw WebSocketError(misuse, closure: driver.closure)
        }
        if !driver.isWritable { try await waitForRoom() }
    }

    @concurrent
    private func onLoopConcurrently(_ body: @Sendable (WebSocketConnection) throws -> Void) async throws {
        try await onLoop(body)
    }

    /// Runs `body` on the connection's event loop, where its methods need not hop.
    func withLoop<Result>(_ body: () async throws -> Result) async throws -> Result {
        try await withTaskExecutorPreference(loop, operation: body)
    }

    /// Sends a message without waiting, from anywhere: to a connection that is gone it is dropped, and one with more than
    /// ``ConnectionConfiguration/maximumUnsentBytes`` unsent is cut.
    public func post(_ message: WebSocketMessage, compression: CompressionChoice = .automatic) {
        if driver.isOnLoop {
            try? sendNow(message, compression: compression)
        } else {
            Task(executorPreference: loop) { try? self.sendNow(message, compression: compression) }
        }
    }

    // MARK: - Closing

    /// Closes the connection and waits until it is closed, at most for the close timeout. Without effect once closed.
    ///
    /// - Throws: ``WebSocketError`` with ``WebSocketError/Code/misuse`` when code or reason must not be sent.
    public func close(_ code: CloseCode = .normalClosure, reason: String = "") async throws {
        try await close(CloseFrame(code, reason: reason), because: .closedLocally)
    }

    /// Begins to close, without waiting for the peer. On the loop. Without effect once closed.
    package func startClosing(
        _ code: CloseCode = .normalClosure, reason: String = "", because cause: Closure.Cause = .closedLocally
    ) throws(ProtocolMisuse) {
        try driver.close(CloseFrame(code, reason: reason), because: cause)
    }

    /// Closes after whoever uses the connection has failed, or was cancelled. The codes may be sent: nothing is thrown.
    func closeAfterFailure(isCancelled: Bool = false) async {
        if isCancelled {
            try? await close(.goingAway)
        } else {
            try? await close(CloseFrame(.internalError), because: .applicationFailed)
        }
    }

    private func close(_ frame: CloseFrame, because cause: Closure.Cause) async throws {
        guard driver.isOnLoop else {
            return try await withTaskExecutorPreference(loop) { try await self.closeOnLoop(frame, cause) }
        }
        do throws(ProtocolMisuse) { try driver.close(frame, because: cause) } catch {
            throw WebSocketError(error, closure: driver.closure)
        }
        await waitUntilClosed()
    }

    @concurrent
    private func closeOnLoop(_ frame: CloseFrame, _ cause: Closure.Cause) async throws {
        try await close(frame, because: cause)
    }

    /// Cuts TCP, without a close frame.
    package func cut() async { await read { $0.abort() } }

    /// Waits until TCP is gone.
    public func waitUntilClosed() async {
        guard driver.isOnLoop else {
            await withTaskExecutorPreference(loop) { await self.waitUntilClosedOnLoop() }
            return
        }
        _ = await withUnsafeContinuation { queue.waitForClose(queue.nextWait(), $0) }
    }

    @concurrent
    private func waitUntilClosedOnLoop() async { await waitUntilClosed() }

    /// How the connection ended, or is ending; `nil` while it is open.
    public var closure: Closure? {
        get async { await read { $0.closure } }
    }

    /// Whether neither side has begun to close (CL-01).
    public var isOpen: Bool {
        get async { await read { $0.isOpen } }
    }

    /// The round trip of the last ping that was answered, keepalive's or ours; `nil` before the first (CTL-04).
    public var latency: Duration? {
        get async { await read { $0.latency } }
    }

    private func read<Value: Sendable>(_ value: @Sendable (WebSocketDriver) -> Value) async -> Value {
        guard driver.isOnLoop else { return await withTaskExecutorPreference(loop) { await self.readOnLoop(value) } }
        return value(driver)
    }

    @concurrent
    private func readOnLoop<Value: Sendable>(_ value: @Sendable (WebSocketDriver) -> Value) async -> Value {
        value(driver)
    }

    func closedError() async -> WebSocketError {
        let closure = await closure
        return WebSocketError(closed: closure ?? Closure(cause: .connectionLost))
    }
}
