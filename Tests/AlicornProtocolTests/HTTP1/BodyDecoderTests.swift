// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

/// What a decoder makes of its input.
struct DecodedBody: Equatable {
    var data: [UInt8] = []
    var trailers: [String]?
    var violation: HTTPViolation?
    var rest: [UInt8] = []

    init(_ pieces: [[UInt8]], kind: BodyKind, limits: HTTPLimits = HTTPLimits(), largest: Int? = nil) {
        do throws(HTTPViolation) {
            var decoder = try BodyDecoder(kind, largest: largest)
            rest = try feed(pieces) { (input, position) throws(HTTPViolation) in
                guard trailers == nil, let piece = try decoder.next(in: input, from: &position, limits: limits) else {
                    return false
                }
                switch piece {
                case .data(let range): data += [UInt8](copying: input.extracting(range))
                case .end(let fields): trailers = fields.indices.map { "\(fields[$0].name)=\(fields[$0].value)" }
                }
                return true
            }
        } catch {
            violation = error
        }
    }
}

struct BodyDecoderTests {
    @Test("a body of known length ends behind its bytes (RFC 9112 §6.2)")
    func length() {
        let body = inEveryCut(of: bytes("hello, world")) { DecodedBody($0, kind: .length(5)) }
        #expect(text(body.data) == "hello")
        #expect(body.trailers == [])
        #expect(text(body.rest) == ", world")
    }

    @Test("a body of no bytes ends at once")
    func none() {
        let body = inEveryCut(of: bytes("GET")) { DecodedBody($0, kind: .none) }
        #expect(body.data == [] && body.trailers == [] && text(body.rest) == "GET")
        #expect(BodyDecoder.empty.remaining == 0)
    }

    @Test("a chunked body ends behind its last chunk and its trailers (RFC 9112 §7.1)")
    func chunked() {
        let body = inEveryCut(of: bytes("5\r\nhello\r\n0\r\na: b\r\n\r\nGET")) { DecodedBody($0, kind: .chunked) }
        #expect(text(body.data) == "hello")
        #expect(body.trailers == ["a=b"])
        #expect(text(body.rest) == "GET")
    }

    @Test("a body until the end of the connection takes everything (RFC 9112 §6.3)")
    func untilClose() throws {
        let body = inEveryCut(of: bytes("hello")) { DecodedBody($0, kind: .untilClose) }
        #expect(text(body.data) == "hello" && body.trailers == nil)
    }

    @Test("a length beyond the limit is refused before its bytes (RFC 9110 §15.5.14)")
    func tooLarge() {
        #expect(DecodedBody([], kind: .length(6), largest: 5).violation == .bodyTooLarge)
        #expect(DecodedBody([], kind: .length(5), largest: 5).violation == nil)
    }

    @Test("a decoder tells how much is to come and whether the connection's end is its own")
    func tells() throws {
        #expect(try BodyDecoder(.length(5), largest: nil).remaining == 5)
        #expect(try BodyDecoder(.chunked, largest: nil).remaining == nil)
        #expect(try BodyDecoder(.untilClose, largest: nil).endsWithConnection)
        #expect(try !BodyDecoder(.chunked, largest: nil).endsWithConnection)
    }
}
