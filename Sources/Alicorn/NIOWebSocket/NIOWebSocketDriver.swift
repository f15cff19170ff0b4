// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornNIO
import AlicornProtocol
import AlicornTransport
import AlicornWebSocket
import DequeModule
import NIOCore
import NIOWebSocket

/// Drives one open WebSocket connection by NIOWebSocket's codec: carries bytes between its transport, the codec and the
/// messages that wait for the application (decision 13).
///
/// What frames and messages are, the codec decides; when to ping, to answer and to give up is told by the same states as for
/// our own codec. Confined to the connection's loop.
final class NIOWebSocketDriver: AcceptedConnection, FlushableConnection, AlarmedConnection {
    let transport: any ConnectionTransport
    let loop: ConnectionLoop
    private let codec: NIOWebSocketCodec
    private let observer: LoopObserver
    private var closing: CloseHandshake
    private var keepalive: Keepalive
    private var received = Deque<WebSocketMessage>()
    private var budget: ReceiveBudget
    private(set) var messagesReceived: UInt32 = 0
    private(set) var messagesSent: UInt32 = 0
    var owner: (any ConnectionOwner)?
    /// Who waits for a message, for room or for the end.
    private var waiting: [() -> Void] = []
    /// The payload of the latest ping that came while the client did not read (RFC 6455 §5.5.3 lets it stand for all).
    private var owedPong: ByteBuffer?
    private var isPaused = false
    /// What is to be done with TCP behind the output, and what was done.
    private var end = WebSocketProtocol.OutputEnd.stayOpen
    private var lastEnd = WebSocketProtocol.OutputEnd.stayOpen
    /// Whether TCP is closed with the closing handshake, as the server ends.
    private var isLeaving = false
    private var isTransportDone = false
    private var hasFinished = false
    var isFlushPending = false
    /// Bytes sent since the loop last flushed.
    private var queued = 0
    /// Bytes that the transport was given.
    private var written = 0
    private let maximumUnsent: Int
    private let writeTimeout: Duration
    private var stall: WriteStall?
    var alarmIndex: Int?

    /// Output that is worth a system call of its own before the turn ends.
    private static let corkLimit = 64 * 1024

    init(_ transport: any ConnectionTransport, _ configuration: ConnectionConfiguration, observer: LoopObserver) {
        self.transport = transport
        self.observer = observer
        loop = transport.loop
        codec = NIOWebSocketCodec(maximumMessageSize: configuration.limits.maximumMessageSize)
        closing = CloseHandshake(
            timeout: configuration.limits.closeTimeout, grace: configuration.limits.deliveryGrace)
        keepalive = Keepalive(
            interval: configuration.limits.pingInterval, timeout: configuration.limits.pingTimeout,
            now: transport.loop.now)
        budget = ReceiveBudget(
            bytes: configuration.receiveQueueLimit, messages: configuration.receiveQueueCountLimit)
        maximumUnsent = configuration.maximumUnsentBytes
        writeTimeout = configuration.writeTimeout
        observer.didOpen()
        updateAlarm()
    }

    // MARK: - What is known

    var closure: Closure? { closing.closure }
    /// Whether no message can come any more.
    var hasReceivedAll: Bool { !closing.allowsReceiving }
    /// Whether messages can be sent.
    var allowsSending: Bool { closing.allowsSending }
    /// Whether a sender should go on: little is unsent, and others have had their turn.
    var isWritable: Bool { transport.isWritable && queued < Self.corkLimit }

    /// Has `body` called once, when there may be a message, room or the end.
    func whenChanged(_ body: @escaping () -> Void) { waiting.append(body) }

    /// Has all look again who wait.
    func lookAgain() {
        let bodies = waiting
        waiting = []
        for body in bodies { body() }
    }

    // MARK: - Receiving

    func receive(_ input: inout MutableSpan<UInt8>) {
        guard !isTransportDone else { return }
        keepalive.received(at: loop.now)
        observer.didReceive(input.count)
        guard closing.allowsReceiving else { return }
        for input in codec.decode(input.span) where closing.allowsReceiving { take(input) }
        pauseIfFull()
        settle()
    }

    private func take(_ input: NIOWebSocketCodec.Input) {
        do throws(ProtocolViolation) {
            switch input {
            case .frame(.text, let payload): try take(text: payload)
            case .frame(.binary, let payload): take(WebSocketMessage(payload, as: .binary))
            case .frame(.ping, let payload): answer(ping: payload)
            case .frame(.pong, let payload): takePong(payload)
            case .frame(.connectionClose, let payload):
                closing.receivedClose(try CloseFrame(nioPayload: payload), now: loop.now)
                receivedAll()
            // Neither the check of frames nor the aggregator lets another one through.
            case .frame: break
            case .fault(let error):
                guard let violation = ProtocolViolation(error, in: codec) else {
                    return cut(because: .transportFailed("NIOWebSocket fails: \(error)"))
                }
                throw violation
            }
        } catch {
            closing.violated(error, now: loop.now)
            receivedAll()
        }
    }

