// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// Reads what a server sends, without putting messages together.
struct AnswerReader {
    /// What has come.
    enum Event: Hashable {
        /// The end of a message.
        case message(MessageKind, length: Int, isCompressed: Bool)
        case control(Opcode, [UInt8])
    }

    private let rules: FrameRules
    /// The beginning of a header whose rest has not come yet.
    private var partialHeader: [UInt8] = []
    /// The frame whose payload is coming, and how much of that is missing.
    private var frame: FrameHeader?
    private var missing = 0
    /// The message whose frames are coming, and how much of it has come, in bytes on the wire.
    private var message: (kind: MessageKind, isCompressed: Bool)?
    private var length = 0
    private var control: [UInt8] = []

    /// - Parameter allowsCompression: whether that was agreed on.
    init(allowsCompression: Bool = false) {
        rules = FrameRules(requiresMask: false, allowsRSV1: allowsCompression)
    }

    /// Whether nothing has begun that has not ended.
    var isBetweenMessages: Bool { frame == nil && message == nil && partialHeader.isEmpty }

    /// Reads on until something has come whole.
    ///
    /// - Parameter take: called with each piece of a message, as it is on the wire, and where in the message it stands.
    /// - Returns: `nil` when the input is used up.
    mutating func next(
        in input: Span<UInt8>, from position: inout Int, take: (Span<UInt8>, _ offset: Int) -> Void
    ) throws(ProtocolViolation) -> Event? {
        while true {
            if frame == nil { frame = try nextHeader(in: input, from: &position) }
            guard let frame else { return nil }
            let count = min(missing, input.count - position)
            let piece = input.extracting(position..<position + count)
            position += count
            missing -= count
            if frame.opcode.isControl {
                for index in piece.indices { control.append(piece[index]) }
            } else if count > 0 {
                take(piece, length)
                length += count
            }
            guard missing == 0 else { return nil }
            self.frame = nil
            if let event = end(of: frame) { return event }
        }
    }

    private mutating func nextHeader(
        in input: Span<UInt8>, from position: inout Int
    ) throws(ProtocolViolation) -> FrameHeader? {
        if partialHeader.isEmpty, let (header, size) = try FrameHeader.parse(input, at: position, rules: rules) {
            position += size
            try begin(header)
            return header
        }
        // What is missing of a header comes with the next read: byte by byte is fast enough for that.
        while position < input.count {
            partialHeader.append(input[position])
            position += 1
            if let (header, _) = try FrameHeader.parse(partialHeader.span, at: 0, rules: rules) {
                partialHeader.removeAll(keepingCapacity: true)
                try begin(header)
                return header
            }
        }
        return nil
    }

    private mutating func begin(_ header: FrameHeader) throws(ProtocolViolation) {
        if header.opcode == .continuation {
            guard message != nil else { throw .unexpectedContinuation }
            guard !header.rsv1 else { throw .compressedContinuation }
        } else if header.opcode.isControl {
            control.removeAll(keepingCapacity: true)
        } else {
            guard message == nil else { throw .expectedContinuation }
            message = (MessageKind(rawValue: header.opcode.rawValue) ?? .binary, header.rsv1)
            length = 0
        }
        frame = header
        missing = header.payloadLength
    }

    private mutating func end(of frame: FrameHeader) -> Event? {
        if frame.opcode.isControl { return .control(frame.opcode, control) }
        guard frame.fin, let message else { return nil }
        self.message = nil
        return .message(message.kind, length: length, isCompressed: message.isCompressed)
    }
}
