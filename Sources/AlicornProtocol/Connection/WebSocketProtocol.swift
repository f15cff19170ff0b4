// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// One WebSocket connection after its opening handshake: bytes in, events and bytes out (RFC 6455).
///
/// No input or output happens here, no clock is asked, no random number is drawn. Whoever drives it
///
/// 1. says with ``receive(at:)`` that bytes came, and pulls ``next(in:from:)`` until it answers `nil`,
/// 2. writes what ``takeOutput(into:)`` gives after each call that may have produced something, and does with TCP what
///    its result says,
/// 3. calls ``handleTimeout(now:)`` when ``nextDeadline`` has come.
///
/// Receiving never throws: what the peer does wrong becomes ``WebSocketEvent/violation``, a close frame, and a typed
/// cause in ``closure``. The answer to a fault or a close frame waits until everything valid that came before was taken:
/// say so with ``didDeliver()``, or let ``ProtocolConfiguration/deliveryGrace`` end the wait.
///
/// A connection holds no buffer while it is idle.
public struct WebSocketProtocol: ~Copyable {
    let transform: (any MessageTransform)?
    private let randomWord: @Sendable () -> UInt32
    @usableFromInline var output: [UInt8] = []
    /// A header or control payload of which only a part has come.
    private var partial: [UInt8] = []
    /// The payload of the latest ping that came while output was blocked (RFC 6455 §5.5.3 lets the latest stand for all).
    private var owedPong: [UInt8]?
    /// The bytes of the last piece whose location is ``MessagePiece/Location/restored``.
    public private(set) var restored: [UInt8] = []

    // The small ones stand where the alignment of the next structure leaves room.
    @usableFromInline private(set) var keepalive: Keepalive
    /// Which end of the connection this is.
    public let role: Role
    private let rules: FrameRules
    @usableFromInline private(set) var outputEnd = OutputEnd.stayOpen
    /// What of `outputEnd` the transport knows already.
    @usableFromInline private(set) var takenEnd = OutputEnd.stayOpen
    private var isOutputBlocked = false
    private let answersPings: Bool
    /// The longest payload of a frame that is sent.
    let fragmentSize: UInt32
    @usableFromInline private(set) var closing: CloseHandshake
    private var outgoing = OutgoingMessage()
    private var incoming: IncomingMessage
    private var receiving = Receiving.header

    /// What the next bytes belong to.
    private enum Receiving: BitwiseCopyable {
        /// A header; what came of it is in `partial`.
        case header
        /// The payload of a data frame.
        case payload(DataFrame)
        /// The same, of which `pending` bytes are unmasked but not yet restored by the transform.
        case restoring(DataFrame, pending: Int)
        /// The payload of a control frame; what came of it is in `partial`.
        case control(FrameHeader)
        /// Nothing: the peer's close frame or fault was the last that is read (FRM-09, FRM-10).
        case nothing
    }

    private struct DataFrame: BitwiseCopyable {
        var isFinal: Bool
        var isMasked: Bool
        /// The key for the next byte.
        var key: MaskingKey
        /// Bytes of payload that have not come yet.
        var remaining: Int

        init(_ header: FrameHeader) {
            isFinal = header.fin
            isMasked = header.isMasked
            key = header.maskingKey
            remaining = header.payloadLength
        }
    }

    /// Unpredictable bits from the system (RFC 6455 §5.3).
    package static let systemRandomWord: @Sendable () -> UInt32 = {
        var generator = SystemRandomNumberGenerator()
        return UInt32.random(in: .min ... .max, using: &generator)
    }

    /// Creates an open connection.
    ///
    /// - Parameters:
    ///   - transform: what the negotiated extension does to messages, if there is one.
    ///   - randomWord: gives 32 unpredictable bits at each call, for masking keys (RFC 6455 §5.3) and ping payloads.
    public init(
        role: Role, configuration: ProtocolConfiguration, transform: (any MessageTransform)? = nil, now: Timestamp,
        randomWord: @escaping @Sendable () -> UInt32
    ) {
        self.role = role
        self.transform = transform
        self.randomWord = randomWord
        rules = FrameRules(requiresMask: role == .server, allowsRSV1: transform != nil)
        closing = CloseHandshake(timeout: configuration.closeTimeout, grace: configuration.deliveryGrace)
        keepalive = Keepalive(interval: configuration.pingInterval, timeout: configuration.pingTimeout, now: now)
        answersPings = configuration.answersPings
        fragmentSize = UInt32(clamping: max(1, configuration.fragmentSize ?? .max))
        incoming = IncomingMessage(
            maximumSize: configuration.maximumMessageSize, maximumFrameSize: configuration.maximumFrameSize,
            maximumFragments: configuration.maximumFragments)
    }

