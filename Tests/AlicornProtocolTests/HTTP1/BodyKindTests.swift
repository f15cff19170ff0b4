// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct BodyKindTests {
    private func announced(
        _ pairs: [(String, String)], version: HTTPVersion = .http11
    ) throws -> BodyKind? {
        var fields = HeaderFields()
        for (name, value) in pairs { try fields.append(name: name, value: value) }
        return try BodyKind.announced(by: fields, FieldIndex(fields), version: version)
    }

    @Test(
        "Content-Length is digits (RFC 9110 §8.6)",
        arguments: [
            ("0", BodyKind.none), ("5", .length(5)), ("007", .length(7)),
            ("9223372036854775807", .length(.max)),
        ] as [(String, BodyKind)]
    )
    func length(value: String, kind: BodyKind) throws {
        #expect(try announced([("Content-Length", value)]) == kind)
    }

    @Test(
        "anything but one number in digits is refused",
        arguments: [
            "", "+5", "-5", "5, 5", "5,5", "5 5", "0x5", "5.0", "five", "9223372036854775808",
            "92233720368547758070", "99999999999999999999999999999999",
        ]
    )
    func badLength(value: String) {
        #expect(throws: HTTPViolation.invalidContentLength) { try announced([("Content-Length", value)]) }
    }

    @Test("two Content-Length fields are refused even if they agree (RFC 9112 §6.3)", arguments: ["5", "6"])
    func repeatedLength(second: String) {
        #expect(throws: HTTPViolation.repeatedContentLength) {
            try announced([("Content-Length", "5"), ("content-length", second)])
        }
    }

    @Test("without either field nothing is announced")
    func nothing() throws {
        #expect(try announced([("Host", "a")]) == nil)
    }

    @Test("chunked is accepted in any case (RFC 9112 §7)", arguments: ["chunked", "Chunked", "CHUNKED"])
    func chunked(value: String) throws {
        #expect(try announced([("Transfer-Encoding", value)]) == .chunked)
    }

    @Test(
        "other Transfer-Encodings are refused (RFC 9112 §6.1, §6.3)",
        arguments: [
            (["gzip, chunked"], .unsupportedTransferCoding), (["identity,chunked"], .unsupportedTransferCoding),
            (["chunked, gzip"], .invalidTransferEncoding), (["gzip"], .invalidTransferEncoding),
            (["chunked, chunked"], .invalidTransferEncoding), (["chunked", "chunked"], .invalidTransferEncoding),
            (["gzip", "chunked"], .unsupportedTransferCoding), (["gzip", "br, chunked"], .unsupportedTransferCoding),
            (["chunked", "gzip"], .invalidTransferEncoding), (["gzip, chunked", "chunked"], .invalidTransferEncoding),
            (["gzip, chunked", ""], .invalidTransferEncoding), (["", "chunked"], .invalidTransferEncoding),
            (["gzip,", "chunked"], .invalidTransferEncoding), ([""], .invalidTransferEncoding),
            ([", chunked"], .invalidTransferEncoding), (["chunked,"], .invalidTransferEncoding),
            (["chunked;a=b"], .invalidTransferEncoding), (["\"chunked\""], .invalidTransferEncoding),
            (["xchunked"], .invalidTransferEncoding), (["chunkedx"], .invalidTransferEncoding),
            (["chun ked"], .invalidTransferEncoding),
        ] as [([String], HTTPViolation)]
    )
    func badCodings(values: [String], violation: HTTPViolation) {
        #expect(throws: violation) { try announced(values.map { ("Transfer-Encoding", $0) }) }
    }

    @Test("Transfer-Encoding in HTTP/1.0 has faulty framing (RFC 9112 §6.1)")
    func oldVersion() {
        #expect(throws: HTTPViolation.transferEncodingInHTTP10) {
            try announced([("Transfer-Encoding", "chunked")], version: .http10)
        }
    }

    @Test("Transfer-Encoding with Content-Length is refused (RFC 9112 §6.1)")
    func both() {
        #expect(throws: HTTPViolation.transferEncodingWithContentLength) {
            try announced([("Content-Length", "5"), ("Transfer-Encoding", "chunked")])
        }
    }
}
