// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Takes the chunked transfer coding off (RFC 9112 §7.1).
///
/// ```
///                 digit              ; extension
/// size ──────────────────▶ size ──────────────────▶ extension... ──┐
///  ▲                        │ CR                                   │ CR
///  │                        ▼                                      │
///  │   LF      CR         sizeEnd ◀────────────────────────────────┘
///  └── dataEnd ◀── data ◀──┘ │ LF after size 0
///                            ▼
///                         trailers ──▶ end
/// ```
struct ChunkedDecoder: Sendable {
    private enum State: Sendable {
        case framing(Framing)
        case data(remaining: Int)
        case trailers(HeadParser<NoStartLine>)
    }

    /// What stands around the data, taken byte by byte.
    private enum Framing: Sendable {
        case size(digits: Int)
        case fragment(ChunkExtension)
        case sizeEnd
        case dataEnd
        case dataLineFeed
    }

    private var state = State.framing(.size(digits: 0))
    /// The size of the chunk whose size line is read.
    private var size = 0
    /// What came beside the data, less what chunks and data paid for.
    private var overhead = 0
    /// How much data may still come.
    private var allowance: Int

    init(largest: Int?) {
        allowance = largest ?? .max
    }

    mutating func next(
        in input: Span<UInt8>, from position: inout Int, limits: HTTPLimits
    ) throws(HTTPViolation) -> BodyDecoder.Piece? {
        while case .framing(let framing) = state {
            guard position < input.count else { return nil }
            try take(input[position], at: framing, limits)
            position += 1
        }
        if case .data(let remaining) = state {
            let count = min(remaining, input.count - position)
            guard count > 0 else { return nil }
            position += count
            state = count == remaining ? .framing(.dataEnd) : .data(remaining: remaining - count)
            return .data(position - count..<position)
        }
        guard case .trailers(var parser) = state else { return nil }
        state = .framing(.sizeEnd)  // so that the parser's buffer is not copied
        defer { state = .trailers(parser) }
        var limits = limits
        limits.head = limits.chunkOverhead
        return try parser.next(in: input, from: &position, limits: limits).map { .end($0.fields) }
    }

    private mutating func take(_ byte: UInt8, at framing: Framing, _ limits: HTTPLimits) throws(HTTPViolation) {
        switch framing {
        case .size(let digits):
            try countOverhead(limits)
            guard let digit = byte.hexadecimalValue else { return try endSize(with: byte, digits: digits) }
            // RFC 9112 §7.1: recipients guard against numbers that do not fit; 16 digits are 64 bits.
            guard digits < 16, size <= Int.max >> 4 else { throw .invalidChunkSize }
            size = size << 4 | Int(digit)
            state = .framing(.size(digits: digits + 1))
        case .fragment(var part):
            try countOverhead(limits)
            let isEnd = try part.take(byte)
            state = .framing(isEnd ? .sizeEnd : .fragment(part))
        case .sizeEnd:
            try countOverhead(limits)
            guard byte == UInt8(ascii: "\n") else { throw .missingChunkEnd }
            try beginData()
        case .dataEnd:
            // RFC 9112 §7.1: exactly CRLF behind the data, not just any two bytes.
            guard byte == UInt8(ascii: "\r") else { throw .missingChunkEnd }
            state = .framing(.dataLineFeed)
        case .dataLineFeed:
            guard byte == UInt8(ascii: "\n") else { throw .missingChunkEnd }
            size = 0
            state = .framing(.size(digits: 0))
        }
    }

    private mutating func endSize(with byte: UInt8, digits: Int) throws(HTTPViolation) {
        guard digits > 0 else { throw .invalidChunkSize }
        switch byte {
        case UInt8(ascii: "\r"): state = .framing(.sizeEnd)
        case UInt8(ascii: "\n"): throw .missingChunkEnd
        case UInt8(ascii: ";"): state = .framing(.fragment(.beforeName))
        case UInt8(ascii: " "), UInt8(ascii: "\t"): state = .framing(.fragment(.beforeSemicolon))
        default: throw .invalidChunkSize
        }
    }

    private mutating func beginData() throws(HTTPViolation) {
        guard size > 0 else {
            state = .trailers(HeadParser())
            return
        }
        guard size <= allowance else { throw .bodyTooLarge }
        allowance -= size
        // What a chunk pays for: 16 bytes, and two for each byte of its data.
        overhead = size >= overhead ? 0 : max(0, overhead - 16 - 2 * size)
        state = .data(remaining: size)
    }

    private mutating func countOverhead(_ limits: HTTPLimits) throws(HTTPViolation) {
        overhead += 1
        guard overhead <= limits.chunkOverhead else { throw .chunkOverheadTooLarge }
    }
}
