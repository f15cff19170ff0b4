// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport
import CPython
import DequeModule

/// Messages on their way to an application in Python: `str` or `bytes`, made when they have come. Confined to the loop.
final class ReceivedMessages: MessageSink {
    private let driver: WebSocketDriver
    private let log: PythonLog
    @exclusivity(unchecked) private var queue = Deque<Object>()
    @exclusivity(unchecked) private var budget: ReceiveBudget
    /// What has come of a message.
    @exclusivity(unchecked) private var begun: [UInt8] = []
    @exclusivity(unchecked) private var hasReceivedAll = false
    /// Called when there is a message, or the end.
    @exclusivity(unchecked) var whenReadable: (() -> Void)?
    /// Called when no more will come.
    @exclusivity(unchecked) var whenOver: (() -> Void)?
    /// Called when there may be room, or nothing can be sent any more.
    @exclusivity(unchecked) var whenWritable: (() -> Void)?

    init(_ driver: WebSocketDriver, _ settings: WebSocketSettings, _ log: PythonLog) {
        self.driver = driver
        self.log = log
        budget = ReceiveBudget(bytes: settings.maximumQueuedBytes, messages: settings.maximumQueuedMessages)
    }

    deinit { for message in queue { Py_DecRef(message) } }

    // MARK: - From the application

    var isEmpty: Bool { queue.isEmpty }

    /// Whether none will come any more.
    var haveEnded: Bool { hasReceivedAll && queue.isEmpty }

    /// The next message, for an application that has done with the last.
    func next() -> Owned? {
        guard let message = queue.popFirst() else {
            budget.findNone()
            if hasReceivedAll { driver.didDeliver() }
            return nil
        }
        budget.take(bytes: Self.length(of: message))
        if queue.isEmpty, !hasReceivedAll { driver.resumeReceiving() }
        return Owned(taking: message)
    }

    /// Characters of text, or bytes.
    private static func length(of message: Object) -> Int {
        message.isA(TYPE_FLAG_STR) ? PyObject_Size(message) : PyBytes_Size(message)
    }

    // MARK: - From the connection

    var isReady: Bool { budget.hasRoom }

    func receive(_ piece: MessagePiece, _ bytes: Span<UInt8>) {
        if piece.isWholeMessage {
            deliver(bytes, piece.kind)
            return
        }
        if piece.startsMessage { begun = [] }
        begun.reserveCapacity(begun.count + bytes.count + piece.announced)
        begun.append(copying: bytes)
        receiveFilled(piece)
    }

    func fill(announced: Int, _ body: (UnsafeMutableBufferPointer<UInt8>) -> Int) {
        let room = min(announced, 256 * 1024)
        begun.append(addingCapacity: room) { output in
            output.withUnsafeMutableBufferPointer { memory, count in
                // SAFETY: as many bytes are free, and `body` returns how many it has written.
                count += max(0, body(UnsafeMutableBufferPointer(rebasing: memory[count..<(count + room)])))
            }
        }
    }

    func receiveFilled(_ piece: MessagePiece) {
        guard piece.endsMessage else { return }
        var message: [UInt8] = []
        swap(&message, &begun)
        deliver(message.span, piece.kind)
    }

    private func deliver(_ bytes: Span<UInt8>, _ kind: MessageKind) {
        let made =
            kind == .text
            ? bytes.withUnsafeBytes {
                PyUnicode_FromStringAndSize($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count)
            } : makeBytes(bytes)
        guard let made else {
            // There is no memory for it: the connection cannot go on without.
            PyErr_WriteUnraisable(nil)
            driver.abort()
            return
        }
        budget.add(bytes: Self.length(of: made))
        queue.append(made)
        whenReadable?()
    }

    func receivedAll() {
        hasReceivedAll = true
        begun = []
        if budget.areHandled { driver.didDeliver() }
        whenOver?()
        whenReadable?()
    }

    func receivedPong() {}

    func mayResumeSending() { whenWritable?() }

    func closed(_ closure: Closure) {
        hasReceivedAll = true
        begun = []
        log.write(endOf: driver.transport, closure)
        whenOver?()
        whenReadable?()
        whenWritable?()
    }
}