    // MARK: - What is known

    /// How the connection ended or is ending; `nil` while it is open.
    public var closure: Closure? { closing.closure }
    /// Whether neither side has begun to close.
    @inlinable
    public var isOpen: Bool { closing.isOpen }
    /// Whether data may be sent: we have sent no close frame, though the peer may have.
    @inlinable
    public var allowsSending: Bool { closing.allowsSending }
    /// Whether no message can come any more.
    @inlinable
    public var hasReceivedAll: Bool { !closing.allowsReceiving }
    /// Whether TCP is to be closed or cut, or already is.
    @inlinable
    public var isClosed: Bool { closing.isClosed }
    /// Whether a fragmented message is being sent.
    public var isSendingFragments: Bool { outgoing.isInProgress }
    /// Whether an extension transforms messages.
    public var hasTransform: Bool { transform != nil }
    /// The last round trip of a ping and its pong.
    public var latency: Duration? { keepalive.latency.map { .nanoseconds($0) } }
    /// The last round trip, once each.
    package mutating func takeLatency() -> Duration? { keepalive.takeLatency().map { .nanoseconds($0) } }
    /// The last ping that was answered: it and all before it are done.
    public var lastAnsweredPing: PingID? { keepalive.lastAnswered }
    /// Whether this is the payload of a ping that keepalive has sent and that waits for its pong.
    package func awaitsKeepalive(_ payload: [UInt8]) -> Bool { keepalive.awaits(keepalivePayload: payload) }
    /// The moment of the last input.
    private var now: Timestamp { keepalive.lastReceived }

    // MARK: - Receiving

    /// Bytes came: the peer is alive.
    public mutating func receive(at now: Timestamp) { keepalive.received(at: now) }

    /// Takes the next event out of the bytes from `position` on, which is advanced by what was consumed.
    ///
    /// Payloads are unmasked where they are. A piece is valid until the next call.
    ///
    /// - Returns: `nil` when all bytes are consumed.
    public mutating func next(in input: inout MutableSpan<UInt8>, from position: inout Int) -> WebSocketEvent? {
        if !restored.isEmpty { restored.removeAll(keepingCapacity: incoming.isCompressed) }
        return nextShortMessage(in: &input, from: &position) ?? nextByState(in: &input, from: &position)
    }

    /// The next event if it is a whole message in one short frame that lies in the input, as most messages do.
    ///
    /// What is at fault is left as it came to those who know what the fault is.
    @inline(__always)
    private mutating func nextShortMessage(
        in input: inout MutableSpan<UInt8>, from position: inout Int
    ) -> WebSocketEvent? {
        guard case .header = receiving, partial.isEmpty,
            let header = FrameHeader.parseShortMessage(input.span, at: position, rules: rules),
            incoming.accepts(wholeMessageOf: header.payloadLength),
            let kind = MessageKind(rawValue: header.opcodeBits)
        else { return nil }
        let start = position &+ header.encodedSize
        let range = start..<start &+ header.payloadLength
        guard range.upperBound <= input.count else { return nil }
        let isASCII = header.isMasked && header.maskingKey.applyFindingASCII(to: &input, in: range)
        if kind == .text, !isASCII, !UTF8Validator.isText(input.span, range) {
            if header.isMasked { header.maskingKey.apply(to: &input, in: range) }
            return nil
        }
        position = range.upperBound
        return .data(
            MessagePiece(kind: kind, startsMessage: true, endsMessage: true, location: .input(range), announced: 0))
    }

