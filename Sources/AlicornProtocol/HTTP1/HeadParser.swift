// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The first line of a head, as ranges into the head's bytes.
protocol StartLine: Sendable {
    /// The start line of what begins with its fields; `nil` where one has to be parsed.
    static var absent: Self? { get }
    /// How many empty lines may stand before it.
    static var toleratedEmptyLines: Int { get }
    /// What a start line beyond the limit is.
    static var tooLong: HTTPViolation { get }
    /// What a section beyond the limit is.
    static var sectionTooLarge: HTTPViolation { get }

    /// Parses a line that holds no control character but HTAB.
    static func parse(_ line: Range<Int>, in bytes: Span<UInt8>) throws(HTTPViolation) -> Self
}

/// The start line of trailers, which have none (RFC 9112 §7.1.2).
struct NoStartLine: StartLine {
    static var absent: Self? { Self() }
    static var toleratedEmptyLines: Int { 0 }
    static var tooLong: HTTPViolation { .trailersTooLarge }
    static var sectionTooLarge: HTTPViolation { .trailersTooLarge }
    static func parse(_ line: Range<Int>, in bytes: Span<UInt8>) -> Self { Self() }
}

/// Parses a start line, fields and the empty line behind them, from bytes in any cut.
///
/// When the whole head lies in one span it is looked at once and copied once, from there into the fields. When it does
/// not, what has arrived is kept in a buffer, which then becomes the fields'. Both ways find the same.
struct HeadParser<Line: StartLine>: Sendable {
    private var progress = HeadProgress<Line>()
    /// What has arrived of a head that is not complete.
    private var buffer: [UInt8] = []

    /// Whether nothing of a head has arrived, but for empty lines that are ignored.
    var isUntouched: Bool { progress.isUntouched(in: buffer.count) }

    /// Whether no byte is kept of a head that has begun.
    var keepsNothing: Bool { buffer.isEmpty }

    /// The next head, or `nil` when it needs more than `input`, all of which it has taken then.
    ///
    /// - Parameter limits: the same at each call.
    mutating func next(
        in input: Span<UInt8>, from position: inout Int, limits: HTTPLimits
    ) throws(HTTPViolation) -> (line: Line, fields: HeaderFields)? {
        guard buffer.isEmpty else { return try collect(input, from: &position, limits: limits) }
        let rest = input.extracting(position..<input.count)
        guard let end = try progress.advance(in: rest, limits: limits) else {
            buffer.append(copying: rest)
            position = input.count
            return nil
        }
        position += end
        // A section without fields, as most trailers are, needs no bytes.
        return finish(progress.hasFields || Line.absent == nil ? [UInt8](copying: rest.extracting(0..<end)) : [])
    }

    /// Goes on in the buffer. It grows by small pieces, as what lies behind the head is not ours to take.
    private mutating func collect(
        _ input: Span<UInt8>, from position: inout Int, limits: HTTPLimits
    ) throws(HTTPViolation) -> (line: Line, fields: HeaderFields)? {
        var buffer: [UInt8] = []
        swap(&buffer, &self.buffer)
        while position < input.count {
            let before = buffer.count
            let piece = position..<position + min(512, input.count - position)
            buffer.append(copying: input.extracting(piece))
            if let end = try progress.advance(in: buffer.span, limits: limits) {
                position += end - before
                buffer.removeLast(buffer.count - end)
                return finish(buffer)
            }
            position = piece.upperBound
        }
        self.buffer = buffer
        return nil
    }

    private mutating func finish(_ bytes: [UInt8]) -> (line: Line, fields: HeaderFields)? {
        var done = HeadProgress<Line>()
        swap(&done, &progress)
        guard let line = done.line else { return nil }
        return (line, HeaderFields(bytes: bytes, entries: done.entries))
    }
}

/// How far a head is parsed.
private struct HeadProgress<Line: StartLine>: Sendable {
    private(set) var line = Line.absent
    private(set) var entries: [HeaderFields.Entry] = []
    private var scanner = LineScanner()
    private var emptyLines = 0

    var hasFields: Bool { !entries.isEmpty }

    func isUntouched(in count: Int) -> Bool { line == nil && scanner.lineStart == count }

    /// Where the head ends, or `nil`; `bytes` are those of the last call with what has arrived since.
    mutating func advance(in bytes: Span<UInt8>, limits: HTTPLimits) throws(HTTPViolation) -> Int? {
        while let range = try nextLine(in: bytes, limits: limits) {
            guard scanner.lineStart <= min(limits.head, Self.largestHead) else { throw Line.sectionTooLarge }
            if line == nil {
                try takeStartLine(range, in: bytes)
                continue
            }
            if range.isEmpty { return scanner.lineStart }
            guard entries.count < limits.fields else { throw .tooManyFields }
            if entries.isEmpty { entries.reserveCapacity(Self.likelyCount(of: bytes.count - range.lowerBound)) }
            entries.append(try FieldLine.parse(range, in: bytes, isFirst: entries.isEmpty))
        }
        return nil
    }

    /// What the offsets of ``HeaderFields`` can tell apart.
    private static var largestHead: Int { Int(UInt32.max) }

    /// How many fields stand in that many bytes, nearly always, and seldom many less: a connection keeps its request.
    private static func likelyCount(of bytes: Int) -> Int { min(bytes / 32 + 1, 16) }

    private mutating func nextLine(
        in bytes: Span<UInt8>, limits: HTTPLimits
    ) throws(HTTPViolation) -> Range<Int>? {
        line == nil
            ? try scanner.next(in: bytes, limit: limits.startLine, tooLong: Line.tooLong)
            : try scanner.next(in: bytes, limit: limits.fieldLine, tooLong: .fieldLineTooLong)
    }

    private mutating func takeStartLine(_ range: Range<Int>, in bytes: Span<UInt8>) throws(HTTPViolation) {
        if range.isEmpty, emptyLines < Line.toleratedEmptyLines {
            emptyLines += 1
        } else {
            line = try Line.parse(range, in: bytes)
        }
    }
}
