// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct ChunkedDecoderTests {
    @Test(
        "chunks are put together, extensions are passed over, trailers are kept (RFC 9112 §7.1)",
        arguments: [
            ("0\r\n\r\nX", "", [], "X"),
            ("5\r\nhello\r\n0\r\n\r\n", "hello", [], ""),
            ("00a\r\n0123456789\r\n000\r\n\r\n", "0123456789", [], ""),
            ("0000000000000005\r\nhello\r\n0\r\n\r\n", "hello", [], ""),
            ("A\r\n0123456789\r\nb\r\n0123456789a\r\n0\r\n\r\nGET", "01234567890123456789a", [], "GET"),
            ("2\r\n\r\n\r\n0\r\n\r\n", "\r\n", [], ""),
            ("1;a;b=c;d=\"e;\\\"\";f\r\nx\r\n0;end\r\n\r\n", "x", [], ""),
            ("1 ; a = b ;c\t=\t\"d\" ; e\r\nx\r\n0\r\n\r\n", "x", [], ""),
            ("1\r\nx\r\n0\r\nA: b\r\nc:d \r\n\r\nY", "x", ["A=b", "c=d"], "Y"),
        ] as [(String, String, [String], String)]
    )
    func decodes(input: String, data: String, trailers: [String], rest: String) {
        let body = inEveryCut(of: bytes(input)) { DecodedBody($0, kind: .chunked) }
        #expect(body.violation == nil)
        #expect(text(body.data) == data)
        #expect(body.trailers == trailers)
        #expect(text(body.rest) == rest)
    }

    @Test(
        "what breaks the framing is refused by name",
        arguments: [
            ("\r\n", .invalidChunkSize), (";a\r\n", .invalidChunkSize), ("x\r\n", .invalidChunkSize),
            ("0x5\r\n", .invalidChunkSize), ("-1\r\n", .invalidChunkSize), ("+1\r\n", .invalidChunkSize),
            (" 1\r\n", .invalidChunkSize), ("1_0\r\n", .invalidChunkSize), ("8000000000000000\r\n", .invalidChunkSize),
            ("ffffffffffffffff\r\n", .invalidChunkSize), ("00000000000000001\r\n", .invalidChunkSize),
            ("1,\r\n", .invalidChunkSize), ("1\n", .missingChunkEnd), ("1\rx", .missingChunkEnd),
            ("1 \r\n", .invalidChunkExtension), ("1;\r\n", .invalidChunkExtension), ("1;a\n", .invalidChunkExtension),
            ("1;a=\r\n", .invalidChunkExtension), ("1;a \r\n", .invalidChunkExtension),
            ("1;a=b \r\n", .invalidChunkExtension), ("1;a=\"b\r\n", .invalidChunkExtension),
            ("1;a=\"b\\\r\n", .invalidChunkExtension), ("1;a=\"b\"c\r\n", .invalidChunkExtension),
            ("1;a=\"\0\"\r\n", .invalidChunkExtension), ("1;a=b=c\r\n", .invalidChunkExtension),
            ("1;=b\r\n", .invalidChunkExtension), ("1 a\r\n", .invalidChunkExtension),
            ("1;é\r\n", .invalidChunkExtension),
            ("1;a\rx", .missingChunkEnd), ("1\r\nxy", .missingChunkEnd), ("1\r\nx\ny", .missingChunkEnd),
            ("1\r\nx\rx", .missingChunkEnd), ("1\r\nx1\r\n", .missingChunkEnd),
            ("0\r\n a\r\n", .whitespaceBeforeFields),
            ("0\r\na\r\n", .missingColon), ("0\r\n\n", .bareLineFeed), ("0\r\na: b\n", .bareLineFeed),
        ] as [(String, HTTPViolation)]
    )
    func refuses(input: String, violation: HTTPViolation) {
        #expect(inEveryCut(of: bytes(input)) { DecodedBody($0, kind: .chunked) }.violation == violation)
    }

    @Test("the largest size that fits is taken, and what is announced is not reserved")
    func largest() {
        let body = DecodedBody([bytes("7fffffffffffffff\r\nx")], kind: .chunked)
        #expect(body.violation == nil && text(body.data) == "x")
    }

    @Test("data before a fault is still delivered")
    func dataBeforeFault() {
        let body = inEveryCut(of: bytes("1\r\nx\r\n?\r\n")) { DecodedBody($0, kind: .chunked) }
        #expect(text(body.data) == "x" && body.violation == .invalidChunkSize)
    }

    @Test("the sum of all chunks is limited before the data of the one beyond (RFC 9110 §15.5.14)")
    func tooLarge() {
        let input = bytes("3\r\nabc\r\n3\r\ndef\r\n1\r\n")
        let body = inEveryCut(of: input) { DecodedBody($0, kind: .chunked, largest: 6) }
        #expect(text(body.data) == "abcdef" && body.violation == .bodyTooLarge)
    }

    @Test("extensions are limited over all chunks (RFC 9112 §7.1.1)")
    func extensions() {
        var limits = HTTPLimits()
        limits.chunkOverhead = 60
        let fine = "1;a=" + String(repeating: "x", count: 54) + "\r\n"
        #expect(DecodedBody([bytes(fine)], kind: .chunked, limits: limits).violation == nil)
        let one = inEveryCut(of: bytes(fine.replacing("=", with: "=1"))) {
            DecodedBody($0, kind: .chunked, limits: limits)
        }
        #expect(one.violation == .chunkOverheadTooLarge)
        let many = String(repeating: "1;a=234567890123456789012345678\r\nx\r\n", count: 5)
        let body = inEveryCut(of: bytes(many)) { DecodedBody($0, kind: .chunked, limits: limits) }
        #expect(body.violation == .chunkOverheadTooLarge)
    }

    @Test("small chunks without extensions never reach the limit")
    func smallChunks() {
        var limits = HTTPLimits()
        limits.chunkOverhead = 100
        let input = String(repeating: "1\r\nx\r\n", count: 10_000) + "0\r\n\r\n"
        let body = DecodedBody([bytes(input)], kind: .chunked, limits: limits)
        #expect(body.data.count == 10_000 && body.trailers == [])
    }

    @Test("trailers are limited in size and number (RFC 6585 §5)")
    func trailers() {
        var limits = HTTPLimits()
        limits.chunkOverhead = 30
        limits.fields = 2
        let large = bytes("0\r\na: 456789012345\r\nb: 456789012345\r\n\r\n")
        #expect(
            inEveryCut(of: large) { DecodedBody($0, kind: .chunked, limits: limits) }.violation == .trailersTooLarge)
        let many = bytes("0\r\na:\r\nb:\r\nc:\r\n\r\n")
        #expect(inEveryCut(of: many) { DecodedBody($0, kind: .chunked, limits: limits) }.violation == .tooManyFields)
    }
}
