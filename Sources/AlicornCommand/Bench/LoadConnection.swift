// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport

/// One connection that carries load: it sends messages that were made before, compares what comes with what must come, and
/// keeps nothing of it.
///
/// What one read brings is timed with one look at the clock, and answered with one write. Confined to its loop.
final class LoadConnection: ConnectionDriver, AlarmedConnection {
    @exclusivity(unchecked) var alarmIndex: Int?
    let place: Int
    /// What is done on it.
    let role: Role
    private let transport: any ConnectionTransport
    private let loop: ConnectionLoop
    private let thread: LoadThread
    private let message: LoadMessage

    @exclusivity(unchecked) private var reader: AnswerReader
    @exclusivity(unchecked) private var check: AnswerCheck
    /// When the messages in flight began: a ring, whose first is the oldest.
    @exclusivity(unchecked) private var began: [Timestamp]
    @exclusivity(unchecked) private var oldest = 0
    @exclusivity(unchecked) private(set) var inFlight = 0
    /// Messages that are due by the schedule, and not sent.
    @exclusivity(unchecked) var owed = 0
    /// Messages of the schedule that were sent.
    @exclusivity(unchecked) private var scheduled = 0
    @exclusivity(unchecked) private var state = State.open

    enum Role {
        /// Sends, and gets the same back.
        case echo
        /// Sends to all others; what it gets itself is no matter.
        case sender
        /// Gets what the sender sends.
        case receiver
    }

    private enum State {
        case open
        /// We have sent a close frame.
        case closing
        /// Both have.
        case closed
        case gone
    }

    init(
        _ transport: any ConnectionTransport, thread: LoadThread, place: Int, role: Role, message: LoadMessage,
        transform: (any MessageTransform)?
    ) {
        self.transport = transport
        self.thread = thread
        self.place = place
        self.role = role
        self.message = message
        loop = transport.loop
        reader = AnswerReader(allowsCompression: transform != nil)
        check = AnswerCheck(message, transform, hasSendTime: role == .receiver)
        began = Array(repeating: Timestamp(nanoseconds: 0), count: role == .echo ? thread.plan.pipeline : 0)
    }

    /// Messages that have come.
    var received: Int { check.count }

    // MARK: - Sending

    /// Sends what may go out now.
    func pump(at now: Timestamp) {
        guard state == .open else { return }
        switch role {
        case .echo: pumpEchoes(at: now)
        case .sender: while mayBegin(at: now), thread.hasRoomForBroadcast { broadcast(at: now) }
        case .receiver: break
        }
    }

    private func mayBegin(at now: Timestamp) -> Bool {
        transport.isWritable && (thread.schedule == nil ? thread.isSending(at: now) : owed > 0)
    }

    private func pumpEchoes(at now: Timestamp) {
        guard mayBegin(at: now) else { return }
        var count = began.count - inFlight
        if thread.schedule != nil { count = min(count, owed) }
        while count > 0, transport.isWritable {
            let burst = min(count, message.framesInBurst)
            noteBeginning(of: burst, at: now)
            write(burst)
            count -= burst
        }
    }

    /// Sends a message that says when it was sent, or when it was due.
    private func broadcast(at now: Timestamp) {
        thread.flow?.willSend()
        let digits = SendTime.digits(of: dueTime ?? now)
        var frame: [UInt8] = []
        message.burst.withBytes { bytes in
            // SAFETY: the pointer is used only inside the closure, for the bytes that it has.
            bytes.extracting(0..<message.frameSize).withUnsafeBufferPointer { frame = Array($0) }
        }
        let start = frame.count - message.payload.count
        // What is masked there is another payload: both taken together leave the mask.
        for (index, digit) in digits.enumerated() { frame[start + index] ^= message.payload[index] ^ digit }
        thread.didSend(1)
        transport.write(frame.span)
    }

    @inline(__always)
    private func noteBeginning(of count: Int, at now: Timestamp) {
        for _ in 0..<count {
            var place = oldest + inFlight
            if place >= began.count { place -= began.count }
            began[place] = dueTime ?? now
            inFlight += 1
        }
        thread.didSend(count)
    }

    /// When the next message should have been sent: latency counts from there, so that a server that stalls does not keep us
    /// from seeing it (coordinated omission).
    private var dueTime: Timestamp? {
        guard let schedule = thread.schedule else { return nil }
        owed -= 1
        scheduled += 1
        return schedule.moment(of: place + (scheduled - 1) * thread.places)
    }

    /// What the kernel does not take of so many bytes is shared instead of copied; for fewer the plainer call is faster.
    private static let sharedSize = 16 * 1024

    private func write(_ count: Int) {
        message.burst.withBytes { burst in
            let bytes = burst.extracting(0..<count * message.frameSize)
            if bytes.count < Self.sharedSize {
                transport.write(bytes)
            } else {
                transport.write(Span(), bytes, owner: { bytes.count == burst.count ? message.burst : nil })
            }
        }
    }

