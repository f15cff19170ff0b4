// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Compares what comes on a connection with what must come, and keeps nothing of it.
struct AnswerCheck {
    /// The frame that is expected, to be compared as it is; all else is read by the rules, piece by piece.
    private(set) var expected: [UInt8]
    private let message: LoadMessage
    private let transform: (any MessageTransform)?
    /// Whether messages begin with when they were sent.
    private let hasSendTime: Bool
    /// Messages that have come.
    private(set) var count = 0
    private var differs = false
    private var sendTime: UInt64 = 0
    /// What has come of the message in progress, where it may be compressed.
    private var packed: [UInt8] = []

    /// Answers up to this size are compared as a whole, and so are the first of each connection; of the others it is the
    /// beginning and the end.
    private static let wholeSize = 1024
    private static let wholeAnswers = 4
    private static let sample = 22

    init(_ message: LoadMessage, _ transform: (any MessageTransform)?, hasSendTime: Bool) {
        self.message = message
        self.transform = transform
        self.hasSendTime = hasSendTime
        expected = message.answer
    }

    private var isChecked: Bool { message.payload.count <= Self.wholeSize || count < Self.wholeAnswers }

    // MARK: - Frames that are as expected

    /// Takes the expected frames that the input has from `position` on, one after the other.
    ///
    /// - Parameter limit: how many there may be.
    /// - Returns: how many there were.
    @inline(__always)
    mutating func takeExpected(_ input: Span<UInt8>, from position: inout Int, limit: Int) -> Int {
        var taken = 0
        // SAFETY: what is compared lies within the input and the frame, by the first condition of the loop.
        input.withUnsafeBufferPointer { input in
            expected.withUnsafeBufferPointer { frame in
                while taken < limit, input.count - position >= frame.count,
                    isSame(input.baseAddress! + position, frame.baseAddress!, frame.count)
                {
                    position += frame.count
                    taken += 1
                }
            }
        }
        count += taken
        return taken
    }

    @inline(__always)
    private func isSame(_ input: UnsafePointer<UInt8>, _ frame: UnsafePointer<UInt8>, _ size: Int) -> Bool {
        guard size > Self.wholeSize, !isChecked else { return memcmp(input, frame, size) == 0 }
        let end = size - Self.sample
        return memcmp(input, frame, Self.sample) == 0 && memcmp(input + end, frame + end, Self.sample) == 0
    }

    // MARK: - All others

    /// A piece of a message came, as it is on the wire, which stands at `offset` in it.
    mutating func take(_ piece: Span<UInt8>, at offset: Int) {
        if transform != nil {
            keep(piece)
            return
        }
        let payload = message.payload
        let end = offset + piece.count
        // A wrong length is told at the end of the message.
        guard !differs, end <= payload.count else { return }
        var start = offset
        while hasSendTime, start < min(end, SendTime.size) {
            guard let number = SendTime.adding(piece[start - offset], to: sendTime) else {
                differs = true
                return
            }
            sendTime = number
            start += 1
        }
        if isChecked {
            compare(piece, start..<end, offset)
        } else {
            compare(piece, (start..<end).clamped(to: 0..<Self.sample), offset)
            compare(piece, (start..<end).clamped(to: payload.count - Self.sample..<payload.count), offset)
        }
    }

    private mutating func compare(_ piece: Span<UInt8>, _ range: Range<Int>, _ offset: Int) {
        for index in range where piece[index - offset] != message.payload[index] { differs = true }
    }

    private mutating func keep(_ piece: Span<UInt8>) {
        // More than that is no answer, compressed or not.
        if packed.count + piece.count > 2 * message.payload.count + 1024 { differs = true }
        if !differs { packed.append(copying: piece) }
    }

    /// What the end of a message shows.
    struct Verdict {
        /// What is wrong with it, in a sentence.
        var mistake: String?
        /// When it was sent, where messages say so.
        var sent = Timestamp(nanoseconds: 0)
    }

    /// The message has ended, after so many bytes on the wire.
    ///
    /// - Throws: ``TransformFailure`` for what cannot be restored.
    mutating func finish(
        _ kind: MessageKind, length: Int, isCompressed: Bool
    ) throws(TransformFailure) -> Verdict {
        var length = length
        if transform != nil, !differs { length = try unpack(kind, isCompressed: isCompressed) }
        var verdict = Verdict(sent: Timestamp(nanoseconds: Int64(truncatingIfNeeded: sendTime)))
        if kind != message.kind {
            verdict.mistake = "a message was \(kind.shown) where \(message.kind.shown) was sent"
        } else if length != message.payload.count {
            verdict.mistake = "a message had \(length) bytes where \(message.payload.count) were sent"
        } else if differs {
            verdict.mistake = "a message's bytes were not those that were sent"
        }
        count += 1
        differs = false
        sendTime = 0
        packed.removeAll(keepingCapacity: true)
        return verdict
    }

    /// - Returns: how many bytes were in the message.
    private mutating func unpack(_ kind: MessageKind, isCompressed: Bool) throws(TransformFailure) -> Int {
        var plain = packed
        if isCompressed, let transform {
            plain = []
            var position = 0
            _ = try transform.decode(
                packed.span, from: &position, endsMessage: true, into: &plain, capacity: message.payload.count + 1)
        }
        differs = plain != message.payload
        if !differs, isCompressed {
            // It is agreed that no message refers to one before: the next ones are the same bytes.
            var frame: [UInt8] = []
            FrameHeader(opcode: kind.opcode, rsv1: true, payloadLength: packed.count).encode(into: &frame)
            expected = frame + packed
        }
        return plain.count
    }
}

extension MessageKind {
    /// As it is named in sentences.
    var shown: String { self == .text ? "text" : "binary" }
}
