// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol

/// Drives one open WebSocket connection: carries bytes between its transport, its protocol state and its sink.
///
/// Confined to the connection's loop.
package final class WebSocketDriver: ConnectionDriver, FlushableConnection, AlarmedConnection {
    package let transport: any ConnectionTransport
    package let loop: ConnectionLoop
    package let observer: LoopObserver?
    @exclusivity(unchecked) var sink: (any MessageSink)?
    /// What was read while the sink was not ready.
    @exclusivity(unchecked) private var backlog: [UInt8] = []
    /// Bytes sent since the transport last had to flush, and since the loop last let it.
    @exclusivity(unchecked) var corked: UInt32 = 0
    @exclusivity(unchecked) private var queued: UInt32 = 0
    /// How many bytes of a frame's payload are to come, and may be taken.
    @exclusivity(unchecked) private var awaited = 0
    @exclusivity(unchecked) private var alarm = Timestamp(nanoseconds: .max)
    @exclusivity(unchecked) private var writeStall: WriteStall?
    /// What waits for the end of the message that is sent in fragments; mostly there is none.
    @exclusivity(unchecked) var waiting: WaitingSends?
    /// Whose connection it is.
    @exclusivity(unchecked) package var owner: (any ConnectionOwner)?
    /// Who else wants to know when the connection is gone, beside the sink.
    private(set) var closeObservers: CloseObservers?
    /// Bytes that the transport was given.
    @exclusivity(unchecked) private var written = 0
    /// Whole messages that came, and that were sent.
    @exclusivity(unchecked) package private(set) var messagesReceived: UInt32 = 0
    @exclusivity(unchecked) package internal(set) var messagesSent: UInt32 = 0
    private let writeTimeout: Int64
    let maximumUnsent: Int
    @exclusivity(unchecked) var core: WebSocketProtocol
    /// Whether the peer's direction has ended behind what is in the backlog.
    @exclusivity(unchecked) private var endsBehindBacklog = false
    @exclusivity(unchecked) package var isFlushPending = false
    @exclusivity(unchecked) private var isPaused = false
    /// Whether messages are dropped: we have closed, and nobody takes them.
    @exclusivity(unchecked) private var isDiscarding = false
    @exclusivity(unchecked) private var isTransportDone = false
    /// Whether the last message came in pieces, as the next one may.
    @exclusivity(unchecked) private var expectsLongMessage = false
    /// The length of the next message, if it is like the last one and best read to memory of the sink's; 0 if not.
    @exclusivity(unchecked) private var expectedLength: UInt32 = 0
    private var lastEnd = WebSocketProtocol.OutputEnd.stayOpen
    /// Whether TCP is closed with the closing handshake, as the server ends.
    private var isLeaving = false
    /// ``alarmIndex``, in half the memory; `.max` for none.
    private var alarmPosition = UInt32.max

    /// Output that is worth a system call of its own before the turn ends.
    private static let corkLimit: UInt32 = 64 * 1024
    /// A payload that is worth one, rather than a copy.
    private static let longPayload = 4096

    package init(
        core: consuming WebSocketProtocol, transport: any ConnectionTransport, writeTimeout: Duration,
        maximumUnsent: Int, observer: LoopObserver? = nil, makeSink: (WebSocketDriver) -> any MessageSink
    ) {
        self.core = core
        self.transport = transport
        self.loop = transport.loop
        self.observer = observer
        self.writeTimeout = writeTimeout.clampedNanoseconds
        self.maximumUnsent = maximumUnsent
        sink = makeSink(self)
        observer?.didOpen()
        updateAlarm()
    }

    // MARK: - What is known

    /// Whether the caller is on the connection's loop.
    package var isOnLoop: Bool { loop.isCurrent }
    package var closure: Closure? { core.closure }
    package var isOpen: Bool { core.isOpen }
    package var allowsSending: Bool { core.allowsSending }
    package var latency: Duration? { core.latency }
    package var lastAnsweredPing: PingID? { core.lastAnsweredPing }
    /// Whether this is the payload of a ping that keepalive has sent and that waits for its pong.
    package func awaitsKeepalive(_ payload: [UInt8]) -> Bool { core.awaitsKeepalive(payload) }

    /// Whether a sender should go on: little is unsent, it has not sent so much in this turn of the loop that others
    /// should have theirs first, and nothing waits for the end of a message in fragments.
    package var isWritable: Bool { hasRoom && waiting == nil }
    /// The same for the sender of a message in fragments, which the others wait for.
    package var hasRoom: Bool { transport.isWritable && queued < Self.corkLimit }
    /// What was sent and the kernel has not taken yet, in bytes.
    package var unsentBytes: Int { transport.unsentBytes &+ core.outputCount &+ (waiting?.byteCount ?? 0) }

    // MARK: - From the transport

    package func receive(_ input: inout MutableSpan<UInt8>) {
        flushAfter { take(&input) }
    }

    private func take(_ input: inout MutableSpan<UInt8>) {
        core.receive(at: loop.now)
        observer?.didReceive(input.count)
        var position = 0
        if backlog.isEmpty { pump(&input, &position) }
        keepRest(of: input.span, from: position)
    }

    package func receiveEOF() {
        endsBehindBacklog = !backlog.isEmpty
        guard !endsBehindBacklog else { return }
        core.receiveEOF()
        sink?.receivedAll()
        settle()
    }

    package func transportClosed(reason: String?) {
        isTransportDone = true
        core.cut(because: reason.map { .transportFailed($0) } ?? .connectionLost)
        finish()
        alarm = Timestamp(nanoseconds: .max)
        loop.setAlarm(of: self, at: nil)
    }

    package func writabilityChanged() {
        if transport.isWritable {
            writeStall = nil
            core.outputUnblocked()
            sink?.mayResumeSending()
        } else if writeStall == nil {
            core.outputBlocked()
            writeStall = WriteStall(sent: sent, deadline: loop.now.advanced(by: .nanoseconds(writeTimeout)))
        }
        settle()
    }

    private func pump(_ input: inout MutableSpan<UInt8>, _ position: inout Int) {
        // Asked for once: that keeps it, whatever the application does meanwhile, and each message costs no more for it.
        guard let sink else {
            position = input.count
            return
        }
        while let event = core.next(in: &input, from: &position) {
            switch event {
            case .data(let piece):
                if isDiscarding { continue }
                note(piece, for: sink)
                deliver(piece, input.span, to: sink)
                if !sink.isReady, !mayGoOn() { return }
            case .ping: flushLater()
            case .pong: receivedPong(sink)
            case .close, .violation: end(sink)
            }
        }
    }

    private func receivedPong(_ sink: any MessageSink) {
        sink.receivedPong()
        if let observer, let latency = core.takeLatency() { observer.endpoint.didMeasure(latency: latency) }
        // The next ping may be due before the pong would have been.
        settle()
    }

    private func deliver(_ piece: MessagePiece, _ input: Span<UInt8>, to sink: any MessageSink) {
        switch piece.location {
        case .input(let range): sink.receive(piece, input.extracting(range))
        case .restored:
            let bytes = core.restored
            sink.receive(piece, bytes.span)
        }
    }

    private func end(_ sink: any MessageSink) {
        awaited = 0
        sink.receivedAll()
        settle()
    }

    /// The sink takes no more: reading pauses, or what still comes is dropped when we have closed.
    private func mayGoOn() -> Bool {
        isDiscarding = !core.allowsSending
        if !isDiscarding { pause() }
        return isDiscarding
    }

    // MARK: - Long messages

    /// A payload of which so much is to come is read to where it belongs.
    private static let inPlaceThreshold = 16 * 1024
    /// What is read of a message that may be long: with its header not more than is worth copying.
    private static let beginningOfLongMessage = 4096

    /// Whole messages of such a length are worth memory of their own to be read to, rather than a copy.
    private static let middlingMessage = 12 * 1024...128 * 1024

    private func note(_ piece: MessagePiece, for sink: any MessageSink) {
        if piece.endsMessage {
            messagesReceived &+= 1
            observer?.didReceiveMessage()
        }
        awaited = piece.endsMessage ? 0 : piece.announced
        expectsLongMessage = !piece.isWholeMessage
        expectedLength = 0
        if case .input(let range) = piece.location, piece.isWholeMessage, Self.middlingMessage.contains(range.count),
            sink.lendsInput
        {
            expectedLength = UInt32(range.count)
        }
    }

    package var readPlace: ReadPlace {
        if lastEnd != .stayOpen { return .nowhere }
        if awaited >= Self.inPlaceThreshold || expectedLength > 0, !isPaused, !isDiscarding, backlog.isEmpty {
            return .own
        }
        return .shared(atMost: expectsLongMessage && awaited == 0 ? Self.beginningOfLongMessage : .max)
    }

    package func receiveInPlace(_ read: (UnsafeMutableBufferPointer<UInt8>) -> Int) {
        guard let sink else { return }
        flushAfter {
            if expectedLength > 0 { takeAhead(read, sink) } else { takeInPlace(read, sink) }
        }
    }

    /// Reads what is likely one message to memory of which the sink can then keep it.
    private func takeAhead(_ read: (UnsafeMutableBufferPointer<UInt8>) -> Int, _ sink: any MessageSink) {
        sink.lend(Int(expectedLength) + FrameHeader.maximumSize) { memory in
            let count = read(memory)
            guard count > 0 else { return }
            // SAFETY: so many bytes were read into it.
            var input = UnsafeMutableBufferPointer(rebasing: memory[..<count]).mutableSpan
            take(&input)
            // There is more, for which the engine's memory has more room.
            if count == memory.count { expectedLength = 0 }
        }
    }

    private func takeInPlace(_ read: (UnsafeMutableBufferPointer<UInt8>) -> Int, _ sink: any MessageSink) {
        var event: WebSocketEvent?
        sink.fill(announced: awaited) { memory in
            let outcome = read(memory)
            guard outcome > 0 else { return 0 }
            core.receive(at: loop.now)
            observer?.didReceive(outcome)
            // SAFETY: so many bytes were read into it.
            var span = UnsafeMutableBufferPointer(rebasing: memory[..<outcome]).mutableSpan
            var position = 0
            event = core.next(in: &span, from: &position)
            return outcome
        }
        switch event {
        case .data(let piece):
            note(piece, for: sink)
            sink.receiveFilled(piece)
            if !sink.isReady { _ = mayGoOn() }
        case .violation: end(sink)
        case nil, .ping, .pong, .close: break
        }
    }

    private func keepRest(of input: Span<UInt8>, from position: Int) {
        guard position < input.count, !core.isClosed else { return }
        backlog.append(copying: input.extracting(position...))
    }

    private func pause() {
        guard !isPaused else { return }
        isPaused = true
        core.pauseReceiving()
        transport.pauseReading()
    }

    /// The sink is ready again: what was kept is parsed, then reading goes on.
    package func resumeReceiving() {
        guard isPaused else { return }
        isPaused = false
        core.resumeReceiving(at: loop.now)
        if !backlog.isEmpty {
            var bytes: [UInt8] = []
            swap(&bytes, &backlog)
            var span = bytes.mutableSpan
            var position = 0
            pump(&span, &position)
            keepRest(of: span.span, from: position)
        }
        if endsBehindBacklog { receiveEOF() }
        if !isPaused, !isTransportDone { transport.resumeReading() }
        settle()
    }

    // MARK: - From the application

    /// Sends a message. A long one is written at once, from where it is, together with what was sent before; short ones
    /// are copied, to go out together. While a message is being sent in fragments, it waits for the end of that.
    ///
    /// - Parameter owner: asked for who has the payload's bytes, when some of them are to be kept; copies for `nil`.
    package func send(
        _ payload: Span<UInt8>, as kind: MessageKind, compression: CompressionChoice,
        owner: () -> (any SharedBytes)? = { nil }
    ) throws(ProtocolMisuse) {
        do throws(ProtocolMisuse) {
            try sendNow(payload, as: kind, compression: compression, owner: owner)
        } catch {
            guard error == .messageInProgress else { throw error }
            keep(owner() ?? OwnedBytes(copying: payload), kind, compression)
        }
    }

    @inline(__always)
    private func sendNow(
        _ payload: Span<UInt8>, as kind: MessageKind, compression: CompressionChoice,
        owner: () -> (any SharedBytes)?
    ) throws(ProtocolMisuse) {
        core.adoptOutputBuffer(&loop.spareOutput.next)
        if payload.count >= Self.longPayload,
            try core.sendHeader(kind, payloadLength: payload.count, compression: compression)
        {
            write(payload, owner: owner)
        } else {
            try core.send(payload, as: kind, compression: compression)
            corked.add(payload.count)
        }
        didSendMessage()
        didQueueOutput(payload.count)
    }

    @inline(__always)
    func didSendMessage() {
        messagesSent &+= 1
        observer?.didSendMessage()
    }

    package func ping(_ payload: [UInt8]?) throws(ProtocolMisuse) -> PingID {
        let id = try core.ping(payload, now: loop.now)
        didQueueOutput(0)
        return id
    }

    package func pong(_ payload: [UInt8]) throws(ProtocolMisuse) {
        try core.pong(payload)
        didQueueOutput(payload.count)
    }

    /// Begins to close, or answers the peer's close frame. A message in fragments that is cut off by it is no normal end.
    package func close(
        _ frame: CloseFrame, because cause: Closure.Cause = .closedLocally
    ) throws(ProtocolMisuse) {
        let isCutOff = core.isSendingFragments && frame.code == .normalClosure
        try core.close(isCutOff ? .cutOffMessage : frame, because: cause, now: loop.now)
        if isPaused {
            // The peer's answer lies behind messages that nobody takes (RFC 6455 §1.4: they may be discarded).
            isDiscarding = true
            resumeReceiving()
        }
        settle()
    }

    /// Closes as the server ends: TCP ends with the closing handshake, whether the peer ends its side or not.
    package func leave(with frame: CloseFrame) {
        isLeaving = true
        // Nothing is thrown but that it closes already.
        try? close(frame, because: .shutdown)
        if lastEnd == .halfClose { endTransport(.close) }
    }

    /// The application has taken everything that came before the end.
    package func didDeliver() {
        core.didDeliver()
        settle()
    }

    /// Whether the connection is gone.
    package var hasEnded: Bool { sink == nil }

    /// Has `body` called when the connection is gone; `nil` takes that back.
    package func observeClose(by observer: AnyObject, _ body: (() -> Void)?) {
        let observers = closeObservers ?? CloseObservers()
        observers.set(body, by: observer)
        closeObservers = observers.isEmpty ? nil : observers
    }

    /// Cuts the connection at once.
    package func abort() {
        guard !isTransportDone else { return }
        core.cut(because: .cutLocally)
        settle()
    }

    // MARK: - Output

    func didQueueOutput(_ count: Int) {
        queued.add(count)
        if corked >= Self.corkLimit { writeOutput() }
        flushLater()
    }

    private func flushLater() {
        guard !isFlushPending, !isTransportDone else { return }
        isFlushPending = true
        loop.flushLater(self)
    }

    package func flush() {
        isFlushPending = false
        guard !isTransportDone, core.hasOutput || queued > 0 else { return }
        let hasSendersWaiting = queued >= Self.corkLimit
        queued = 0
        let end = writeOutput()
        if hasSendersWaiting, transport.isWritable { sink?.mayResumeSending() }
        guard end != .stayOpen else { return }
        endTransport(end)
    }

    @discardableResult
    private func writeOutput() -> WebSocketProtocol.OutputEnd { write(Span(), owner: { nil }) }

    /// Writes what is corked, and behind it `payload`.
    @discardableResult
    private func write(_ payload: Span<UInt8>, owner: () -> (any SharedBytes)?) -> WebSocketProtocol.OutputEnd {
        var bytes: [UInt8] = []
        let end = core.takeOutput(into: &bytes)
        corked = 0
        if !bytes.isEmpty, end != .abort { give(bytes.span, payload, owner: owner) }
        loop.spareOutput.keep(&bytes)
        return end
    }

    @inline(__always)
    func give(_ head: Span<UInt8>, _ body: Span<UInt8>, owner: () -> (any SharedBytes)?) {
        written &+= head.count &+ body.count
        observer?.didSend(head.count &+ body.count)
        transport.write(head, body, owner: owner)
        if !transport.isWritable { checkUnsent() }
    }

    @inline(never)
    private func checkUnsent() {
        let unsent = transport.unsentBytes
        observer?.hasUnsent(unsent)
        guard unsent > maximumUnsent else { return }
        core.cut(because: .tooMuchUnsent(bytes: unsent, limit: maximumUnsent))
        settle()
    }

    private func endTransport(_ wanted: WebSocketProtocol.OutputEnd) {
        let end = isLeaving && wanted == .halfClose ? .close : wanted
        guard end != lastEnd else { return }
        lastEnd = end
        switch end {
        case .stayOpen: break
        case .halfClose:
            transport.finishWriting()
            resumeToDrain()
        case .close:
            isTransportDone = true
            transport.close()
            finish()
            // What is unsent must not keep a connection whose peer does not read.
            guard transport.unsentBytes > 0 else { return }
            alarm = loop.now.advanced(by: .nanoseconds(writeTimeout))
            loop.setAlarm(of: self, at: alarm)
        case .abort:
            isTransportDone = true
            transport.abort()
            finish()
        }
    }

    /// What still comes is read and dropped, so that TCP ends in order (RFC 6455 §7.1.1).
    private func resumeToDrain() {
        backlog = []
        if endsBehindBacklog { receiveEOF() }
        guard isPaused else { return }
        isPaused = false
        transport.resumeReading()
    }

    private func finish() {
        backlog = []
        awaited = 0
        dropWaiting()
        loop.setAlarm(of: self, at: nil)
        alarm = Timestamp(nanoseconds: .max)
        guard let sink else { return }
        self.sink = nil
        let closure = core.closure ?? Closure(cause: .connectionLost)
        owner.take()?.connectionEnded(
            EndedConnection(
                transport: transport, closure: closure, messagesReceived: messagesReceived, messagesSent: messagesSent))
        closeObservers.take()?.tell()
        // First: whoever waits for the end finds all told.
        observer?.didEnd(transport, closure)
        sink.closed(closure)
    }

    // MARK: - Time

    package var alarmIndex: Int? {
        get { alarmPosition == .max ? nil : Int(alarmPosition) }
        set { alarmPosition = newValue.map { UInt32($0) } ?? .max }
    }

    func settle() {
        if core.hasOutput { flushLater() }
        if waiting != nil, !core.allowsSending { dropWaiting() }
        if !isTransportDone { updateAlarm() }
    }

    /// Sets the alarm when the next deadline is earlier than it; a later one is found when it rings.
    private func updateAlarm() {
        let next = min(
            core.nextDeadline ?? Timestamp(nanoseconds: .max), writeStall?.deadline ?? Timestamp(nanoseconds: .max))
        guard next < alarm else { return }
        alarm = next
        loop.setAlarm(of: self, at: next)
    }

    package func ring(at now: Timestamp) {
        alarm = Timestamp(nanoseconds: .max)
        guard !isTransportDone else {
            transport.abort()
            return
        }
        if let deadline = core.nextDeadline, deadline <= now { core.handleTimeout(now: now) }
        if let stall = writeStall, stall.deadline <= now { checkStall(stall, now: now) }
        settle()
    }

    /// Bytes that have left the transport: the peer reads while they become more, whatever is written meanwhile.
    private var sent: Int { written &- transport.unsentBytes }

    private func checkStall(_ stall: WriteStall, now: Timestamp) {
        if sent != stall.sent {
            writeStall = WriteStall(sent: sent, deadline: now.advanced(by: .nanoseconds(writeTimeout)))
        } else {
            writeStall = nil
            core.cut(because: .writeTimeout(.nanoseconds(writeTimeout)))
        }
    }
}

extension UInt32 {
    /// Adds a number of bytes, up to the greatest that there is.
    mutating func add(_ count: Int) { self = UInt32(clamping: Int(self) &+ count) }
}
