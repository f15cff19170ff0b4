// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol
import AlicornTesting
import Testing

@Suite("The order of a response with files (A-EX-03, A-EX-04)")
struct FileOrderTests {
    private func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func begun() throws -> (ASGIHarness, HTTPExchange) {
        let harness = ASGIHarness()
        harness.get()
        let exchange = harness.host.exchanges[0]
        try harness.act { try exchange.start(status: 200, fields: HeaderFields(["content-length": "4"])) }
        return (harness, exchange)
    }

    @Test("a file by its path is all of the body, once")
    func path() throws {
        let (harness, exchange) = try begun()
        try harness.act {
            #expect(throws: ASGIMisuse.unexpected("http.response.pathsend", expected: ["http.response.body"])) {
                try exchange.send(text("ab").span, hasMore: true, from: .path)
            }
            try exchange.beginFile()
            #expect(throws: ASGIMisuse.afterResponse("http.response.pathsend")) { try exchange.beginFile() }
            #expect(throws: ASGIMisuse.afterResponse("http.response.body")) {
                try exchange.send(text("ab").span, hasMore: true)
            }
            #expect(throws: ASGIMisuse.afterResponse("http.response.zerocopysend")) {
                try exchange.send(text("ab").span, hasMore: true, from: .descriptor)
            }
            try exchange.send(text("ab").span, hasMore: true, from: .path)
            try exchange.send(text("cd").span, hasMore: false, from: .path)
            exchange.applicationReturned()
        }
        #expect(harness.sent == "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nabcd")
    }

    @Test("an open file mixes with bodies, after which no file by its path can come")
    func descriptor() throws {
        let (harness, exchange) = try begun()
        try harness.act {
            try exchange.send(text("ab").span, hasMore: true, from: .descriptor)
            #expect(throws: ASGIMisuse.unexpected("http.response.pathsend", expected: ["http.response.body"])) {
                try exchange.beginFile()
            }
            try exchange.send(text("cd").span, hasMore: false)
            #expect(throws: ASGIMisuse.afterResponse("http.response.pathsend")) { try exchange.beginFile() }
        }
        #expect(harness.sent == "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nabcd")
    }

    @Test("before the start there is no file")
    func early() {
        let harness = ASGIHarness()
        harness.get()
        let exchange = harness.host.exchanges[0]
        harness.act {
            #expect(throws: ASGIMisuse.unexpected("http.response.pathsend", expected: ["http.response.start"])) {
                try exchange.beginFile()
            }
            #expect(throws: ASGIMisuse.unexpected("http.response.zerocopysend", expected: ["http.response.start"])) {
                try exchange.send(text("ab").span, hasMore: true, from: .descriptor)
            }
        }
    }

    @Test("a response that does not get the whole file is cut off")
    func incomplete() throws {
        let (harness, exchange) = try begun()
        try harness.act {
            try exchange.beginFile()
            try exchange.send(text("ab").span, hasMore: true, from: .path)
            exchange.applicationReturned()
        }
        #expect(harness.log.lines.contains("error: ASGI callable returned without completing response."))
        #expect(harness.transport.endings == [.finishedWriting])
    }

    @Test("who gets no body is known when the response has begun")
    func drops() throws {
        let (harness, exchange) = try begun()
        #expect(harness.act { !exchange.dropsBody })
        let other = ASGIHarness()
        other.receive("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(other.act { other.host.exchanges[0].dropsBody })
    }
}
