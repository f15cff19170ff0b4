// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Finds the bytes of a body in bytes that arrive in any cut (RFC 9112 §6); it copies none of them.
struct BodyDecoder: Sendable {
    /// What it finds.
    enum Piece: Sendable {
        /// Bytes of the body, as indices of the input; never empty.
        case data(Range<Int>)
        /// The end, with the trailers.
        case end(HeaderFields)
    }

    private enum State: Sendable {
        case length(remaining: Int)
        case chunked(ChunkedDecoder)
        case untilClose
    }

    private var state: State

    /// - Parameter largest: the body's size beyond which it is refused.
    init(_ kind: BodyKind, largest: Int?) throws(HTTPViolation) {
        switch kind {
        case .none:
            state = .length(remaining: 0)
        case .length(let length):
            guard length <= largest ?? .max else { throw .bodyTooLarge }
            state = .length(remaining: length)
        case .chunked:
            state = .chunked(ChunkedDecoder(largest: largest))
        case .untilClose:
            state = .untilClose
        }
    }

    /// A decoder for a message without a body.
    static var empty: Self { Self() }

    private init() { state = .length(remaining: 0) }

    /// How many bytes are to come; `nil` when that is not known.
    var remaining: Int? {
        switch state {
        case .length(let remaining): remaining
        case .chunked, .untilClose: nil
        }
    }

    /// Whether the end of the connection is the end of the body.
    var endsWithConnection: Bool {
        switch state {
        case .untilClose: true
        case .length, .chunked: false
        }
    }

    /// The next piece, or `nil` when it needs more input. After the end it is not asked again.
    ///
    /// - Parameter limits: the same at each call.
    mutating func next(
        in input: Span<UInt8>, from position: inout Int, limits: HTTPLimits
    ) throws(HTTPViolation) -> Piece? {
        let available = input.count - position
        switch state {
        case .length(let remaining):
            guard remaining > 0 else { return .end(HeaderFields()) }
            guard available > 0 else { return nil }
            let count = min(remaining, available)
            state = .length(remaining: remaining - count)
            position += count
            return .data(position - count..<position)
        case .chunked(var decoder):
            state = .untilClose  // so that the decoder's buffers are not copied
            defer { state = .chunked(decoder) }
            return try decoder.next(in: input, from: &position, limits: limits)
        case .untilClose:
            guard available > 0 else { return nil }
            position = input.count
            return .data(input.count - available..<input.count)
        }
    }
}
