// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// How the end of a body is known (RFC 9112 §6.3).
public enum BodyKind: Sendable, Hashable {
    /// There is no body, or one of no bytes.
    case none
    /// That many bytes, at least one.
    case length(Int)
    /// Chunks, until one of size zero.
    case chunked
    /// All bytes until the connection ends: responses only.
    case untilClose
}

extension BodyKind {
    /// What Content-Length and Transfer-Encoding say; `nil` when there is neither.
    static func announced(
        by fields: HeaderFields, _ index: FieldIndex, version: HTTPVersion
    ) throws(HTTPViolation) -> BodyKind? {
        if index.transferEncoding.count > 0 {
            // RFC 9112 §6.1: a message of HTTP/1.0 with Transfer-Encoding has faulty framing.
            guard version >= .http11 else { throw .transferEncodingInHTTP10 }
            // RFC 9112 §6.1: both together are a sign of smuggling.
            guard index.contentLength.count == 0 else { throw .transferEncodingWithContentLength }
            try checkCodings(fields, index)
            return .chunked
        }
        guard index.contentLength.count > 0 else { return nil }
        // RFC 9112 §6.3 lets equal values be merged; senders do not repeat it, so it is refused.
        guard index.contentLength.count == 1 else { throw .repeatedContentLength }
        guard let length = fields.decimal(at: index.contentLength.value) else { throw .invalidContentLength }
        return length == 0 ? BodyKind.none : .length(length)
    }

    /// Accepts `chunked`, once and alone, and tells what is wrong with anything else.
    private static func checkCodings(_ fields: HeaderFields, _ index: FieldIndex) throws(HTTPViolation) {
        if index.transferEncoding.count == 1, fields.equals(index.transferEncoding.value, "chunked") { return }
        // Several fields are one list (RFC 9110 §5.3). Empty elements are not tolerated here, as other recipients may see
        // another list.
        let values = fields.entries.filter { fields.holds("transfer-encoding", at: $0.name) }.map(\.value)
        let codings = values.flatMap { value in
            fields.bytes[value].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
                .map { fields.trimmed($0.startIndex..<$0.endIndex) }
        }
        let areTokens = codings.allSatisfy { !$0.isEmpty && fields.bytes[$0].allSatisfy(\.isTokenCharacter) }
        // RFC 9112 §6.3: when chunked is not the last coding, the length is not known: 400. §6.1: it is applied once.
        guard areTokens, let last = codings.last, fields.equals(last, "chunked"),
            codings.count(where: { fields.equals($0, "chunked") }) == 1
        else { throw .invalidTransferEncoding }
        // RFC 9112 §6.1: a coding that is not understood is 501.
        throw .unsupportedTransferCoding
    }
}

extension HeaderFields {
    /// The number in digits that stands there, and nothing beside it; `nil` when not, or beyond 63 bits (RFC 9110 §8.6).
    func decimal(at range: Range<Int>) -> Int? {
        var number = 0
        for byte in bytes[range] {
            guard byte.isDigit else { return nil }
            let (product, isTooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, isBeyond) = product.addingReportingOverflow(Int(byte &- UInt8(ascii: "0")))
            guard !isTooLarge, !isBeyond else { return nil }
            number = sum
        }
        return range.isEmpty ? nil : number
    }

    /// The range without optional white space at its ends.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var range = range
        while let first = range.first, bytes[first].isOptionalWhitespace { range.removeFirst() }
        while let last = range.last, bytes[last].isOptionalWhitespace { range.removeLast() }
        return range
    }
}
