// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornDeflate
import AlicornProtocol

/// Makes lines of a log of the frames of one direction. It keeps no more of a payload than is shown.
struct FrameReader {
    private let rules: FrameRules
    private let maximumMessageSize: Int
    private var inflater: PerMessageDeflate?
    private var partial: [UInt8] = []
    private var frame: Frame?
    /// Whether the message in progress is compressed, and what it has come to.
    private var isCompressed = false
    private var inflatedSize = 0

    private struct Frame {
        var header: FrameHeader
        var remaining: Int
        var isInflated: Bool
        var payload = Excerpt()
    }

    /// The two ends of what may be long.
    private struct Excerpt {
        private(set) var bytes: [UInt8] = []
        private(set) var length = 0

        mutating func append(_ piece: [UInt8]) {
            length += piece.count
            bytes += piece
            let (head, tail) = (FrameDescription.headBytes, FrameDescription.tailBytes)
            if bytes.count > head + tail { bytes = Array(bytes.prefix(head) + bytes.suffix(tail)) }
        }
    }

    /// - Parameter compression: how messages are compressed, if they may be.
    init(areMasked: Bool, compression: PerMessageDeflate.Direction?, maximumMessageSize: Int) {
        rules = FrameRules(requiresMask: areMasked, allowsRSV1: compression != nil)
        inflater = compression.map { PerMessageDeflate(sending: .init(), receiving: $0) }
        self.maximumMessageSize = maximumMessageSize
    }

    /// - Returns: whether what follows can be made out too.
    mutating func read(_ bytes: Span<UInt8>, _ tell: (WireEvent) -> Void) -> Bool {
        var position = 0
        do throws(ProtocolViolation) {
            while position < bytes.count {
                if frame == nil { try begin(bytes, &position) }
                if frame != nil { take(bytes, &position) }
                if let done = frame, done.remaining == 0 { end(done, tell) }
            }
            return true
        } catch {
            tell(.fault("not a frame: \(error)"))
            return false
        }
    }

    private mutating func begin(_ bytes: Span<UInt8>, _ position: inout Int) throws(ProtocolViolation) {
        while position < bytes.count {
            partial.append(bytes[position])
            position += 1
            guard let (header, _) = try FrameHeader.parse(partial.span, at: 0, rules: rules) else { continue }
            partial = []
            if !header.opcode.isControl, header.opcode != .continuation {
                isCompressed = header.rsv1
                inflatedSize = 0
            }
            frame = Frame(
                header: header, remaining: header.payloadLength,
                isInflated: isCompressed && !header.opcode.isControl && inflater != nil)
            return
        }
    }

    private mutating func take(_ bytes: Span<UInt8>, _ position: inout Int) {
        guard var frame = frame.take() else { return }
        let count = min(frame.remaining, bytes.count - position)
        var piece = [UInt8](copying: bytes.extracting(position..<position + count))
        if frame.header.isMasked {
            let key = frame.header.maskingKey.advanced(by: (frame.header.payloadLength - frame.remaining) & 3)
            var span = piece.mutableSpan
            key.apply(to: &span, in: 0..<count)
        }
        position += count
        frame.remaining -= count
        if frame.isInflated { inflate(piece, of: &frame) } else { frame.payload.append(piece) }
        self.frame = frame
    }

    /// Stops at the first fault, and at more than the connection takes.
    private mutating func inflate(_ piece: [UInt8], of frame: inout Frame) {
        var position = 0
        while let inflater {
            var output: [UInt8] = []
            let progress = try? inflater.decode(
                piece.span, from: &position, endsMessage: frame.header.fin && frame.remaining == 0, into: &output,
                capacity: 16 * 1024)
            frame.payload.append(output)
            inflatedSize += output.count
            guard let progress, inflatedSize <= maximumMessageSize else {
                self.inflater = nil
                return
            }
            guard progress == .hasMoreOutput else { return }
        }
    }

    private mutating func end(_ frame: Frame, _ tell: (WireEvent) -> Void) {
        self.frame = nil
        let (header, payload) = (frame.header, frame.payload)
        var text = FrameDescription(
            opcode: header.opcode, fin: header.fin, excerpt: payload.bytes.span, length: payload.length
        ).description
        if isCompressed, !header.opcode.isControl {
            text += frame.isInflated ? " compressed to \(header.payloadLength)" : " compressed"
        }
        tell(.frame(header.opcode, payload: header.opcode.isControl ? payload.bytes : [], line: text))
    }
}