    /// NIOWebSocket leaves it to us to look at the text of messages (RFC 6455 §8.1).
    private func take(text payload: ByteBuffer) throws(ProtocolViolation) {
        var validator = UTF8Validator()
        let length = payload.readableBytes
        let invalid = validator.firstInvalidByte(in: payload.readableBytesUInt8Span, 0..<length)
        guard invalid == nil, validator.isAtCharacterBoundary else { throw .invalidText(position: invalid ?? length) }
        take(WebSocketMessage(payload, as: .text))
    }

    private func take(_ message: WebSocketMessage) {
        messagesReceived &+= 1
        observer.didReceiveMessage()
        // Once we have closed, what nobody takes must not keep the client's answer away (RFC 6455 §1.4).
        guard budget.hasRoom || closing.allowsSending else { return }
        received.append(message)
        budget.add(bytes: message.buffer.readableBytes)
        lookAgain()
    }

    private func answer(ping payload: ByteBuffer) {
        if transport.isWritable { codec.encode(.pong, payload) } else { owedPong = payload }
    }

    private func takePong(_ payload: ByteBuffer) {
        keepalive.receivedPong(Array(payload.readableBytesView), at: loop.now)
        if let latency = keepalive.takeLatency() { observer.endpoint.didMeasure(latency: .nanoseconds(latency)) }
    }

    /// A close frame or a fault was the last that counts: it is answered when the application has taken what came before.
    private func receivedAll() {
        if closing.hasEnded { endOutput(.halfClose) }
        if budget.areHandled { answerClose() }
        lookAgain()
    }

    private func pauseIfFull() {
        guard !isPaused, !budget.hasRoom, closing.isOpen else { return }
        isPaused = true
        keepalive.suspend()
        transport.pauseReading()
    }

    private func resumeReceiving() {
        guard isPaused else { return }
        isPaused = false
        keepalive.resume(at: loop.now)
        if !isTransportDone { transport.resumeReading() }
        settle()
    }

    func receiveEOF() {
        guard !isTransportDone else { return }
        // Who ends its direction may still read the answer.
        answerClose()
        closing.lost(.connectionLost)
        endOutput(.close)
        lookAgain()
        settle()
    }

    func transportClosed(reason: String?) {
        isTransportDone = true
        closing.lost(reason.map { .transportFailed($0) } ?? .connectionLost)
        finish()
    }

    // MARK: - From the application

    /// The next message, if there is one: the application has done with the last.
    func next() -> WebSocketMessage? {
        let message = received.popFirst()
        if let message { budget.take(bytes: message.buffer.readableBytes) } else { budget.findNone() }
        if received.isEmpty {
            received = Deque()
            resumeReceiving()
        }
        if budget.areHandled, hasReceivedAll {
            answerClose()
            settle()
        }
        return message
    }

    /// Sends a message.
    ///
    /// - Throws: ``ProtocolMisuse/closing`` when the connection is closed, or closing.
    func send(_ message: WebSocketMessage) throws(ProtocolMisuse) {
        guard closing.allowsSending else { throw .closing }
        let before = codec.outputCount
        codec.encode(message.isText ? .text : .binary, message.buffer)
        messagesSent &+= 1
        observer.didSendMessage()
        queued &+= codec.outputCount &- before
        if codec.outputCount >= Self.corkLimit { write() }
        settle()
    }

    func close(_ frame: CloseFrame, because cause: Closure.Cause) throws(ProtocolMisuse) {
        try frame.checkIsAllowed()
        if let frame = closing.closeLocally(frame, because: cause, now: loop.now) { send(frame) }
        // The client's answer lies behind messages that nobody takes.
        resumeReceiving()
        settle()
    }

    func leave(with frame: CloseFrame) {
        isLeaving = true
        // Nothing is thrown but that it closes already.
        try? close(frame, because: .shutdown)
        if lastEnd == .halfClose { endOutput(.close) }
        settle()
    }

    func abort() { cut(because: .cutLocally) }

    private func cut(because cause: Closure.Cause) {
        guard !isTransportDone else { return }
        closing.lost(cause)
        endOutput(.abort)
        settle()
    }

    private func answerClose() {
        if let frame = closing.answer() { send(frame) }
    }

