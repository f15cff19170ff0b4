// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornTransport
import Testing

@Suite("Bodies in pieces, both ways")
struct HTTPServerDriverPiecesTests {
    /// Notes what it hears.
    final class Exchange: HTTPExchangeObserver {
        var heard: [String] = []
        var whenHeard: ((String) -> Void)?

        private func note(_ text: String) {
            heard.append(text)
            whenHeard?(text)
        }

        func receive(_ piece: Span<UInt8>) {
            note("piece " + String(decoding: (0..<piece.count).map { piece[$0] }, as: UTF8.self))
        }
        func receivedBody(trailers: HeaderFields) { note("end, \(trailers.count) trailers") }
        func clientEnded() { note("client ended") }
        func mayResumeSending() { note("room") }
        func closed() { note("closed") }
    }

    /// A driver whose requests each get an exchange that notes.
    final class Harness {
        let http: HTTPHarness
        private(set) var exchanges: [Exchange] = []

        init(limits: HTTPLimits = HTTPLimits()) {
            http = HTTPHarness(
                limits: limits,
                times: HTTPServerTimes(
                    head: .seconds(10), body: .seconds(20), idle: .seconds(5), linger: .seconds(2)),
                bodies: .streamed)
            http.responder.handle = { [unowned self] _, driver in
                let exchange = Exchange()
                exchanges.append(exchange)
                driver.observe(by: exchange)
            }
        }

        deinit { http.responder.handle = nil }

        /// What the exchanges have heard, but for that there is room.
        var heard: [[String]] { exchanges.map { $0.heard.filter { $0 != "room" } } }

        func begin(_ fields: [(String, String)] = [], body: ResponseBody = .streamed) throws {
            var head = ResponseHead(status: 200)
            for (name, value) in fields { try head.fields.append(name: name, value: value) }
            try http.act { try $0.sendHead(head, body: body, leading: .none) }
        }

        func send(_ text: String) throws { try http.act { try $0.sendBody(Array(text.utf8).span) } }
        func end() throws { try http.act { try $0.endResponse() } }
    }

    private static let post = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n"
    private static let chunked = "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

    @Test(
        "a body is handed on as it comes, however it is cut (RFC 9112 §6)",
        arguments: [
            (post + "abcdef", "abcdef"), (chunked + "3\r\nabc\r\n3;x=y\r\ndef\r\n0\r\n\r\n", "abcdef"),
        ], [1, 2, 3, 7, 1000])
    func arrives(_ request: (wire: String, body: String), cut: Int) {
        let harness = Harness()
        harness.http.receive(request.wire, inCutsOf: cut)
        let pieces = harness.heard[0].compactMap { $0.hasPrefix("piece ") ? String($0.dropFirst(6)) : nil }
        #expect(pieces.joined() == request.body)
        #expect(harness.heard[0].last == "end, 0 trailers")
    }

    @Test("trailers come with the end of a body (RFC 9112 §7.1.2)")
    func trailers() {
        let harness = Harness()
        harness.http.receive(Self.chunked + "1\r\na\r\n0\r\nX: y\r\n\r\n")
        #expect(harness.heard == [["piece a", "end, 1 trailers"]])
    }

    @Test("a client that waits is told to go on when its body is wanted, and not before (RFC 9110 §10.1.1, U-H-16)")
    func continues() {
        let harness = Harness()
        harness.http.receive("POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
        #expect(harness.http.sent == "")
        harness.http.act { $0.sendContinue() }
        #expect(harness.http.sent == "HTTP/1.1 100 Continue\r\n\r\n")
        harness.http.act { $0.sendContinue() }
        #expect(harness.http.statuses == [100])
    }

    @Test("a client's end is heard of at once by a request that is whole, and by one that waits behind it in its turn")
    func endBehindPipelined() throws {
        let harness = Harness()
        let get = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
        harness.http.receive(get + get + get)
        #expect(harness.heard == [[]])
        harness.http.receiveEOF()
        #expect(harness.heard == [["client ended"]])
        for answered in 1...3 {
            try harness.begin(body: .length(0))
            try harness.end()
            harness.http.act { _ in }
            #expect(harness.exchanges.count == min(answered + 1, 3))
            #expect(harness.heard.allSatisfy { $0.first == "client ended" })
        }
        #expect(harness.http.transport.endings.contains(.closed))
    }

    @Test("a client's end is heard of behind its body, however long that waits")
    func endBehindBody() {
        let harness = Harness()
        harness.http.receive(Self.post + "abc")
        harness.http.act { $0.pauseBody() }
        harness.http.receive("def" + String(repeating: " ", count: 10))
        harness.http.receiveEOF()
        harness.http.act { $0.resumeBody() }
        #expect(harness.heard[0].prefix(3) == ["piece abc", "piece def", "end, 0 trailers"])
    }

    @Test("a paused body is not read on, and its time does not run (U-H-18)")
    func pauses() {
        let harness = Harness()
        harness.http.receive(Self.post + "abc")
        harness.http.act { $0.pauseBody() }
        #expect(harness.http.transport.isReadingPaused)
        harness.http.advance(100)
        #expect(harness.heard == [["piece abc"]])
        harness.http.act { $0.resumeBody() }
        #expect(!harness.http.transport.isReadingPaused)
        harness.http.receive("def")
        #expect(harness.heard == [["piece abc", "piece def", "end, 0 trailers"]])
    }

    @Test("a body that does not go on is answered with 408, counted from its last piece (P-19)")
    func stalledBody() {
        let harness = Harness()
        harness.http.receive(Self.post + "a")
        harness.http.advance(19)
        harness.http.receive("b")
        harness.http.advance(19)
        #expect(harness.http.statuses == [])
        harness.http.advance(2)
        #expect(harness.http.statuses == [408])
        #expect(harness.heard == [["piece a", "piece b", "closed"]])
    }

    @Test("the application has all the time that it wants")
    func slowApplication() throws {
        let harness = Harness()
        harness.http.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        harness.http.advance(10_000)
        #expect(harness.http.statuses == [])
        try harness.begin()
        try harness.end()
        #expect(harness.http.statuses == [200])
    }

    @Test("a request whose answer is limited gets 503 when that is over")
    func limitedAnswer() {
        let harness = Harness()
        harness.http.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        harness.http.act { $0.limitAnswer(to: .seconds(3)) }
        harness.http.advance(4)
        #expect(harness.http.statuses == [503])
        #expect(harness.heard == [["closed"]])
    }

    @Test("a response of unknown length goes out in chunks, one of a known length as it is (RFC 9112 §6.1)")
    func responses() throws {
        let harness = Harness()
        harness.http.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
        try harness.begin()
        try harness.send("abc")
        try harness.send("d")
        try harness.end()
        #expect(
            harness.http.sent
                == "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n")
        try harness.begin([("Content-Length", "2")])
        try harness.send("ab")
        try harness.end()
        #expect(harness.http.sent.hasSuffix("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"))
    }

