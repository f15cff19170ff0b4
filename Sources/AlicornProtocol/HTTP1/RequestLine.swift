// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The request line (RFC 9112 §3).
struct RequestLine: StartLine {
    var method: Range<Int>
    var target: Range<Int>
    var version: HTTPVersion

    static var absent: Self? { nil }
    /// RFC 9112 §2.2: at least one empty line before the request line is ignored; old clients end a body with one.
    static var toleratedEmptyLines: Int { 1 }
    static var tooLong: HTTPViolation { .requestLineTooLong }
    static var sectionTooLarge: HTTPViolation { .headTooLarge }

    /// The longest method registered has 17 characters.
    static var longestMethod: Int { 24 }

    static func parse(_ line: Range<Int>, in bytes: Span<UInt8>) throws(HTTPViolation) -> Self {
        var firstSpace = line.lowerBound
        while firstSpace < line.upperBound, bytes[firstSpace] != UInt8(ascii: " ") { firstSpace += 1 }
        var lastSpace = line.upperBound - 1
        while lastSpace > firstSpace, bytes[lastSpace] != UInt8(ascii: " ") { lastSpace -= 1 }
        // RFC 9112 §3: exactly one space between the parts; none of them is empty.
        guard firstSpace > line.lowerBound, lastSpace > firstSpace + 1 else { throw .malformedRequestLine }

        let method = line.lowerBound..<firstSpace
        for index in method where !bytes[index].isTokenCharacter { throw .invalidMethod }
        // RFC 9112 §3: a method longer than any that the server implements is 501.
        guard method.count <= longestMethod else { throw .methodTooLong }

        let target = firstSpace + 1..<lastSpace
        for index in target where bytes[index].isOptionalWhitespace { throw .malformedRequestLine }
        let version = try HTTPVersion(bytes, at: lastSpace + 1..<line.upperBound)
        guard RequestTarget.isValid(target, for: method, in: bytes) else { throw .invalidTarget }
        return Self(method: method, target: target, version: version)
    }
}

extension HTTPVersion {
    /// Parses `HTTP/1.1`: the name is case-sensitive, the numbers are single digits (RFC 9112 §2.3).
    ///
    /// A higher minor version than 1 is taken for 1.1, the highest that we speak (RFC 9110 §2.5).
    init(_ bytes: Span<UInt8>, at range: Range<Int>) throws(HTTPViolation) {
        guard range.count == 8 else { throw .malformedVersion }
        let start = range.lowerBound
        guard bytes[start] == UInt8(ascii: "H"), bytes[start + 1] == UInt8(ascii: "T"),
            bytes[start + 2] == UInt8(ascii: "T"), bytes[start + 3] == UInt8(ascii: "P"),
            bytes[start + 4] == UInt8(ascii: "/"), bytes[start + 5].isDigit, bytes[start + 6] == UInt8(ascii: "."),
            bytes[start + 7].isDigit
        else { throw .malformedVersion }
        // RFC 9110 §15.6.6: another major version is 505.
        guard bytes[start + 5] == UInt8(ascii: "1") else { throw .unsupportedVersion }
        self = bytes[start + 7] == UInt8(ascii: "0") ? .http10 : .http11
    }
}