    private func send(_ frame: CloseFrame) {
        sendOwedPong()
        codec.encode(.connectionClose, frame.nioPayload)
        if closing.hasEnded { endOutput(.halfClose) }
    }

    private func sendOwedPong() {
        if let payload = owedPong.take() { codec.encode(.pong, payload) }
    }

    // MARK: - Output

    func writabilityChanged() {
        guard !isTransportDone else { return }
        if transport.isWritable {
            stall = nil
            if !closing.hasEnded { sendOwedPong() }
            lookAgain()
        } else if stall == nil {
            watchStall()
        }
        settle()
    }

    func flush() {
        isFlushPending = false
        guard !isTransportDone else { return }
        let hasSendersWaiting = queued >= Self.corkLimit
        queued = 0
        write()
        if hasSendersWaiting, transport.isWritable { lookAgain() }
        endTransport()
    }

    private func write() {
        guard !isTransportDone, end != .abort else { return }
        let bytes = codec.takeOutput()
        guard !bytes.isEmpty else { return }
        written &+= bytes.count
        observer.didSend(bytes.count)
        transport.write(Span(), bytes.span, owner: { OwnedBytes(bytes) })
        let unsent = transport.unsentBytes
        observer.hasUnsent(unsent)
        if unsent > maximumUnsent { cut(because: .tooMuchUnsent(bytes: unsent, limit: maximumUnsent)) }
    }

    /// The stronger end counts: what is to be cut is not closed.
    private func endOutput(_ end: WebSocketProtocol.OutputEnd) {
        if self.end != .abort { self.end = isLeaving && end == .halfClose ? .close : end }
    }

    private func endTransport() {
        guard !isTransportDone, end != lastEnd else { return }
        lastEnd = end
        switch end {
        case .stayOpen: break
        case .halfClose:
            transport.finishWriting()
            // What still comes is read and dropped, so that TCP ends in order (RFC 6455 §7.1.1).
            resumeReceiving()
        case .close:
            isTransportDone = true
            transport.close()
            finish()
            // What is unsent must not keep a connection whose client does not read.
            if transport.unsentBytes > 0 { loop.setAlarm(of: self, at: loop.now.advanced(by: writeTimeout)) }
        case .abort:
            isTransportDone = true
            transport.abort()
            finish()
        }
    }

    private func finish() {
        loop.setAlarm(of: self, at: nil)
        guard !hasFinished else { return }
        hasFinished = true
        codec.end()
        let closure = closing.closure ?? Closure(cause: .connectionLost)
        owner.take()?.connectionEnded(
            EndedConnection(
                transport: transport, closure: closure, messagesReceived: messagesReceived, messagesSent: messagesSent))
        observer.didEnd(transport, closure)
        lookAgain()
    }

    // MARK: - Time

    private func settle() {
        guard !isTransportDone else { return }
        if codec.outputCount > 0 || queued > 0 || end != lastEnd, !isFlushPending {
            isFlushPending = true
            loop.flushLater(self)
        }
        updateAlarm()
    }

    private func updateAlarm() {
        let next = closing.isOpen ? keepalive.nextDeadline : closing.nextDeadline
        loop.setAlarm(of: self, at: [next, stall?.deadline].compactMap { $0 }.min())
    }

    func ring(at now: Timestamp) {
        guard !isTransportDone else { return transport.abort() }
        if closing.isOpen { ringKeepalive(now) } else { ringClosing(now) }
        if let stall, stall.deadline <= now {
            if sent == stall.sent { cut(because: .writeTimeout(writeTimeout)) }
            watchStall()
        }
        settle()
    }

    private func watchStall() { stall = WriteStall(sent: sent, deadline: loop.now.advanced(by: writeTimeout)) }

    private func ringKeepalive(_ now: Timestamp) {
        switch keepalive.handleTimeout(now: now) {
        case .none: break
        case .sendPing:
            // SAFETY: the bytes of the number are copied before it goes.
            let payload = withUnsafeBytes(of: UInt32.random(in: .min ... .max)) { Array($0) }
            // One that waits with the same payload is one that waits: nothing is lost.
            guard (try? keepalive.sent(payload, at: now, isKeepalive: true)) != nil else { return }
            codec.encode(.ping, ByteBuffer(bytes: payload))
        case .fail(let silence):
            guard let frame = closing.keepaliveTimedOut(silence: silence, now: now) else { return }
            send(frame)
            lookAgain()
        }
    }

    private func ringClosing(_ now: Timestamp) {
        switch closing.handleTimeout(now: now) {
        case .none: break
        case .answer(let frame): send(frame)
        case .abort: endOutput(.abort)
        }
    }

    /// Bytes that have left the transport: the client reads while they become more.
    private var sent: Int { written &- transport.unsentBytes }
}