    @inline(never)
    private mutating func nextByState(
        in input: inout MutableSpan<UInt8>, from position: inout Int
    ) -> WebSocketEvent? {
        do throws(ProtocolViolation) {
            while true {
                switch receiving {
                case .header:
                    guard let header = try readHeader(input.span, at: &position) else { return nil }
                    guard !header.opcode.isControl else {
                        receiving = .control(header)
                        continue
                    }
                    try incoming.begin(frame: header)
                    let frame = DataFrame(header)
                    if let event = try readPayload(frame, &input, at: &position) { return event }
                case .payload(let frame):
                    if frame.remaining > 0, position == input.count { return nil }
                    if let event = try readPayload(frame, &input, at: &position) { return event }
                case .restoring(let frame, let pending):
                    if let event = try restore(frame, pending: pending, input.span, at: &position) { return event }
                case .control(let header):
                    guard let event = try readControl(header, &input, at: &position) else { return nil }
                    return event
                case .nothing:
                    position = input.count
                    return nil
                }
            }
        } catch {
            stopReceiving()
            closing.violated(error, now: now)
            endOutputIfDone()
        }
        return .violation
    }

    /// The peer has ended its direction of TCP. Nothing more will come; take what came before it first.
    public mutating func receiveEOF() {
        guard !closing.isClosed else { return }
        didDeliver()  // Who ends its direction may still read the answer.
        lose(.connectionLost)
        outputEnd = .close
    }

    /// TCP is gone, or to be cut: by a failure of its own, by us, or as the peer does not read.
    public mutating func cut(because cause: Closure.Cause) {
        lose(cause)
        outputEnd = .abort
    }

    private mutating func lose(_ cause: Closure.Cause) {
        stopReceiving()
        closing.lost(cause)
    }

    private mutating func readHeader(
        _ input: Span<UInt8>, at position: inout Int
    ) throws(ProtocolViolation) -> FrameHeader? {
        if partial.isEmpty {
            if let (header, size) = try FrameHeader.parse(input, at: position, rules: rules) {
                position &+= size
                return header
            }
            while position < input.count {
                partial.append(input[position])
                position &+= 1
            }
            return nil
        }
        while position < input.count {
            partial.append(input[position])
            position &+= 1
            if let (header, _) = try FrameHeader.parse(partial.span, at: 0, rules: rules) {
                partial = []
                return header
            }
        }
        return nil
    }

    private mutating func readPayload(
        _ frame: DataFrame, _ input: inout MutableSpan<UInt8>, at position: inout Int
    ) throws(ProtocolViolation) -> WebSocketEvent? {
        var frame = frame
        let range = position..<position &+ min(frame.remaining, input.count &- position)
        if frame.isMasked {
            frame.key.apply(to: &input, in: range)
            frame.key = frame.key.advanced(by: range.count)
        }
        frame.remaining &-= range.count
        if incoming.isCompressed {
            receiving = .restoring(frame, pending: range.count)
            return nil
        }
        try incoming.append(input.span, range)
        position = range.upperBound
        let endsMessage = frame.isFinal && frame.remaining == 0
        receiving = frame.remaining == 0 ? .header : .payload(frame)
        guard endsMessage || !range.isEmpty else { return nil }
        let piece = incoming.piece(at: .input(range), endsMessage: endsMessage, announced: frame.remaining)
        if endsMessage { try incoming.end() }
        return .data(piece)
    }

    /// The most that one piece restores: what bounds memory while a message inflates.
    private static let restoredPieceSize = 16 * 1024

    private mutating func restore(
        _ frame: DataFrame, pending: Int, _ input: Span<UInt8>, at position: inout Int
    ) throws(ProtocolViolation) -> WebSocketEvent? {
        guard let transform else { return nil }
        let start = position
        let endsMessage = frame.isFinal && frame.remaining == 0
        let capacity = min(Self.restoredPieceSize, incoming.remainingSize.addingClamped(1))
        let progress: DecodeProgress
        do throws(TransformFailure) {
            progress = try transform.decode(
                input.extracting(..<(start &+ pending)), from: &position, endsMessage: endsMessage,
                into: &restored, capacity: capacity)
        } catch {
            throw .transformFailed(error)
        }
        let bytes = restored
        try incoming.append(bytes.span, 0..<bytes.count)
        switch progress {
        case .hasMoreOutput: receiving = .restoring(frame, pending: pending &- (position &- start))
        case .needsInput: receiving = frame.remaining == 0 ? .header : .payload(frame)
        case .endOfMessage:
            receiving = .header
            if bytes.isEmpty { restored = [] }  // Idle connections hold no buffers.
        }
        let isLast = progress == .endOfMessage
        guard isLast || !bytes.isEmpty else { return nil }
        let piece = incoming.piece(at: .restored, endsMessage: isLast, announced: 0)
        if isLast { try incoming.end() }
        return .data(piece)
    }

