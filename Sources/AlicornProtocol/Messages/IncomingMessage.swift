// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The message that is being received: what may come next, how much of it came, and whether its text is valid so far.
///
/// It holds no payload. What fragments cost is bounded by their bytes and by a charge for each, however empty it is, so
/// that neither memory nor a message's number of frames can grow without end (RFC 6455 §10.4).
struct IncomingMessage: Sendable {
    private enum State: Sendable, BitwiseCopyable {
        /// Between messages.
        case none
        /// Within a message.
        case receiving(kind: MessageKind, isCompressed: Bool)
    }

    private let maximumSize: Int
    private let maximumFrameSize: Int
    /// The bytes of the message so far, after decompression.
    private(set) var size = 0
    private var sizeOnWire = 0
    private var fragments: Int32 = 0
    private let maximumFragments: Int32
    private var state = State.none
    /// Whether no piece of it has been handed up yet.
    private(set) var isUntouched = true
    private var validator = UTF8Validator()

    /// What each fragment is charged against the limit on size: Autobahn 9.3 sends 4 MiB in fragments of 64 bytes.
    private static let chargePerFragment = 16
    /// Fragments that any message may have, however low its limit on size.
    private static let freeFragments = 4096

    init(maximumSize: Int?, maximumFrameSize: Int?, maximumFragments: Int? = nil) {
        self.maximumSize = max(0, maximumSize ?? .max)
        self.maximumFrameSize = max(0, maximumFrameSize ?? .max)
        let affordable = (self.maximumSize / Self.chargePerFragment).addingClamped(Self.freeFragments)
        self.maximumFragments = Int32(clamping: min(max(1, maximumFragments ?? .max), affordable))
    }

    var kind: MessageKind {
        switch state {
        case .none: .binary
        case .receiving(let kind, _): kind
        }
    }

    var isCompressed: Bool {
        switch state {
        case .none: false
        case .receiving(_, let isCompressed): isCompressed
        }
    }

    /// How many more bytes the message may have; with the first one above it, it is refused.
    var remainingSize: Int { maximumSize &- size }

    /// Whether a message of that length may come in one frame now, without anything to remember of it.
    @inline(__always)
    func accepts(wholeMessageOf length: Int) -> Bool {
        switch state {
        case .none: length <= maximumSize && length <= maximumFrameSize
        case .receiving: false
        }
    }

    /// Takes the header of a data frame, in its order and within the limits.
    mutating func begin(frame header: FrameHeader) throws(ProtocolViolation) {
        switch state {
        case .none:
            guard let kind = MessageKind(rawValue: header.opcodeBits) else { throw .unexpectedContinuation }
            size = 0
            sizeOnWire = 0
            fragments = 0
            isUntouched = true
            state = .receiving(kind: kind, isCompressed: header.rsv1)
        case .receiving:
            guard header.opcode == .continuation else { throw .expectedContinuation }  // RFC 6455 §5.4
            guard !header.rsv1 else { throw .compressedContinuation }  // RFC 7692 §6.1
        }
        try charge(header.payloadLength)
    }

    private mutating func charge(_ length: Int) throws(ProtocolViolation) {
        guard length <= maximumFrameSize else { throw .frameTooBig(size: length, limit: maximumFrameSize) }
        guard length <= maximumSizeOnWire &- sizeOnWire else {
            throw .messageTooBig(size: sizeOnWire.addingClamped(length), limit: maximumSize)
        }
        sizeOnWire &+= length
        guard fragments < maximumFragments else { throw .tooManyFragments(limit: Int(maximumFragments)) }
        fragments &+= 1
    }

    /// The limit on what crosses the wire. Compressed data is counted after decompression (D8); data that deflate cannot
    /// shrink is longer than the message, by less than this allows: a stored block and a sync flush for each fragment.
    private var maximumSizeOnWire: Int {
        guard isCompressed else { return maximumSize }
        return maximumSize.addingClamped(maximumSize).addingClamped(Self.freeFragments * Self.chargePerFragment)
    }

    /// Takes the next bytes of the message, which are already unmasked and decompressed.
    mutating func append(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(ProtocolViolation) {
        if kind == .text, let index = validator.firstInvalidByte(in: bytes, range) {
            throw .invalidText(position: size &+ index &- range.lowerBound)
        }
        guard range.count <= remainingSize else {
            throw .messageTooBig(size: size.addingClamped(range.count), limit: maximumSize)
        }
        size &+= range.count
    }

    /// Makes the next piece to hand up.
    mutating func piece(at location: MessagePiece.Location, endsMessage: Bool, announced: Int) -> MessagePiece {
        let piece = MessagePiece(
            kind: kind, startsMessage: isUntouched, endsMessage: endsMessage, location: location,
            announced: min(announced, remainingSize))
        isUntouched = false
        return piece
    }

    /// Ends the message.
    mutating func end() throws(ProtocolViolation) {
        guard validator.isAtCharacterBoundary else { throw .invalidText(position: size) }
        state = .none
    }
}

extension Int {
    /// The sum, or the greatest integer there is; both operands are sizes, never negative.
    package func addingClamped(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
