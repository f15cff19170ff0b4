// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct HTTP1ResponseReaderTests {
    /// What a reader makes of its input, event by event, and what it leaves; `EOF` stands for the end of input.
    private func read(
        _ pieces: [[UInt8]], method: String = "GET", limits: HTTPLimits = HTTPLimits(), thenEOF: Bool = false
    ) -> [String] {
        var reader = HTTP1ResponseReader(method: method, limits: limits)
        var seen: [String] = []
        let rest = feed(pieces) { (input, position) in
            guard let event = reader.next(in: input, from: &position) else { return false }
            seen.append(describe(event))
            return true
        }
        if thenEOF { seen.append("EOF " + (reader.receiveEOF().map { describe($0) } ?? "nothing")) }
        return seen + (rest.isEmpty ? [] : ["rest " + text(rest)])
    }

    private func describe(_ event: HTTP1ResponseReader.Event) -> String {
        switch event {
        case .interim(let head): "interim \(head.status)"
        case .switched(let head): "switched \(head.status) \(head.fields.count)"
        case .response(let response):
            "response \(response.head.status) \(text(response.body)) \(response.trailers.count)"
                + (response.fault.map { " fault \($0)" } ?? "")
        case .failure(let violation): "failure \(violation)"
        }
    }

    @Test(
        "responses are read to their end and no further (RFC 9112 §6.3)",
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello!", "GET", ["response 200 hello 0", "rest !"]),
            ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n!", "GET", ["response 200  0", "rest !"]),
            (
                "HTTP/1.1 403\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\na: b\r\n\r\n", "GET",
                ["response 403 no 1"]
            ),
            ("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n!", "GET", ["response 204  0", "rest !"]),
            ("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n!", "GET", ["response 304  0", "rest !"]),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n!", "HEAD", ["response 200  0", "rest !"]),
            (
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\u{1}\u{2}", "GET",
                ["switched 101 1", "rest \u{1}\u{2}"]
            ),
            ("HTTP/1.1 101 S\r\nContent-Length: 2\r\n\r\nab", "GET", ["switched 101 1", "rest ab"]),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
                "GET",
                ["interim 100", "interim 103", "response 200 x 0"]
            ),
            (
                "HTTP/1.1 200 Connection established\r\nContent-Length: 5\r\n\r\nx", "CONNECT",
                ["switched 200 1", "rest x"]
            ),
            ("HTTP/1.0 200 Connection established\r\n\r\nx", "CONNECT", ["switched 200 0", "rest x"]),
            ("HTTP/1.1 407 P\r\nContent-Length: 1\r\n\r\nx", "CONNECT", ["response 407 x 0"]),
        ] as [(String, String, [String])]
    )
    func reads(input: String, method: String, expected: [String]) {
        #expect(inEveryCut(of: bytes(input)) { read($0, method: method) } == expected)
    }

    @Test(
        "heads that break the protocol are failures, and nothing more is taken",
        arguments: [
            ("HTTP/1.0 101 S\r\n\r\nx", .unexpectedHTTP10), ("HTTP/2.0 200 OK\r\n\r\nx", .unsupportedVersion),
            ("SSH-2.0-OpenSSH\r\n\r\n", .malformedStatusLine), ("\r\nHTTP/1.1 200 OK\r\n\r\n", .malformedStatusLine),
            ("HTTP/1.1 200 OK\n\n", .bareLineFeed),
            ("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", .invalidContentLength),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                .transferEncodingWithContentLength
            ),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", .unsupportedTransferCoding),
        ] as [(String, HTTPViolation)]
    )
    func fails(input: String, violation: HTTPViolation) {
        for pieces in inputCuts(of: bytes(input)) {
            #expect(
                read(pieces, thenEOF: true).filter { !$0.hasPrefix("rest") } == ["failure \(violation)", "EOF nothing"])
        }
    }

    @Test("a body until the end of the connection ends with it")
    func untilClose() {
        let input = bytes("HTTP/1.1 400 Bad\r\n\r\nwhy")
        #expect(inEveryCut(of: input) { read($0, thenEOF: true) } == ["EOF response 400 why 0"])
    }

    @Test("what was read of a body is kept when the connection ends, or breaks the protocol, inside it")
    func incompleteBody() {
        let short = bytes("HTTP/1.1 500 E\r\nContent-Length: 5\r\n\r\nwhy")
        #expect(
            inEveryCut(of: short) { read($0, thenEOF: true) }
                == ["EOF response 500 why 0 fault \(HTTPViolation.incompleteBody)"])
        let broken = bytes("HTTP/1.1 500 E\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nwhyX")
        #expect(
            inEveryCut(of: broken) { read($0).filter { !$0.hasPrefix("rest") } }
                == ["response 500 why 0 fault \(HTTPViolation.missingChunkEnd)"])
    }

    @Test("the end of the connection before the final head is a failure")
    func incompleteHead() {
        #expect(read([], thenEOF: true) == ["EOF failure \(HTTPViolation.incompleteHead)"])
        #expect(
            read([bytes("HTTP/1.1 100 C\r\n\r\nHT")], thenEOF: true).last
                == "EOF failure \(HTTPViolation.incompleteHead)")
    }

    @Test("behind a switch of protocols the end of the connection is not HTTP's")
    func eofAfterSwitch() {
        #expect(read([bytes("HTTP/1.1 101 S\r\n\r\n")], thenEOF: true) == ["switched 101 0", "EOF nothing"])
    }

    @Test("a body beyond the limit is cut there")
    func largeBody() {
        var limits = HTTPLimits()
        limits.responseBody = 3
        let input = bytes("HTTP/1.1 500 E\r\nContent-Length: 5\r\n\r\nabcde")
        let seen = inEveryCut(of: input) { read($0, limits: limits).first }
        #expect(seen == "response 500 abc 0 fault \(HTTPViolation.bodyTooLarge)")
    }

    @Test("interim responses without end are a failure")
    func endlessInterim() {
        let input = String(repeating: "HTTP/1.1 102 P\r\n\r\n", count: 17)
        #expect(read([bytes(input)]).count == 17)
        #expect(read([bytes(input)]).last == "failure \(HTTPViolation.tooManyInterimResponses)")
    }

    @Test("the limits on heads are the server's (C3)")
    func largeHead() {
        let long = "HTTP/1.1 200 " + String(repeating: "x", count: 9000)
        #expect(read([bytes(long)]).first == "failure \(HTTPViolation.statusLineTooLong)")
        let many = "HTTP/1.1 200 OK\r\n" + String(repeating: "a: b\r\n", count: 101)
        #expect(read([bytes(many)]).first == "failure \(HTTPViolation.tooManyFields)")
        let large = "HTTP/1.1 200 OK\r\n" + String(repeating: "a: \(String(repeating: "b", count: 8000))\r\n", count: 9)
        #expect(read([bytes(large)]).first == "failure \(HTTPViolation.headTooLarge)")
    }
}
