// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Parses one line of a field section (RFC 9112 §5).
enum FieldLine {
    /// Where name and value lie, with the white space around the value cut off.
    ///
    /// - Parameter line: what ``LineScanner`` found, not empty: it holds no control character but HTAB.
    static func parse(
        _ line: Range<Int>, in bytes: Span<UInt8>, isFirst: Bool
    ) throws(HTTPViolation) -> HeaderFields.Entry {
        precondition(line.lowerBound >= 0 && line.upperBound <= bytes.count)
        var colon = line.lowerBound
        // SAFETY: colon stays inside the line, which lies inside the span.
        while colon < line.upperBound, unsafe bytes[unchecked: colon].isTokenCharacter { colon &+= 1 }
        guard colon < line.upperBound else { throw .missingColon }
        guard bytes[colon] == UInt8(ascii: ":") else {
            throw violation(at: colon, of: line, in: bytes, isFirst: isFirst)
        }
        guard colon > line.lowerBound else { throw .emptyFieldName }

        // RFC 9112 §5.1: optional white space around the value is not part of it.
        var start = colon + 1
        var end = line.upperBound
        while start < end, bytes[start].isOptionalWhitespace { start += 1 }
        while start < end, bytes[end - 1].isOptionalWhitespace { end -= 1 }
        return HeaderFields.Entry(name: line.lowerBound..<colon, value: start..<end)
    }

    /// What is wrong with a line in which the byte at `index` should be the colon.
    private static func violation(
        at index: Int, of line: Range<Int>, in bytes: Span<UInt8>, isFirst: Bool
    ) -> HTTPViolation {
        guard bytes[index].isOptionalWhitespace else { return .invalidFieldName }
        // RFC 9112 §2.2 and §5.2: a server refuses lines that begin with white space.
        if index == line.lowerBound { return isFirst ? .whitespaceBeforeFields : .obsoleteLineFolding }
        var next = index
        while next < line.upperBound, bytes[next].isOptionalWhitespace { next += 1 }
        // RFC 9112 §5.1: white space before the colon is refused; it has led to smuggling.
        return next < line.upperBound && bytes[next] == UInt8(ascii: ":") ? .whitespaceBeforeColon : .invalidFieldName
    }
}
