// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import NIOCore

/// A message that is handed out while it arrives (RCV-04): what has come of it and nobody has taken yet, and who waits for
/// more.
///
///     arriving   its end comes                      complete
///     any        somebody receives something else   left        what has come is dropped, and what comes
///     arriving   the connection ends                lost
final class ArrivingMessage: @unchecked Sendable {
    // SAFETY: touched on the connection's loop alone.
    private enum State {
        case arriving, complete, left, lost
    }

    /// What asking for the next piece comes to.
    enum Delivery {
        case piece(ByteBuffer)
        /// The message is over.
        case end
        /// Its rest was dropped, as somebody received another message.
        case left
        /// The connection ended before the message did.
        case lost
        /// The waiting task was cancelled.
        case cancelled
    }

    let kind: MessageKind
    private var assembly: MessageAssembly
    private var state: State
    /// Whether more of it will come, wanted or not.
    private(set) var isUnfinished: Bool
    private var receiver: UnsafeContinuation<Delivery, Never>?
    private let memory: LoopBuffers
    /// Which wait the receiver's is: a cancellation that comes late must not end the next one.
    private(set) var currentWait: UInt64 = 0

    init(_ kind: MessageKind, _ assembly: MessageAssembly, with memory: LoopBuffers) {
        self.kind = kind
        self.assembly = assembly
        self.memory = memory
        state = .arriving
        isUnfinished = true
    }

    /// A message that has arrived as a whole.
    init(_ message: WebSocketMessage, with memory: LoopBuffers) {
        kind = message.kind
        assembly = MessageAssembly(message.buffer)
        self.memory = memory
        state = .complete
        isUnfinished = false
    }

    // MARK: - From the queue

    var isAwaited: Bool { receiver != nil }
    var isLeft: Bool { state == .left }
    var unreadBytes: Int { assembly.count }

    func append(_ bytes: Span<UInt8>) { if state == .arriving { assembly.append(bytes, announced: 0, with: memory) } }

    func fill(announced: Int, _ body: (UnsafeMutableBufferPointer<UInt8>) -> Int) {
        assembly.fill(announced: announced, with: memory, body)
    }

    /// A piece was appended or filled in.
    func came(endsMessage: Bool) {
        if isLeft { assembly.drop() }
        if endsMessage {
            isUnfinished = false
            if state == .arriving { state = .complete }
        }
        if isAwaited, let delivery = next() { deliver(delivery) }
    }

    /// Drops what has come, and what will.
    func leave() {
        if state == .arriving || unreadBytes > 0 { state = .left }
        assembly.drop()
    }

    /// The connection has ended. What has come can still be taken.
    func lose() {
        guard isUnfinished else { return }
        isUnfinished = false
        state = .lost
        if isAwaited { deliver(.lost) }
    }

    // MARK: - From the application

    /// What has come since the last piece, or the end; `nil` when it has to be waited for.
    func next() -> Delivery? {
        if unreadBytes > 0 { return .piece(assembly.take(with: memory)) }
        return switch state {
        case .arriving: nil
        case .complete: .end
        case .left: .left
        case .lost: .lost
        }
    }

    func wait(_ continuation: UnsafeContinuation<Delivery, Never>) {
        receiver = continuation
        currentWait &+= 1
    }

    /// - Parameter wait: the number of the wait that was cancelled; any other goes on.
    func cancel(_ wait: UInt64) { if wait == currentWait, isAwaited { deliver(.cancelled) } }

    private func deliver(_ delivery: Delivery) { receiver.take()?.resume(returning: delivery) }
}