    private mutating func readControl(
        _ header: FrameHeader, _ input: inout MutableSpan<UInt8>, at position: inout Int
    ) throws(ProtocolViolation) -> WebSocketEvent? {
        let missing = header.payloadLength &- partial.count
        let range = position..<position &+ min(missing, input.count &- position)
        if header.isMasked { header.maskingKey.advanced(by: partial.count).apply(to: &input, in: range) }
        for index in range { partial.append(input[index]) }
        position = range.upperBound
        guard range.count == missing else { return nil }
        receiving = .header
        let payload = partial
        partial = []
        return try handleControl(header.opcode, payload)
    }

    private mutating func handleControl(_ opcode: Opcode, _ payload: [UInt8]) throws(ProtocolViolation)
        -> WebSocketEvent
    {
        switch opcode {
        case .ping:
            answerPing(payload)
            return .ping
        case .pong:
            keepalive.receivedPong(payload, at: now)
            return .pong
        default:
            let frame = try CloseFrame(payload: payload.span)
            stopReceiving()
            closing.receivedClose(frame, now: now)
            endOutputIfDone()
            return .close
        }
    }

    private mutating func stopReceiving() {
        receiving = .nothing
        partial = []
        restored = []
    }

    private mutating func answerPing(_ payload: [UInt8]) {
        // RFC 6455 §5.5.2: behind our own close frame too, as long as the peer's has not come.
        guard answersPings else { return }
        if isOutputBlocked { owedPong = payload } else { sendControl(.pong, payload) }
    }

    private mutating func sendOwedPong() {
        guard let payload = owedPong else { return }
        owedPong = nil
        sendControl(.pong, payload)
    }

    // MARK: - Sending

    /// Sends a whole message in one frame.
    ///
    /// Costs one copy of the payload into the output, and masking it there for a client.
    public mutating func send(
        _ payload: Span<UInt8>, as kind: MessageKind, compression: CompressionChoice = .automatic
    ) throws(ProtocolMisuse) {
        let frame = try wholeMessage(kind, compression)
        if let transform, transforms(frame, length: payload.count) {
            writeTransformed(payload, by: transform, frame, endsMessage: true)
        } else {
            writeFrames(frame.opcode, fin: true, rsv1: false, payload)
        }
    }

    /// The frame of a message that is sent in one.
    func wholeMessage(
        _ kind: MessageKind, _ compression: CompressionChoice
    ) throws(ProtocolMisuse) -> OutgoingMessage.Frame {
        guard closing.allowsSending else { throw .closing }
        guard !outgoing.isInProgress else { throw .messageInProgress }
        return OutgoingMessage.Frame(opcode: kind.opcode, startsMessage: true, choice: compression)
    }

    private mutating func writeTransformed(
        _ payload: Span<UInt8>, by transform: any MessageTransform, _ frame: OutgoingMessage.Frame, endsMessage: Bool
    ) {
        var transformed: [UInt8] = []
        transform.encode(payload, endsMessage: endsMessage, into: &transformed)
        writeFrames(frame.opcode, fin: endsMessage, rsv1: frame.startsMessage, transformed.span)
    }

    /// Begins a message whose fragments follow with ``sendFragment(_:endsMessage:)``.
    public mutating func beginMessage(
        _ kind: MessageKind, compression: CompressionChoice = .automatic
    ) throws(ProtocolMisuse) {
        guard closing.allowsSending else { throw .closing }
        try outgoing.begin(kind, compression)
    }

    /// Gives up a message that was begun, if no fragment of it was sent.
    ///
    /// - Returns: whether another message may begin.
    public mutating func abandonMessage() -> Bool { outgoing.abandon() }

