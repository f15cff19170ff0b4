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
    private var waiters: Waiters?

    private final class Waiters {
        var senders: [UnsafeContinuation<Void, Never>] = []
        var pongs: [(id: PingID, continuation: UnsafeContinuation<Bool, Never>)] = []
        var closures: [UnsafeContinuation<Void, Never>] = []
    }

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

    init(driver: WebSocketDriver, limit: Int) {
        self.driver = driver
        memory = .of(driver.loop)
        weightLimit = limit
    }

    // MARK: - From the driver

    package var isReady: Bool { weight < weightLimit || messages.isEmpty }

    package func receive(_ piece: MessagePiece, _ bytes: Span<UInt8>) {
        if piece.isWholeMessage {
            deliver(WebSocketMessage(memory.buffer(of: bytes), as: piece.kind))
            return
        }
        assembly.append(bytes, announced: piece.announced, with: memory)
        if piece.endsMessage { deliverAssembled(piece.kind) }
    }

    package func fill(announced: Int, _ body: (UnsafeMutableBufferPointer<UInt8>) -> Int) {
        assembly.fill(announced: announced, with: memory, body)
    }

    package var lendsInput: Bool { true }

    package func lend(_ count: Int, _ body: (UnsafeMutableBufferPointer<UInt8>) -> Void) { memory.lend(count, body) }

    package func receiveFilled(_ piece: MessagePiece) { if piece.endsMessage { deliverAssembled(piece.kind) } }

    private func deliverAssembled(_ kind: MessageKind) {
        deliver(WebSocketMessage(assembly.take(with: memory), as: kind))
    }

    private func deliver(_ message: WebSocketMessage) {
        if let receiver {
            self.receiver = nil
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
        assembly.drop()
        if messages.isEmpty {
            finishReceiver(with: .end)
            if !isBeingHandled { driver.didDeliver() }
        }
    }

    package func receivedPong() {
        guard let waiters, !waiters.pongs.isEmpty, let answered = driver.lastAnsweredPing else { return }
        let done = waiters.pongs.filter { $0.id <= answered }
        waiters.pongs.removeAll { $0.id <= answered }
        for waiter in done { waiter.continuation.resume(returning: true) }
    }

    package func mayResumeSending() {
        guard let waiters, !waiters.senders.isEmpty else { return }
        let waiting = waiters.senders
        waiters.senders = []
        for sender in waiting { sender.resume() }
    }

    package func closed(_ closure: Closure) {
        isClosed = true
        hasReceivedAll = true
        assembly.drop()
        if messages.isEmpty { finishReceiver(with: .end) }
        mayResumeSending()
        if let waiters = waiters.take() {
            for waiter in waiters.pongs { waiter.continuation.resume(returning: false) }
            for waiter in waiters.closures { waiter.resume() }
        }
        handler?.cancel()
        handler = nil
    }

    private func finishReceiver(with delivery: Delivery) {
        guard let receiver else { return }
        self.receiver = nil
        isBeingHandled = false
        receiver.resume(returning: delivery)
    }

    // MARK: - From the application, on the loop

    var isReceiving: Bool { receiver != nil }

    /// The next message if there is one, or the end; `nil` when it has to be waited for.
    func next() -> Delivery? {
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

    private func becameEmpty() {
        if hasGrownLarge {
            messages = Deque()
            hasGrownLarge = false
        }
        if !hasReceivedAll { driver.resumeReceiving() }
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

    func waitForRoom(_ continuation: UnsafeContinuation<Void, Never>) {
        if isClosed || driver.isWritable { continuation.resume() } else { openWaiters().senders.append(continuation) }
    }

    func waitForPong(_ id: PingID, _ continuation: UnsafeContinuation<Bool, Never>) {
        if isClosed { continuation.resume(returning: false) } else { openWaiters().pongs.append((id, continuation)) }
    }

    func waitForClose(_ continuation: UnsafeContinuation<Void, Never>) {
        if isClosed { continuation.resume() } else { openWaiters().closures.append(continuation) }
    }

    private func openWaiters() -> Waiters {
        let waiters = waiters ?? Waiters()
        self.waiters = waiters
        return waiters
    }

    /// Cancels the task that handles the connection once it is closed.
    package func cancelWhenClosed(_ handler: Task<Void, any Error>) {
        if isClosed { handler.cancel() } else { self.handler = handler }
    }
}