    func writabilityChanged() { if transport.isWritable { pump(at: loop.clock) } }

    // MARK: - Receiving

    func receive(_ input: inout MutableSpan<UInt8>) {
        let now = loop.clock
        let input = input.span
        let before = check.count
        var position = 0
        while position < input.count, state != .gone {
            if inFlight > 0, reader.isBetweenMessages {
                for _ in 0..<check.takeExpected(input, from: &position, limit: inFlight) { answered(at: now) }
            }
            if position < input.count { readOn(input, from: &position, at: now) }
        }
        if role == .receiver { thread.delivered(check.count - before, at: now) }
        thread.sendDue(at: now)
        pump(at: now)
        thread.finishedReading()
    }

    @inline(__always)
    private func answered(at now: Timestamp) {
        let start = began[oldest]
        oldest = oldest + 1 == began.count ? 0 : oldest + 1
        inFlight -= 1
        thread.answered(start, at: now)
    }

    /// Reads what is not the expected frame, or not all of it.
    private func readOn(_ input: Span<UInt8>, from position: inout Int, at now: Timestamp) {
        do throws(ProtocolViolation) {
            switch try reader.next(in: input, from: &position, take: { check.take($0, at: $1) }) {
            case .message(let kind, let length, let isCompressed)?:
                do throws(TransformFailure) {
                    finish(try check.finish(kind, length: length, isCompressed: isCompressed), at: now)
                } catch { throw .transformFailed(error) }
            case .control(let opcode, let payload)?: control(opcode, payload)
            case nil: break
            }
        } catch {
            fail("the server broke the protocol: \(error)")
        }
    }

    private func finish(_ verdict: AnswerCheck.Verdict, at now: Timestamp) {
        switch role {
        case .echo:
            guard inFlight > 0 else {
                thread.mistook("a message came that was no answer")
                return
            }
            answered(at: now)
        case .receiver where verdict.mistake == nil: thread.record(from: verdict.sent, to: now)
        case .receiver: break
        case .sender: return
        }
        if let mistake = verdict.mistake { thread.mistook(mistake) }
    }

    private func control(_ opcode: Opcode, _ payload: [UInt8]) {
        switch opcode {
        case .ping: if state == .open { send(.pong, payload) }
        case .close: closeCame(payload)
        default: break
        }
    }

    // MARK: - The end

    /// Begins the closing handshake, unless it has begun.
    func close() {
        guard state == .open else { return }
        state = .closing
        loop.setAlarm(of: self, at: loop.now.advanced(by: LoadPlan.closeTime))
        send(.close, Self.normalClosure)
    }

    private static let normalClosure: [UInt8] = [
        UInt8(CloseCode.normalClosure.rawValue >> 8), UInt8(CloseCode.normalClosure.rawValue & 0xFF),
    ]

    private func closeCame(_ payload: [UInt8]) {
        if state == .open {
            thread.mistook("the server closed the connection\(Self.reason(payload))")
            send(.close, Array(payload.prefix(2)))
            loop.setAlarm(of: self, at: loop.now.advanced(by: LoadPlan.closeTime))
        }
        // The server ends TCP first (RFC 6455 §7.1.1).
        state = .closed
    }

    private static func reason(_ payload: [UInt8]) -> String {
        guard payload.count >= 2 else { return " without a code" }
        let code = CloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
        return " with \(CloseFrame(code, reason: String(decoding: payload.dropFirst(2), as: UTF8.self)))"
    }

    private func send(_ opcode: Opcode, _ payload: [UInt8]) {
        let key = MaskingKey(.random(in: .min ... .max))
        var frame: [UInt8] = []
        FrameHeader(opcode: opcode, payloadLength: payload.count, maskingKey: key).encode(into: &frame)
        let start = frame.count
        frame += payload
        var span = frame.mutableSpan
        key.apply(to: &span, in: start..<span.count)
        transport.write(frame.span)
    }

    func ring(at now: Timestamp) {
        fail(state == .closed ? "the server did not end TCP after the close" : "the server did not answer the close")
    }

    private func fail(_ sentence: String) {
        guard state != .gone else { return }
        thread.mistook(sentence)
        state = .gone
        transport.abort()
    }

    func receiveEOF() {
        switch state {
        case .open: thread.mistook("the server ended the connection without a close frame")
        case .closing: thread.mistook("the server ended the connection without answering the close")
        case .closed, .gone: break
        }
        state = .gone
        transport.close()
    }

    func transportClosed(reason: String?) {
        if state == .open || state == .closing {
            thread.mistook("the connection was lost\(reason.map { ": \($0)" } ?? "")")
        }
        state = .gone
        loop.setAlarm(of: self, at: nil)
        thread.ended(self)
    }
}
