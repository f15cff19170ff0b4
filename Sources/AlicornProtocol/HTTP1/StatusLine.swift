// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The status line (RFC 9112 §4).
struct StatusLine: StartLine {
    var version: HTTPVersion
    var status: Int
    var reason: Range<Int>

    static var absent: Self? { nil }
    static var toleratedEmptyLines: Int { 0 }
    static var tooLong: HTTPViolation { .statusLineTooLong }
    static var sectionTooLarge: HTTPViolation { .headTooLarge }

    static func parse(_ line: Range<Int>, in bytes: Span<UInt8>) throws(HTTPViolation) -> Self {
        // "HTTP/1.1 200" at least. The space behind the code belongs there even without a reason phrase; servers leave
        // it out, and nothing depends on it.
        let start = line.lowerBound
        guard line.count >= 12, bytes[start + 8] == UInt8(ascii: " "),
            line.count == 12 || bytes[start + 12] == UInt8(ascii: " ")
        else { throw .malformedStatusLine }
        let version = try HTTPVersion(bytes, at: start..<start + 8)
        var status = 0
        for index in start + 9..<start + 12 {
            guard bytes[index].isDigit else { throw .malformedStatusLine }
            status = status * 10 + Int(bytes[index] - UInt8(ascii: "0"))
        }
        // RFC 9110 §15: codes outside this range are invalid.
        guard (100...599).contains(status) else { throw .invalidStatus }
        return Self(version: version, status: status, reason: min(start + 13, line.upperBound)..<line.upperBound)
    }
}
