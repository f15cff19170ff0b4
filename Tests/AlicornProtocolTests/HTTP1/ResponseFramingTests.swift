// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct ResponseFramingTests {
    private func request(_ method: RequestTraits.Method = .other, version: HTTPVersion = .http11) -> RequestTraits {
        var traits = RequestTraits.unknown
        traits.method = method
        traits.version = version
        return traits
    }

    /// The framing as text: what becomes of the pieces, the field that is added, the one that is left out.
    private func framing(
        _ status: Int, _ body: ResponseBody, _ fields: [(String, String)] = [], for request: RequestTraits
    ) throws -> String {
        var head = ResponseHead(status: status)
        for (name, value) in fields { try head.fields.append(name: name, value: value) }
        let framing = try ResponseFraming(head, FieldIndex(head.fields), body: body, for: request)
        var added: [UInt8] = []
        added.append(addingCapacity: 40) { framing.added?.append(to: &$0) }
        let pieces =
            switch framing.pieces {
            case .length(let remaining): "length \(remaining)"
            case .chunked: "chunked"
            case .untilClose: "untilClose"
            case .dropped: "dropped"
            }
        #expect(framing.endsWithConnection == (pieces == "untilClose"))
        return pieces + (added.isEmpty ? "" : " + " + text(added.dropLast(2)))
            + (framing.omitsContentLength ? " - Content-Length" : "")
    }

    @Test("room is made for a small body, as it follows its head at once")
    func smallBody() throws {
        for (body, room) in [
            (.empty, 0), (.length(13), 13), (.length(16_384), 16_384), (.length(16_385), 0), (.streamed, 0),
        ] as [(ResponseBody, Int)] {
            let head = ResponseHead(status: 200)
            let framing = try ResponseFraming(head, FieldIndex(head.fields), body: body, for: request())
            #expect(framing.smallBody == room)
        }
    }

    @Test(
        "the body's kind, the status and a Content-Length decide (RFC 9112 §6)",
        arguments: [
            (200, .empty, [], "length 0 + Content-Length: 0"), (200, .length(0), [], "length 0 + Content-Length: 0"),
            (200, .length(5), [], "length 5 + Content-Length: 5"), (200, .length(5), ["5"], "length 5"),
            (200, .streamed, [], "chunked + Transfer-Encoding: chunked"), (200, .streamed, ["5"], "length 5"),
            (200, .empty, ["0"], "length 0"), (204, .empty, [], "length 0 - Content-Length"),
            (204, .length(0), ["0"], "length 0 - Content-Length"), (204, .streamed, [], "length 0 - Content-Length"),
            (304, .empty, ["5"], "length 0"), (304, .length(0), ["5"], "length 0"), (304, .streamed, [], "length 0"),
        ] as [(Int, ResponseBody, [String], String)]
    )
    func decides(status: Int, body: ResponseBody, lengths: [String], expected: String) throws {
        #expect(try framing(status, body, lengths.map { ("Content-Length", $0) }, for: request()) == expected)
    }

    @Test(
        "the answer to HEAD has the fields of the answer to GET and no body (RFC 9110 §9.3.2)",
        arguments: [
            (200, .empty, [], "dropped"), (200, .length(5), [], "dropped + Content-Length: 5"),
            (200, .length(5), ["5"], "dropped"), (200, .length(0), ["5"], "dropped"),
            (200, .streamed, [], "dropped"), (200, .streamed, ["5"], "dropped"),
            (200, .empty, ["5"], "dropped"), (204, .empty, ["0"], "dropped - Content-Length"),
            (304, .length(0), [], "dropped"), (405, .length(0), ["5"], "dropped"),
        ] as [(Int, ResponseBody, [String], String)]
    )
    func head(status: Int, body: ResponseBody, lengths: [String], expected: String) throws {
        #expect(try framing(status, body, lengths.map { ("Content-Length", $0) }, for: request(.head)) == expected)
    }

    @Test("a client of HTTP/1.0 gets no chunks (RFC 9112 §6.1)")
    func oldVersion() throws {
        #expect(try framing(200, .streamed, for: request(version: .http10)) == "untilClose")
        #expect(try framing(200, .length(5), for: request(version: .http10)) == "length 5 + Content-Length: 5")
    }

    @Test(
        "heads that contradict the body are refused",
        arguments: [
            (200, .length(5), [("Content-Length", "6")], .framingField("Content-Length")),
            (200, .length(5), [("Content-Length", "5"), ("Content-Length", "5")], .framingField("Content-Length")),
            (200, .streamed, [("Content-Length", "x")], .framingField("Content-Length")),
            (200, .empty, [("Content-Length", "5")], .framingField("Content-Length")),
            (200, .length(0), [("Content-Length", "5")], .framingField("Content-Length")),
            (200, .length(-1), [], .framingField("Content-Length")),
            (200, .streamed, [("transfer-encoding", "chunked")], .framingField("Transfer-Encoding")),
            (204, .length(1), [], .bodyNotAllowed(status: 204)), (304, .length(1), [], .bodyNotAllowed(status: 304)),
        ] as [(Int, ResponseBody, [(String, String)], HTTPMisuse)]
    )
    func refuses(status: Int, body: ResponseBody, fields: [(String, String)], misuse: HTTPMisuse) {
        #expect(throws: misuse) { try framing(status, body, fields, for: request()) }
    }

    @Test("an answer to HEAD that brings another body than it announces is refused")
    func headWithOtherBody() {
        #expect(throws: HTTPMisuse.framingField("Content-Length")) {
            try framing(200, .length(5), [("Content-Length", "6")], for: request(.head))
        }
    }

    @Test("CONNECT can be refused but not accepted (RFC 9110 §9.3.6)")
    func connect() throws {
        #expect(throws: HTTPMisuse.tunnel) { try framing(200, .empty, for: request(.connect)) }
        #expect(try framing(405, .empty, for: request(.connect)) == "length 0 + Content-Length: 0")
    }
}