    /// Sends the next fragment of the message in one frame.
    public mutating func sendFragment(_ payload: Span<UInt8>, endsMessage: Bool) throws(ProtocolMisuse) {
        guard closing.allowsSending else { throw .closing }
        let frame = try outgoing.nextFrame()
        let isTransformed = transforms(frame, length: payload.count)
        if isTransformed, let transform {
            writeTransformed(payload, by: transform, frame, endsMessage: endsMessage)
        } else {
            writeFrames(frame.opcode, fin: endsMessage, rsv1: false, payload)
        }
        outgoing.didSend(isTransformed: isTransformed, endsMessage: endsMessage)
    }

    /// Puts the header of a whole message into the output whose payload the caller writes right behind it.
    ///
    /// For servers, which need not mask: the payload is not copied.
    ///
    /// - Returns: whether the message may go out this way; if not, use ``send(_:as:compression:)``.
    package mutating func sendHeader(
        _ kind: MessageKind, payloadLength: Int, compression: CompressionChoice
    ) throws(ProtocolMisuse) -> Bool {
        let frame = try wholeMessage(kind, compression)
        guard role == .server, payloadLength <= Int(fragmentSize), !transforms(frame, length: payloadLength) else {
            return false
        }
        FrameHeader(opcode: kind.opcode, payloadLength: payloadLength).encode(into: &output)
        return true
    }

    /// Sends a ping.
    ///
    /// - Parameter payload: at most 125 bytes; four random ones if `nil`.
    /// - Returns: which ping it is, to recognise it in ``lastAnsweredPing``.
    public mutating func ping(_ payload: [UInt8]? = nil, now: Timestamp) throws(ProtocolMisuse) -> PingID {
        try sendPing(payload, now: now, isKeepalive: false)
    }

    /// Sends a pong that answers no ping (RFC 6455 §5.5.3).
    public mutating func pong(_ payload: [UInt8] = []) throws(ProtocolMisuse) {
        guard closing.allowsSending else { throw .closing }
        guard payload.count <= 125 else { throw .controlPayloadTooLong(bytes: payload.count) }
        sendControl(.pong, payload)
    }

    /// Begins the closing handshake, or finishes the one that the peer began. Without effect once closing.
    ///
    /// - Parameter cause: why we close, if it is us who begin.
    public mutating func close(
        _ frame: CloseFrame, because cause: Closure.Cause = .closedLocally, now: Timestamp
    ) throws(ProtocolMisuse) {
        try frame.checkIsAllowed()
        if let frame = closing.closeLocally(frame, because: cause, now: now) { sendClose(frame) }
    }

    /// Everything that came before the peer's close frame or fault has been taken: the answer need not wait longer.
    public mutating func didDeliver() {
        if let frame = closing.answer() { sendClose(frame) }
    }

    private mutating func sendPing(
        _ payload: [UInt8]?, now: Timestamp, isKeepalive: Bool
    ) throws(ProtocolMisuse) -> PingID {
        guard closing.allowsSending else { throw .closing }
        let payload = payload ?? randomPayload()
        guard payload.count <= 125 else { throw .controlPayloadTooLong(bytes: payload.count) }
        let id = try keepalive.sent(payload, at: now, isKeepalive: isKeepalive)
        sendControl(.ping, payload)
        return id
    }

    private func randomPayload() -> [UInt8] {
        let word = MaskingKey(randomWord())
        return [word[0], word[1], word[2], word[3]]
    }

    func transforms(_ frame: OutgoingMessage.Frame, length: Int) -> Bool {
        guard let transform else { return false }
        return switch frame.choice {
        case .never: false
        case .always: true
        case .automatic: transform.isWorthTransforming(length: length)
        }
    }

    private mutating func sendClose(_ frame: CloseFrame) {
        sendOwedPong()
        sendControl(.close, frame.payload)
        endOutputIfDone()
    }

    private mutating func sendControl(_ opcode: Opcode, _ payload: [UInt8]) {
        writeFrame(opcode, fin: true, rsv1: false, payload.span)
    }

    /// Writes the payload in as many frames as it needs: mostly one.
    @inline(__always)
    private mutating func writeFrames(_ opcode: Opcode, fin: Bool, rsv1: Bool, _ payload: Span<UInt8>) {
        if payload.count <= Int(fragmentSize) {
            writeFrame(opcode, fin: fin, rsv1: rsv1, payload)
        } else {
            writeInFragments(opcode, fin: fin, rsv1: rsv1, payload)
        }
    }

