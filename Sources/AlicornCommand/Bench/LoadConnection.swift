// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// One connection that carries load: it sends messages that were made before, compares what comes with what must come, and
/// keeps nothing of it.
///
/// What one read brings is timed with one look at the clock, and answered with one write. Confined to its loop.
final class LoadConnection: ConnectionDriver, AlarmedConnection {
    @exclusivity(unchecked) var alarmIndex: Int?
    let place: Int
    private let transport: any ConnectionTransport
    private let loop: ConnectionLoop
    private let thread: LoadThread
    private let message: LoadMessage
    private let transform: (any MessageTransform)?

    @exclusivity(unchecked) private var reader: AnswerReader
    /// The frame that is expected, to be compared as a whole; all else is read by the rules.
    @exclusivity(unchecked) private var expected: [UInt8]
    /// When the messages in flight began: a ring, whose first is the oldest.
    @exclusivity(unchecked) private var began: [Timestamp]
    @exclusivity(unchecked) private var oldest = 0
    @exclusivity(unchecked) private(set) var inFlight = 0
    /// Messages that are due by the schedule, and not sent.
    @exclusivity(unchecked) var owed = 0
    /// Messages of the schedule that were sent.
    @exclusivity(unchecked) private var scheduled = 0
    @exclusivity(unchecked) private var received = 0
    @exclusivity(unchecked) private var state = State.open
    /// Whether what has come of the message in progress is not what it must be.
    @exclusivity(unchecked) private var differs = false
    /// What has come of the message in progress, where it may be compressed.
    @exclusivity(unchecked) private var packed: [UInt8] = []

    private enum State {
        case open
        /// We have sent a close frame.
        case closing
        /// Both have.
        case closed
        case gone
    }

    init(
        _ transport: any ConnectionTransport, thread: LoadThread, place: Int, message: LoadMessage,
        transform: (any MessageTransform)?
    ) {
        self.transport = transport
        self.thread = thread
        self.place = place
        self.message = message
        self.transform = transform
        loop = transport.loop
        reader = AnswerReader(allowsCompression: transform != nil)
        expected = message.answer
        began = Array(repeating: Timestamp(nanoseconds: 0), count: thread.plan.pipeline)
    }

    // MARK: - Sending

    /// Sends what may go out now.
    func pump(at now: Timestamp) {
        guard state == .open else { return }
        var count = began.count - inFlight
        if thread.schedule != nil {
            count = min(count, owed)
        } else if !thread.isSending(at: now) {
            return
        }
        while count > 0, transport.isWritable {
            let burst = min(count, message.framesInBurst)
            noteBeginning(of: burst, at: now)
            write(burst)
            count -= burst
        }
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
        var position = 0
        while position < input.count, state != .gone {
            takeExpected(input, from: &position, at: now)
            if position < input.count { readOn(input, from: &position, at: now) }
        }
        thread.sendDue(at: now)
        pump(at: now)
        thread.finishedReading()
    }

    /// Answers up to this size are compared as a whole, and so are the first of each connection; of the others it is the
    /// beginning and the end.
    private static let wholeSize = 1024
    private static let wholeAnswers = 4
    private static let sample = 22

    @inline(__always)
    private func takeExpected(_ input: Span<UInt8>, from position: inout Int, at now: Timestamp) {
        guard reader.isBetweenMessages else { return }
        // SAFETY: what is compared lies within the input and the answer, by the conditions of the loop.
        input.withUnsafeBufferPointer { input in
            expected.withUnsafeBufferPointer { answer in
                while inFlight > 0, input.count - position >= answer.count,
                    isSame(input.baseAddress! + position, answer.baseAddress!, answer.count)
                {
                    position += answer.count
                    answered(at: now)
                }
            }
        }
    }

    @inline(__always)
    private func isSame(_ input: UnsafePointer<UInt8>, _ answer: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        if count <= Self.wholeSize || received < Self.wholeAnswers { return memcmp(input, answer, count) == 0 }
        let end = count - Self.sample
        return memcmp(input, answer, Self.sample) == 0 && memcmp(input + end, answer + end, Self.sample) == 0
    }

    @inline(__always)
    private func answered(at now: Timestamp) {
        received += 1
        let start = began[oldest]
        oldest = oldest + 1 == began.count ? 0 : oldest + 1
        inFlight -= 1
        thread.answered(start, at: now)
    }

    /// Reads what is not the expected frame, or not all of it.
    private func readOn(_ input: Span<UInt8>, from position: inout Int, at now: Timestamp) {
        do throws(ProtocolViolation) {
            switch try reader.next(in: input, from: &position, take: { compare($0, at: $1) }) {
            case .message(let kind, let length, let isCompressed)?:
                finish(kind, length: length, isCompressed: isCompressed, at: now)
            case .control(let opcode, let payload)?: control(opcode, payload)
            case nil: break
            }
        } catch {
            fail("the server broke the protocol: \(error)")
        }
    }

    private func compare(_ piece: Span<UInt8>, at offset: Int) {
        if transform != nil {
            // More than that is no answer, compressed or not.
            if packed.count + piece.count > 2 * message.payload.count + 1024 { differs = true }
            if !differs { piece.withUnsafeBufferPointer { packed.append(contentsOf: $0) } }
            return
        }
        let payload = message.payload
        let end = offset + piece.count
        // A wrong length is told at the end of the message.
        guard !differs, end <= payload.count else { return }
        let isChecked = payload.count <= Self.wholeSize || received < Self.wholeAnswers
        let parts = isChecked ? [offset..<end] : Self.sampled(offset..<end, of: payload.count)
        for part in parts {
            for index in part where piece[index - offset] != payload[index] { differs = true }
        }
    }

    /// What of `range` is at the beginning or at the end of a payload.
    private static func sampled(_ range: Range<Int>, of count: Int) -> [Range<Int>] {
        [range.clamped(to: 0..<sample), range.clamped(to: count - sample..<count)]
    }

    private func finish(_ kind: MessageKind, length: Int, isCompressed: Bool, at now: Timestamp) {
        defer {
            differs = false
            packed.removeAll(keepingCapacity: true)
        }
        guard inFlight > 0 else {
            thread.mistook("a message came that was no answer")
            return
        }
        var length = length
        if transform != nil, !differs { length = unpack(kind, isCompressed: isCompressed) }
        if kind != message.kind {
            thread.mistook("an answer was \(kind.shown) where \(message.kind.shown) was sent")
        } else if length != message.payload.count {
            thread.mistook("an answer had \(length) bytes where \(message.payload.count) were sent")
        } else if differs {
            thread.mistook("an answer's bytes were not those that were sent")
        }
        answered(at: now)
    }

    /// Compares a message that was put together with what must be in it.
    ///
    /// - Returns: the bytes that were in it.
    private func unpack(_ kind: MessageKind, isCompressed: Bool) -> Int {
        var plain = packed
        if isCompressed, let transform {
            plain = []
            var position = 0
            do throws(TransformFailure) {
                _ = try transform.decode(
                    packed.span, from: &position, endsMessage: true, into: &plain,
                    capacity: message.payload.count + 1)
            } catch {
                fail("the server broke the protocol: \(error)")
            }
        }
        differs = plain != message.payload
        if !differs, isCompressed {
            // It is agreed that no message refers to one before: the next ones are the same bytes.
            var frame: [UInt8] = []
            FrameHeader(opcode: kind == .text ? .text : .binary, rsv1: true, payloadLength: packed.count)
                .encode(into: &frame)
            expected = frame + packed
        }
        return plain.count
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

extension MessageKind {
    /// As it is named in sentences.
    var shown: String { self == .text ? "text" : "binary" }
}