    @Test("a long piece goes out from where it is, with what was to be sent before it")
    func longPieces() throws {
        let harness = Harness()
        harness.http.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        try harness.begin()
        let long = String(repeating: "x", count: 20_000)
        try harness.send(long)
        try harness.send("y")
        try harness.end()
        #expect(
            harness.http.sent
                == "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4e20\r\n\(long)\r\n1\r\ny\r\n0\r\n\r\n")
    }

    @Test("a client that does not read its response for the time of a body is cut (D1)")
    func stalledResponse() throws {
        let harness = Harness()
        harness.http.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        harness.http.transport.appetite = 0
        try harness.begin()
        try harness.send(String(repeating: "x", count: 200_000))
        #expect(!harness.http.act { $0.hasRoom })
        harness.http.advance(19)
        #expect(harness.heard == [[]])
        harness.http.advance(2)
        #expect(harness.heard == [["closed"]])
        #expect(harness.http.transport.endings == [.aborted])
    }

    @Test("who waits to send hears when the client has read")
    func room() throws {
        let harness = Harness()
        harness.http.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        harness.http.transport.appetite = 0
        try harness.begin()
        try harness.send(String(repeating: "x", count: 200_000))
        let before = harness.exchanges[0].heard.count
        harness.http.act { _ in harness.http.transport.appetite = .max }
        #expect(harness.exchanges[0].heard.dropFirst(before).contains("room"))
    }

    @Test("a client that ends its side is heard of, and can still be answered")
    func halfClosed() throws {
        let harness = Harness()
        harness.http.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        harness.http.receiveEOF()
        #expect(harness.heard == [["client ended"]])
        try harness.begin()
        try harness.end()
        #expect(harness.http.statuses == [200])
    }

    @Test("a response that breaks off ends the connection without the last chunk")
    func broken() throws {
        let harness = Harness()
        harness.http.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        try harness.begin()
        try harness.send("abc")
        harness.http.act { $0.breakResponse() }
        #expect(harness.http.sent.hasSuffix("3\r\nabc\r\n"))
        #expect(harness.heard == [["closed"]])
    }

    @Test("a body beyond the limit is answered with 413, whether the response has begun or not")
    func bodyTooLarge() {
        var limits = HTTPLimits()
        limits.requestBody = 3
        let harness = Harness(limits: limits)
        harness.http.receive(Self.chunked + "2\r\nab\r\n2\r\ncd\r\n")
        #expect(harness.http.statuses == [413])
        #expect(harness.heard == [["piece ab", "closed"]])
    }

    @Test("what is left of a body behind its answer is read over, and the next request is served")
    func unreadBody() throws {
        let harness = Harness()
        harness.http.receive(Self.post + "abc")
        try harness.begin([("Content-Length", "0")], body: .streamed)
        try harness.end()
        harness.http.receive("defGET /b HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(harness.exchanges.count == 2)
        #expect(harness.http.responder.requests.map(\.head.target) == ["/a", "/b"])
    }

    @Test("fields that lead go in front of the head's own")
    func leading() throws {
        let harness = Harness()
        harness.http.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        var fields = HeaderFields()
        try fields.append(name: "server", value: "x")
        var head = ResponseHead(status: 204)
        try head.fields.append(name: "a", value: "b")
        try harness.http.act { try $0.sendHead(head, body: .streamed, leading: SerializedFields(fields)) }
        try harness.end()
        #expect(harness.http.sent == "HTTP/1.1 204 No Content\r\nserver: x\r\na: b\r\n\r\n")
    }
}
