// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol
import AlicornTransport
import DequeModule
import NIOCore

/// Received messages on their way to whoever receives, and the senders that wait for room: the async surface's end of a
/// connection. Confined to the connection's loop.
package final class MessageQueue: MessageSink {
    /// What a call of `receive` comes to.
    enum Delivery {
        case message(WebSocketMessage)
        /// The message that has begun to come.
        case arriving(ArrivingMessage)
        /// No message will come any more.
        case end
        /// The waiting task was cancelled.
        case cancelled
    }

    @exclusivity(unchecked) private var messages = Deque<WebSocketMessage>()
    /// What the queued messages weigh against the limit.
    @exclusivity(unchecked) private var weight = 0
    private let weightLimit: Int
    @exclusivity(unchecked) private var assembly = MessageAssembly()
    @exclusivity(unchecked) private var receiver: UnsafeContinuation<Delivery?, Never>?
    /// Which wait the receiver's is: a cancellation that comes late must not end the next one.
    @exclusivity(unchecked) private(set) var currentWait: UInt64 = 0
    /// Who waits for something else than a message; mostly nobody does.
    private var waiters: ConnectionWaiters?
    /// The message that is taken while it arrives.
    @exclusivity(unchecked) private var arriving: ArrivingMessage?
    private let countLimit: Int32
    /// What the message in `assembly` is; `nil` between messages.
    private var assembledKind: MessageKind?
    /// Whether the receiver wants the next message from its first piece on.
    private var wantsPieces = false
    /// Whether the queue holds more memory than is worth keeping once it is empty.
    private var hasGrownLarge = false
    /// Whether a message was handed out after which nobody has come for the next one.
    @exclusivity(unchecked) private var isBeingHandled = false
    @exclusivity(unchecked) private var hasReceivedAll = false
    @exclusivity(unchecked) private(set) var isClosed = false
    private var handler: Task<Void, any Error>?
    private let driver: WebSocketDriver
    private let memory: LoopBuffers

    /// What a message weighs beside its bytes.
    private static let weightPerMessage = 64

    init(driver: WebSocketDriver, configuration: ConnectionConfiguration) {
        self.driver = driver
        memory = .of(driver.loop)
        weightLimit = configuration.receiveQueueLimit
        countLimit = Int32(clamping: configuration.receiveQueueCountLimit)
    }

    // MARK: - From the driver

    package var isReady: Bool {
        if let arriving, arriving.unreadBytes > 0, arriving.unreadBytes >= weightLimit { return false }
        return messages.isEmpty || weight < weightLimit && messages.count < Int(countLimit)
    }

    package func receive(_ piece: MessagePiece, _ bytes: Span<UInt8>) {
        if piece.isWholeMessage {
            deliver(WebSocketMessage(memory.buffer(of: bytes), as: piece.kind))
            return
        }
        if let message = unfinishedMessage(at: piece) {
            message.append(bytes)
        } else {
            assembledKind = piece.kind
            assembly.append(bytes, announced: piece.announced, with: memory)
        }
        receiveFilled(piece)
    }

    package func fill(announced: Int, _ body: (UnsafeMutableBufferPointer<UInt8>) -> Int) {
        if let arriving, arriving.isUnfinished {
            arriving.fill(announced: announced, body)
        } else {
            assembly.fill(announced: announced, with: memory, body)
        }
    }

    package var lendsInput: Bool { true }

    package func lend(_ count: Int, _ body: (UnsafeMutableBufferPointer<UInt8>) -> Void) { memory.lend(count, body) }

    package func receiveFilled(_ piece: MessagePiece) {
        if let arriving, arriving.isUnfinished {
            arriving.came(endsMessage: piece.endsMessage)
            if arriving.isLeft, !arriving.isUnfinished { self.arriving = nil }
        } else if piece.endsMessage {
            assembledKind = nil
            deliver(WebSocketMessage(assembly.take(with: memory), as: piece.kind))
        }
    }

    /// The message that the piece belongs to, if that is handed out while it arrives.
    private func unfinishedMessage(at piece: MessagePiece) -> ArrivingMessage? {
        if let arriving, arriving.isUnfinished { return arriving }
        guard wantsPieces, let receiver, piece.startsMessage else { return nil }
        let message = begin(piece.kind)
        self.receiver = nil
        receiver.resume(returning: .arriving(message))
        return message
    }

    private func begin(_ kind: MessageKind) -> ArrivingMessage {
        var begun = MessageAssembly()
        swap(&begun, &assembly)
        assembledKind = nil
        wantsPieces = false
        isBeingHandled = true
        let message = ArrivingMessage(kind, begun, with: memory)
        arriving = message
        return message
    }

    private func deliver(_ message: WebSocketMessage) {
        if let receiver {
            self.receiver = nil
            wantsPieces = false
            isBeingHandled = true
            receiver.resume(returning: .message(message))
        } else {
            messages.append(message)
            hasGrownLarge = hasGrownLarge || messages.count > 64
            weight += message.buffer.readableBytes + Self.weightPerMessage
        }
    }

    package func receivedAll() {
        hasReceivedAll = true
        loseUnfinished()
        if messages.isEmpty {
            finishReceiver(with: .end)
            if !isBeingHandled { driver.didDeliver() }
        }
    }

    package func receivedPong() {
        guard let waiters, let answered = driver.lastAnsweredPing else { return }
        waiters.resumePings(upTo: answered)
    }

    package func mayResumeSending() {
        waiters?.resumeSenders(alsoOfWholeMessages: driver.isWritable || !driver.allowsSending)
    }

    package func closed(_ closure: Closure) {
        isClosed = true
        hasReceivedAll = true
        loseUnfinished()
        if messages.isEmpty { finishReceiver(with: .end) }
        waiters.take()?.resumeAllAtClose()
        handler?.cancel()
        handler = nil
    }

    /// A message of which only a part has come is not handed out, unless somebody has begun to take it (RCV-07).
    private func loseUnfinished() {
        assembly.drop()
        assembledKind = nil
        guard let arriving else { return }
        isBeingHandled = !arriving.isAwaited
        arriving.lose()
    }

    private func finishReceiver(with delivery: Delivery) {
        guard let receiver else { return }
        self.receiver = nil
        wantsPieces = false
        isBeingHandled = false
        receiver.resume(returning: delivery)
    }

    // MARK: - From the application, on the loop

    var isReceiving: Bool { receiver != nil || arriving?.isAwaited == true }

    /// The next message if there is one, or the end; `nil` when it has to be waited for.
    ///
    /// Whoever asks for it has done with the message that arrives, unless a task waits for more of that.
    func next() -> Delivery? {
        if arriving != nil { leaveArriving() }
        if let message = messages.popFirst() {
            weight -= message.buffer.readableBytes + Self.weightPerMessage
            isBeingHandled = true
            if messages.isEmpty { becameEmpty() }
            return .message(message)
        }
        isBeingHandled = false
        guard hasReceivedAll else { return nil }
        driver.didDeliver()
        return .end
    }

    /// The same, without waiting for the end of the message.
    func nextInPieces() -> Delivery? {
        if let delivery = next() { return delivery }
        guard !isReceiving, let kind = assembledKind else { return nil }
        return .arriving(begin(kind))
    }

    private func leaveArriving() {
        guard let left = arriving, !left.isAwaited else { return }
        left.leave()
        if !left.isUnfinished { arriving = nil }
        if !hasReceivedAll { driver.resumeReceiving() }
    }

    /// What has come of a message since it was last asked for, or its end; `nil` when it has to be waited for.
    func nextPiece(of message: ArrivingMessage) -> ArrivingMessage.Delivery? {
        message.next().map { took($0, of: message) }
    }

    /// Goes on with what follows from it that somebody has got this of a message.
    func took(_ delivery: ArrivingMessage.Delivery, of message: ArrivingMessage) -> ArrivingMessage.Delivery {
        guard message === arriving else { return delivery }
        switch delivery {
        case .piece: if !hasReceivedAll { driver.resumeReceiving() }
        case .end: arriving = nil
        case .lost:
            arriving = nil
            driver.didDeliver()
        case .left, .cancelled: break
        }
        return delivery
    }

    /// A message that is there as a whole, to be taken in pieces.
    func inPieces(_ message: WebSocketMessage) -> ArrivingMessage { ArrivingMessage(message, with: memory) }

    private func becameEmpty() {
        if hasGrownLarge {
            messages = Deque()
            hasGrownLarge = false
        }
        if !hasReceivedAll { driver.resumeReceiving() }
    }

    /// Waits for the first piece of a message, or for a whole one.
    func waitForPieces(_ continuation: UnsafeContinuation<Delivery?, Never>) {
        wantsPieces = true
        wait(continuation)
    }

    func wait(_ continuation: UnsafeContinuation<Delivery?, Never>) {
        receiver = continuation
        currentWait &+= 1
    }

    /// Waits if the waiting task is `owner`; any other gets `nil` at once.
    func wait(_ continuation: UnsafeContinuation<Delivery?, Never>, ifTaskIs owner: UInt) {
        // SAFETY: the same size, and only compared. A continuation is its task's address; were it not, nobody would be
        // taken for the owner. To ask for the current task would count references to it.
        if unsafeBitCast(continuation, to: UInt.self) == owner {
            wait(continuation)
        } else {
            continuation.resume(returning: nil)
        }
    }

    /// - Parameter wait: the number of the wait that was cancelled; any other goes on.
    func cancelReceiver(in wait: UInt64) {
        if wait == currentWait { finishReceiver(with: .cancelled) }
    }

    // MARK: - Waiting for something else

    /// A number for the next wait, by which to cancel it.
    func nextWait() -> UInt64 { openWaiters().nextNumber() }

    func waitForRoom(_ number: UInt64, _ continuation: ConnectionWaiters.Continuation, inFragments: Bool) {
        if isClosed || (inFragments ? driver.hasRoom : driver.isWritable) {
            continuation.resume(returning: .done)
        } else {
            openWaiters().waitForRoom(number, continuation, inFragments: inFragments)
        }
    }

    func waitForPong(
        to ping: PingID, within timeout: Duration, _ number: UInt64, _ continuation: ConnectionWaiters.Continuation
    ) {
        guard !isClosed else { return continuation.resume(returning: .closed) }
        let waiters = openWaiters()
        let timer = LoopTimer(on: driver.loop, after: timeout) { [unowned waiters] in waiters.end(number, .timedOut) }
        waiters.waitForPong(to: ping, number, continuation, timer: timer)
    }

    func waitForClose(_ number: UInt64, _ continuation: ConnectionWaiters.Continuation) {
        if isClosed { continuation.resume(returning: .done) } else { openWaiters().waitForClose(number, continuation) }
    }

    /// Ends a wait because its task was cancelled.
    func cancelWait(_ number: UInt64) { waiters?.end(number, .cancelled) }

    func openWaiters() -> ConnectionWaiters {
        let waiters = waiters ?? ConnectionWaiters()
        self.waiters = waiters
        return waiters
    }

    /// Cancels the task that handles the connection once it is closed.
    package func cancelWhenClosed(_ handler: Task<Void, any Error>) {
        if isClosed { handler.cancel() } else { self.handler = handler }
    }
}