    /// RFC 6455 §5.4: the first frame says what the message is, the last one whether it ends.
    @inline(never)
    private mutating func writeInFragments(_ opcode: Opcode, fin: Bool, rsv1: Bool, _ payload: Span<UInt8>) {
        for start in stride(from: 0, to: payload.count, by: Int(fragmentSize)) {
            let isFirst = start == 0
            let end = min(start.addingClamped(Int(fragmentSize)), payload.count)
            writeFrame(
                isFirst ? opcode : .continuation, fin: fin && end == payload.count, rsv1: isFirst && rsv1,
                payload.extracting(start..<end))
        }
    }

    @inline(__always)
    private mutating func writeFrame(_ opcode: Opcode, fin: Bool, rsv1: Bool, _ payload: Span<UInt8>) {
        let key = role == .client ? MaskingKey(randomWord()) : nil
        let header = FrameHeader(opcode: opcode, fin: fin, rsv1: rsv1, payloadLength: payload.count, maskingKey: key)
        header.encode(into: &output, before: payload)
        let start = output.count &- payload.count
        if let key {
            let range = start..<output.count
            var bytes = output.mutableSpan
            key.apply(to: &bytes, in: range)
        }
    }

    // MARK: - Output

    /// What to do with TCP once the output is written.
    public enum OutputEnd: Sendable, Hashable, BitwiseCopyable {
        /// Nothing: the connection goes on.
        case stayOpen
        /// End our direction, keep reading until the peer ends its own (RFC 6455 §7.1.1).
        case halfClose
        /// Close both directions.
        case close
        /// Cut: drop what is unwritten.
        case abort
    }

    /// Whether there is anything to write or do that ``takeOutput(into:)`` has not told yet.
    @inlinable
    public var hasOutput: Bool { !output.isEmpty || outputEnd != takenEnd }

    /// How many bytes wait to be taken.
    public var outputCount: Int { output.count }

    /// Takes an empty array's memory for the next output, when it has none itself.
    package mutating func adoptOutputBuffer(_ buffer: inout [UInt8]) {
        if output.isEmpty { swap(&output, &buffer) }
    }

    /// Moves what is to be written to the end of `buffer`.
    ///
    /// - Returns: what to do with TCP afterwards.
    public mutating func takeOutput(into buffer: inout [UInt8]) -> OutputEnd {
        if buffer.isEmpty { swap(&output, &buffer) } else { buffer.append(contentsOf: output) }
        output = []
        takenEnd = outputEnd
        return outputEnd
    }

    /// The transport takes no more: pongs are held back, and the latest will stand for all (D5).
    public mutating func outputBlocked() { isOutputBlocked = true }

    /// The transport takes bytes again.
    public mutating func outputUnblocked() {
        isOutputBlocked = false
        if closing.hasEnded { owedPong = nil } else { sendOwedPong() }
    }

    private mutating func endOutputIfDone() {
        guard closing.hasEnded, outputEnd == .stayOpen else { return }
        switch role {
        case .server: outputEnd = .halfClose
        case .client: break  // RFC 6455 §7.1.1: the server closes first.
        }
    }

    // MARK: - Time

    /// When ``handleTimeout(now:)`` is next due; `nil` when nothing is.
    @inlinable
    public var nextDeadline: Timestamp? {
        closing.isOpen ? keepalive.nextDeadline : closing.nextDeadline
    }

    /// Does what the time has come for.
    public mutating func handleTimeout(now: Timestamp) {
        guard closing.isOpen else {
            switch closing.handleTimeout(now: now) {
            case .none: break
            case .answer(let frame): sendClose(frame)
            case .abort:
                stopReceiving()
                outputEnd = .abort
            }
            return
        }
        switch keepalive.handleTimeout(now: now) {
        case .none: break
        case .sendPing: _ = try? sendPing(nil, now: now, isKeepalive: true)
        case .fail(let silence):
            stopReceiving()
            if let frame = closing.keepaliveTimedOut(silence: silence, now: now) { sendClose(frame) }
        }
    }

    /// We do not read for now: the peer's silence is ours.
    public mutating func pauseReceiving() { keepalive.suspend() }

    /// We read again.
    public mutating func resumeReceiving(at now: Timestamp) { keepalive.resume(at: now) }
}
