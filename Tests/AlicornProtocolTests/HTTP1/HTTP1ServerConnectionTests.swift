// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

/// What a server saw and sent that answers each request with its target, as soon as it has it whole.
private struct Conversation: Equatable {
    var seen: [String] = []
    var sent = ""
    var rest = ""

    init(_ pieces: [[UInt8]], limits: HTTPLimits = HTTPLimits()) {
        var connection = HTTP1ServerConnection(limits: limits)
        var output: [UInt8] = []
        var target = ""
        var seen: [String] = []
        let left = feed(pieces) { (input, position) in
            guard let event = connection.next(in: input, from: &position) else { return false }
            switch event {
            case .request(let head, _, _):
                target = head.target
                seen.append(describe(event, in: input))
            case .body:
                // Pieces depend on the cut, so they are put together.
                let more = describe(event, in: input)
                if seen.last?.hasPrefix("body") == true {
                    seen[seen.count - 1] += more.dropFirst("body ".count)
                } else {
                    seen.append(more)
                }
            case .end:
                seen.append(describe(event, in: input))
                _ = try? connection.send(ResponseHead(status: 200), wholeBody: bytes(target), into: &output)
            case .failure(let violation):
                seen.append(describe(event, in: input))
                connection.sendFailureResponse(for: violation, into: &output)
            }
            return true
        }
        self.seen = seen
        sent = text(output)
        // How far a head at fault was taken means nothing, as nothing is read behind it.
        rest = seen.last?.hasPrefix("failure") == true ? "" : text(left)
    }
}

private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
private let okHead = "HTTP/1.1 200 OK\r\n"

struct HTTP1ServerConnectionReceivingTests {
    @Test("pipelined requests are answered in order, in every cut (RFC 9112 §9.3.2)")
    func pipelining() {
        let input = bytes(
            "GET /a HTTP/1.1\r\nHost: a\r\n\r\n\r\nPOST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
                + "PUT /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n3\r\n!!!\r\n0\r\nX: y\r\n\r\n"
                + "GET /d HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /e HTTP/1.1\r\nHost: a\r\n\r\n")
        let conversation = inEveryCut(of: input) { Conversation($0) }
        #expect(
            conversation.seen == [
                "GET /a 1.1 1 none", "end 0", "POST /b 1.1 2 length(5)", "body hello", "end 0", "PUT /c 1.1 2 chunked",
                "body hi!!!", "end 1", "GET /d 1.1 2 none", "end 0",
            ])
        #expect(
            conversation.sent == ["/a", "/b", "/c"].map { okHead + "Content-Length: 2\r\n\r\n" + $0 }.joined() + okHead
                + "Content-Length: 2\r\nConnection: close\r\n\r\n/d")
        // Nothing is read behind the last request (W9).
        #expect(conversation.rest == "GET /e HTTP/1.1\r\nHost: a\r\n\r\n")
    }

    @Test(
        "a violation is answered once, in every cut, and nothing more is read (W9)",
        arguments: [
            ("GET /\r\n\r\nGET / HTTP/1.1\r\n", .malformedRequestLine), ("GET / HTTP/1.1\r\n\r\n", .missingHost),
            (
                "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                .transferEncodingWithContentLength
            ),
            ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .unsupportedVersion),
        ] as [(String, HTTPViolation)]
    )
    func violations(input: String, violation: HTTPViolation) {
        for pieces in inputCuts(of: bytes(input)) {
            let conversation = Conversation(pieces)
            #expect(conversation.seen == ["failure \(violation)"])
            let (head, body) = violation.response
            #expect(conversation.sent.hasPrefix("HTTP/1.1 \(violation.status) \(head.reason)\r\n"))
            #expect(conversation.sent.hasSuffix("Connection: close\r\n\r\n" + text(body)))
        }
    }

    @Test("a violation in a body comes behind what was valid of it")
    func violationInBody() {
        let input = bytes("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi?")
        let conversation = inEveryCut(of: input) { Conversation($0) }
        #expect(conversation.seen == ["POST / 1.1 2 chunked", "body hi", "failure \(HTTPViolation.missingChunkEnd)"])
        #expect(conversation.sent.hasPrefix("HTTP/1.1 400 "))
    }

    @Test("requests with bytes changed, dropped or repeated are seen the same in every cut", arguments: 0..<1000)
    func mutations(seed: Int) {
        var generator = SplitMix64(state: UInt64(seed))
        var input = bytes(
            "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;a=\"b\"\r\nhi\r\n0\r\nX: y\r\n\r\n"
                + "PUT /b HTTP/1.1\r\nHost: [::1]:80\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello" + get)
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let place = Int.random(in: input.indices, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: input[place] = UInt8.random(in: 0...255, using: &generator)
            case 1: input.remove(at: place)
            case 2: input.insert(input[place], at: place)
            default: input[place] = input.randomElement(using: &generator) ?? 0
            }
        }
        let whole = Conversation([input])
        #expect(Conversation(input.map { [$0] }) == whole)
        let cut = Int.random(in: input.indices, using: &generator)
        #expect(Conversation([Array(input[..<cut]), Array(input[cut...])]) == whole)
    }

    @Test("a body beyond the limit is refused before it is read (RFC 9110 §15.5.14)")
    func largeBody() {
        var limits = HTTPLimits()
        limits.requestBody = 4
        let input = bytes("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
        let conversation = Conversation([input], limits: limits)
        #expect(conversation.seen == ["failure \(HTTPViolation.bodyTooLarge)"])
        #expect(conversation.sent.hasPrefix("HTTP/1.1 413 Content Too Large\r\n"))
    }

    @Test("the answer to a HEAD request at fault has no body (RFC 9110 §9.3.2)")
    func headAtFault() {
        let conversation = Conversation([bytes("HEAD / HTTP/1.1\r\n\r\n")])
        #expect(conversation.sent.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
        #expect(conversation.sent.hasSuffix("\r\n\r\n"))
    }

    @Test("a client of HTTP/1.0 keeps its connection only when it asks to, and is told (RFC 9112 §9.3)")
    func oldClients() {
        let kept = Conversation([
            bytes("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /b HTTP/1.0\r\n\r\nGET /c")
        ])
        #expect(
            kept.sent == okHead + "Content-Length: 2\r\nConnection: keep-alive\r\n\r\n/a" + okHead
                + "Content-Length: 2\r\nConnection: close\r\n\r\n/b")
        #expect(kept.rest == "GET /c")
    }

    @Test("no request is taken while a response is due (W11)")
    func backPressure() throws {
        let connection = Served(get + get)
        #expect(connection.takeEvents() == ["GET / 1.1 1 none", "end 0"])
        #expect(connection.rest == bytes(get))
        #expect(!connection.wantsInput && !connection.isIdle)
        #expect(try connection.send(ResponseHead(status: 204), wholeBody: "") == .keepAlive)
        #expect(connection.wantsInput && connection.isIdle)
        connection.receive([])
        #expect(connection.takeEvents() == ["GET / 1.1 1 none", "end 0"])
        #expect(connection.rest.isEmpty)
    }
}

struct HTTP1ServerConnectionEndTests {
    private func eof(_ input: String) -> (HTTPViolation?, isClosed: Bool) {
        let connection = Served(input)
        let violation = connection.receiveEOF()
        return (violation, connection.isClosed)
    }

    @Test("the end of input between requests is clean (RFC 9112 §9.5)", arguments: ["", "\r\n"])
    func clean(input: String) {
        #expect(eof(input) == (nil, true))
    }

    @Test(
        "the end of input inside a message is a violation, which may be answered (RFC 9112 §8)",
        arguments: [
            ("G", .incompleteHead), ("GET / HTTP/1.1\r\nHost: a\r\n", .incompleteHead),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhell", .incompleteBody),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", .incompleteBody),
        ] as [(String, HTTPViolation)]
    )
    func incomplete(input: String, violation: HTTPViolation) {
        #expect(eof(input) == (violation, false))
    }

    @Test("behind a whole request the response can still be sent, and is the last")
    func halfClose() throws {
        let connection = Served(get)
        #expect(connection.receiveEOF() == nil)
        #expect(try connection.send(ResponseHead(status: 204), wholeBody: "") == .close)
        #expect(connection.takeOutput() == "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        #expect(connection.isClosed && connection.receiveEOF() == nil)
    }

    @Test("a caller's timeout stops reading and can be answered with 408 (RFC 9110 §15.5.9)")
    func timeout() {
        let connection = Served("GET / HT")
        connection.fail(.headTimedOut)
        #expect(!connection.wantsInput)
        #expect(connection.violation == .headTimedOut)
        connection.sendFailureResponse(for: .headTimedOut)
        #expect(connection.takeOutput().hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        #expect(connection.isClosed)
        connection.fail(.headTimedOut)
        #expect(connection.isClosed)
    }

    @Test("the answer to a violation has the date, when there is a clock (RFC 9110 §6.6.1)", arguments: [nil, "then"])
    func failureDate(_ date: String?) {
        let connection = Served("GET / HT")
        connection.sendFailureResponse(for: .headTimedOut, date: date)
        #expect(connection.takeOutput().contains("\r\nDate: then\r\n") == (date != nil))
    }

    @Test(
        "whether a client may still be sending when it has its last answer is known (RFC 9112 §9.6)",
        arguments: [
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", false),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab", false),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", false),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n", true),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na", true), ("BAD\r\n\r\n", true),
        ])
    func leftUnread(input: String, isUnread: Bool) throws {
        let connection = Served(input)
        connection.closeAfterResponse()
        #expect(!connection.leavesInputUnread)
        #expect(try connection.send(ResponseHead(status: 200), wholeBody: "") == .close)
        #expect(connection.leavesInputUnread == isUnread)
    }

    @Test("an idle connection that shall end is closed at once, a busy one behind its response (RFC 9112 §9.6)")
    func shutdown() throws {
        let idle = Served()
        idle.closeAfterResponse()
        #expect(idle.isClosed)
        idle.closeAfterResponse()

        let busy = Served(get)
        busy.closeAfterResponse()
        #expect(try busy.send(ResponseHead(status: 200), wholeBody: "") == .close)
        #expect(busy.takeOutput() == okHead + "Content-Length: 0\r\nConnection: close\r\n\r\n")

        let begun = Served("GET / HTTP/1.1\r\n")
        begun.closeAfterResponse()
        begun.receive(bytes("Host: a\r\n\r\n"))
        #expect(try begun.send(ResponseHead(status: 200), wholeBody: "") == .close)
    }

    @Test("a request may be waited for that is to be the last (RFC 9112 §9.6)")
    func lastRequest() throws {
        let connection = Served()
        connection.closeAfterNextResponse()
        #expect(connection.isIdle)
        connection.receive(bytes(get + get))
        #expect(connection.takeEvents().count == 2, "one request, and its end")
        #expect(try connection.send(ResponseHead(status: 200), wholeBody: "") == .close)
        #expect(connection.takeOutput() == okHead + "Content-Length: 0\r\nConnection: close\r\n\r\n")
        #expect(connection.isClosed)
    }
}

struct HTTP1ServerConnectionUnreadBodyTests {
    private let post = "POST / HTTP/1.1\r\nHost: a\r\n"

    /// Answers a request of which `input` has arrived, then passes `more`: the events behind, and whether it is closed.
    private func answerEarly(
        _ input: String, more: String, limits: HTTPLimits = HTTPLimits()
    ) throws -> (HTTP1ServerConnection.Persistence, [String], isClosed: Bool) {
        let connection = Served(limits: limits)
        connection.receive(bytes(input), upTo: 1)
        _ = connection.takeEvents()
        let persistence = try connection.send(ResponseHead(status: 200), wholeBody: "")
        connection.receive(bytes(more))
        return (persistence, connection.takeEvents(), connection.isClosed)
    }

    @Test("what is left of a body is dropped, never read as a request (W10)")
    func drained() throws {
        let length = try answerEarly(post + "Content-Length: 27\r\n\r\nGET", more: get.dropFirst(3) + get)
        #expect(length == (.keepAlive, ["GET / 1.1 1 none", "end 0"], false))
        let chunked = try answerEarly(
            post + "Transfer-Encoding: chunked\r\n\r\n5\r\nhe", more: "llo\r\n0\r\n\r\n" + get)
        #expect(chunked == (.keepAlive, ["GET / 1.1 1 none", "end 0"], false))
    }

    @Test("a body of which too much is left ends the connection")
    func tooMuch() throws {
        var limits = HTTPLimits()
        limits.unreadBody = 4
        let length = try answerEarly(post + "Content-Length: 5\r\n\r\n", more: "hello", limits: limits)
        #expect(length == (.close, [], true))
        let chunked = try answerEarly(post + "Transfer-Encoding: chunked\r\n\r\n", more: "5\r\nhello", limits: limits)
        #expect(chunked == (.keepAlive, [], true))
    }

    @Test("a fault in what is dropped ends the connection")
    func fault() throws {
        let outcome = try answerEarly(post + "Transfer-Encoding: chunked\r\n\r\n", more: "x")
        #expect(outcome == (.keepAlive, ["failure \(HTTPViolation.invalidChunkSize)"], true))
    }

    @Test("while a body is dropped, the end of input, a timeout and a shutdown all close")
    func ends() throws {
        for end in 0..<3 {
            let connection = Served(post + "Content-Length: 5\r\n\r\nh")
            #expect(try connection.send(ResponseHead(status: 200), wholeBody: "") == .keepAlive)
            #expect(connection.wantsInput && !connection.isIdle && !connection.isClosed)
            switch end {
            case 0: #expect(connection.receiveEOF() == nil)
            case 1: connection.fail(.headTimedOut)
            default: connection.closeAfterResponse()
            }
            #expect(connection.isClosed && !connection.wantsInput)
        }
    }
}

struct HTTP1ServerConnectionContinueTests {
    private let expecting = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"

    @Test("100 is sent once, when the body is wanted (RFC 9110 §10.1.1)")
    func sends() throws {
        let connection = Served(expecting)
        #expect(connection.takeEvents() == ["POST / 1.1 3 length(5) expects"])
        connection.sendContinue()
        connection.sendContinue()
        #expect(connection.takeOutput() == "HTTP/1.1 100 Continue\r\n\r\n")
        connection.receive(bytes("hello"))
        #expect(try connection.send(ResponseHead(status: 204), wholeBody: "") == .keepAlive)
    }

    @Test("an application's own 100 counts")
    func interim() throws {
        let connection = Served(expecting)
        try connection.sendInterim(ResponseHead(status: 100))
        connection.sendContinue()
        #expect(connection.takeOutput() == "HTTP/1.1 100 Continue\r\n\r\n")
    }

    @Test(
        "100 is not sent to who does not wait: HTTP/1.0, no expectation, a body that has begun (W12)",
        arguments: [
            "POST / HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nh",
        ]
    )
    func omits(input: String) {
        let connection = Served(input)
        connection.sendContinue()
        #expect(connection.takeOutput().isEmpty)
    }

    @Test("an answer without 100 ends the connection, as the body may or may not come")
    func refused() throws {
        let connection = Served(expecting)
        #expect(try connection.send(ResponseHead(status: 403), wholeBody: "") == .close)
        #expect(connection.takeOutput() == "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        connection.sendContinue()
        #expect(connection.isClosed)
    }
}

struct HTTP1ServerConnectionSendingTests {
    @Test("a streamed body goes in chunks, with trailers (RFC 9112 §7.1)")
    func chunks() throws {
        let connection = Served(get)
        try connection.send(ResponseHead(status: 200), body: .streamed)
        try connection.sendBody("hello, world, and all")
        try connection.sendBody("")
        #expect(try connection.announcePiece(of: 1) == .sendWithLineEnd)
        var trailers = HeaderFields()
        try trailers.append(name: "Digest", value: "x")
        #expect(try connection.endResponse(trailers: trailers) == .keepAlive)
        #expect(
            connection.takeOutput() == okHead
                + "Transfer-Encoding: chunked\r\n\r\n15\r\nhello, world, and all\r\n1\r\n0\r\n"
                + "Digest: x\r\n\r\n")
    }

    @Test("a streamed body to HTTP/1.0 ends with the connection, and trailers are dropped")
    func untilClose() throws {
        let connection = Served("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        try connection.send(ResponseHead(status: 200), body: .streamed)
        try connection.sendBody("hello")
        var trailers = HeaderFields()
        try trailers.append(name: "Digest", value: "x")
        #expect(try connection.endResponse(trailers: trailers) == .close)
        #expect(connection.takeOutput() == okHead + "Connection: close\r\n\r\nhello")
    }

    @Test("the body of an answer to HEAD is dropped (RFC 9110 §9.3.2)")
    func head() throws {
        let connection = Served("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try connection.send(ResponseHead(status: 200), wholeBody: "hello") == .keepAlive)
        #expect(connection.takeOutput() == okHead + "Content-Length: 5\r\n\r\n")
    }

    @Test("an application's Connection: close is kept and not repeated, its Content-Length in 204 left out")
    func applicationFields() throws {
        let connection = Served(get)
        var head = ResponseHead(status: 204)
        try head.fields.append(name: "content-length", value: "0")
        try head.fields.append(name: "connection", value: "close")
        #expect(try connection.send(head, wholeBody: "") == .close)
        #expect(connection.takeOutput() == "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
    }

    @Test("interim responses go before the final one, but not to HTTP/1.0 (RFC 9110 §15.2)")
    func interim() throws {
        var head = ResponseHead(status: 103)
        try head.fields.append(name: "Link", value: "x")
        let connection = Served(get)
        try connection.sendInterim(head)
        #expect(connection.takeOutput() == "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
        #expect(try connection.send(ResponseHead(status: 204), wholeBody: "") == .keepAlive)

        let old = Served("GET / HTTP/1.0\r\n\r\n")
        try old.sendInterim(head)
        #expect(old.takeOutput().isEmpty)
    }

    @Test("misuse is told before anything is written, and the response can still be sent")
    func misuse() throws {
        let connection = Served(get)
        for status in [100, 101, 199, 600] {
            #expect(throws: HTTPMisuse.invalidStatus(status)) {
                try connection.send(ResponseHead(status: status), body: .empty)
            }
        }
        for status in [101, 99, 200] {
            #expect(throws: HTTPMisuse.invalidStatus(status)) {
                try connection.sendInterim(ResponseHead(status: status))
            }
        }
        var framed = ResponseHead(status: 103)
        try framed.fields.append(name: "Content-Length", value: "0")
        #expect(throws: HTTPMisuse.framingField("Content-Length")) { try connection.sendInterim(framed) }
        #expect(throws: HTTPMisuse.invalidReason("\n")) {
            try connection.send(ResponseHead(status: 200, reason: "\n"), body: .empty)
        }
        #expect(throws: HTTPMisuse.bodyNotAllowed(status: 204)) {
            try connection.send(ResponseHead(status: 204), body: .length(1))
        }
        #expect(throws: HTTPMisuse.noResponseBegun) { try connection.sendBody("x") }
        #expect(throws: HTTPMisuse.noResponseBegun) { try connection.endResponse() }
        #expect(connection.takeOutput().isEmpty)
        #expect(try connection.send(ResponseHead(status: 200), wholeBody: "") == .keepAlive)
        #expect(throws: HTTPMisuse.noResponseDue) {
            try connection.send(ResponseHead(status: 200), body: .empty)
        }
    }

    @Test("a body is as long as its Content-Length: not longer, and when shorter the connection ends")
    func lengths() throws {
        let connection = Served(get)
        try connection.send(ResponseHead(status: 200), body: .length(3))
        #expect(throws: HTTPMisuse.noResponseDue) {
            try connection.send(ResponseHead(status: 200), body: .empty)
        }
        #expect(throws: HTTPMisuse.bodyTooLong) { try connection.sendBody("four") }
        try connection.sendBody("t")
        #expect(throws: HTTPMisuse.bodyTooShort(missing: 2)) { try connection.endResponse() }
        #expect(connection.isClosed)
    }

    @Test("trailers come only behind chunks, and without fields that frame or route (RFC 9110 §6.5.1)")
    func trailers() throws {
        var trailers = HeaderFields()
        try trailers.append(name: "content-length", value: "5")
        let connection = Served(get)
        try connection.send(ResponseHead(status: 200), body: .streamed)
        #expect(throws: HTTPMisuse.forbiddenTrailer("Content-Length")) {
            try connection.endResponse(trailers: trailers)
        }
        #expect(try connection.endResponse() == .keepAlive)

        let known = Served(get)
        try known.send(ResponseHead(status: 200), body: .empty)
        #expect(throws: HTTPMisuse.trailersWithoutChunks) { try known.endResponse(trailers: trailers) }
    }

    @Test("a fault in the request's body behind the response's head cannot be answered any more")
    func faultBehindHead() throws {
        let connection = Served("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        try connection.send(ResponseHead(status: 200), body: .streamed)
        _ = connection.takeOutput()
        connection.receive(bytes("x"))
        connection.sendFailureResponse(for: .invalidChunkSize)
        #expect(connection.takeOutput().isEmpty && connection.isClosed)
    }

    @Test("a response that goes on behind a fault in the request ends the connection")
    func responseBehindFault() throws {
        let connection = Served("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        try connection.send(ResponseHead(status: 200), body: .streamed)
        #expect(connection.receiveEOF() == .incompleteBody)
        #expect(connection.receiveEOF() == nil)
        #expect(try connection.endResponse() == .close)
    }
}

struct HTTP1ServerConnectionUpgradeTests {
    @Test(
        "another protocol is asked for, in any version, by Upgrade with the option of Connection (RFC 9110 §7.8); the key is seen by itself",
        arguments: [
            ([], false, false),
            ([("Upgrade", "websocket"), ("Connection", "Upgrade")], true, false),
            ([("CONNECTION", "keep-alive, UPGRADE"), ("UPGRADE", "h2c")], true, false),
            ([("Connection", "keep-alive"), ("Connection", "upgrade"), ("Upgrade", "websocket")], true, false),
            ([("Upgrade", "websocket")], false, false),
            ([("Connection", "Upgrade")], false, false),
            ([("Upgrade", "websocket"), ("Connection", "upgrades")], false, false),
            ([("Upgrade", "websocket"), ("Sec-WebSocket-Key", "a")], false, true),
            ([("sec-websocket-KEY", "")], false, true),
            ([("Sec-WebSocket-Kez", "a"), ("Upgrada", "a"), ("Connectiom", "upgrade")], false, false),
        ])
    func handshakeSigns(_ lines: [(name: String, value: String)], asks: Bool, hasKey: Bool) {
        for version in ["1.0", "1.1"] {
            let fields = lines.map { "\($0.name): \($0.value)\r\n" }.joined()
            let input = Array("GET / HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n".utf8)
            var connection = HTTP1ServerConnection()
            var position = 0
            #expect(!connection.handshakeSigns.asksForUpgrade && !connection.handshakeSigns.hasKey)
            guard case .request = connection.next(in: input.span, from: &position) else {
                Issue.record("no request")
                return
            }
            #expect(connection.handshakeSigns.asksForUpgrade == asks && connection.handshakeSigns.hasKey == hasKey)
        }
    }

    private let upgrade = "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"

    private func switching() throws -> ResponseHead {
        var head = ResponseHead(status: 101)
        try head.fields.append(name: "Upgrade", value: "websocket")
        try head.fields.append(name: "Connection", value: "Upgrade")
        return head
    }

    @Test("any request of a connection may upgrade, and what is behind it is untouched (H13)")
    func upgrades() throws {
        let connection = Served()
        connection.receive(bytes(get + upgrade) + [0x81, 0x80])
        #expect(!connection.canUpgrade)
        _ = try connection.send(ResponseHead(status: 204), wholeBody: "")
        _ = connection.takeOutput()
        connection.receive([])
        #expect(connection.canUpgrade)
        try connection.sendUpgradeResponse(try switching())
        #expect(
            connection.takeOutput()
                == "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        connection.receive([])
        #expect(connection.rest == [0x81, 0x80])
        #expect(!connection.wantsInput && !connection.isClosed && !connection.isIdle && !connection.canUpgrade)
        #expect(connection.receiveEOF() == nil)
        connection.fail(.headTimedOut)
        connection.closeAfterResponse()
        #expect(!connection.isClosed)
    }

    @Test(
        "no upgrade of a request with a body, in HTTP/1.0, or without Connection: Upgrade (H12, H14)",
        arguments: [
            get, "GET / HTTP/1.0\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nTransfer-Encoding: chunked\r\n\r\n",
        ]
    )
    func notPossible(input: String) throws {
        let connection = Served(input)
        let head = try switching()
        #expect(!connection.canUpgrade)
        #expect(throws: HTTPMisuse.upgradeNotPossible) { try connection.sendUpgradeResponse(head) }
        #expect(connection.takeOutput().isEmpty)
    }

    @Test("a Date goes in front of the fields, unless they have one (RFC 9110 §6.6.1)")
    func dates() throws {
        var dated = try switching()
        try dated.fields.append(name: "date", value: "then")
        for (head, expected) in [(try switching(), "Date: now\r\nUpgrade"), (dated, "Upgrade")] {
            for final in [true, false] {
                var connection = HTTP1ServerConnection()
                var (output, position): ([UInt8], Int) = ([], 0)
                _ = connection.next(in: bytes(upgrade).span, from: &position)
                if final {
                    let refusal = ResponseHead(status: 426, fields: head.fields)
                    _ = try connection.send(refusal, wholeBody: [], date: "now", into: &output)
                } else {
                    try connection.sendUpgradeResponse(head, date: "now", into: &output)
                }
                #expect(text(output).contains("d\r\n\(expected)") || text(output).contains("s\r\n\(expected)"))
                #expect(text(output).contains("Date: now") == expected.hasPrefix("Date"))
            }
        }
    }

    @Test("the response that switches has status 101 and no field that frames a body")
    func heads() throws {
        let connection = Served(upgrade)
        #expect(throws: HTTPMisuse.invalidStatus(200)) {
            try connection.sendUpgradeResponse(ResponseHead(status: 200))
        }
        var framed = try switching()
        try framed.fields.append(name: "Transfer-Encoding", value: "chunked")
        #expect(throws: HTTPMisuse.framingField("Transfer-Encoding")) {
            try connection.sendUpgradeResponse(framed)
        }
        #expect(try connection.send(ResponseHead(status: 426), wholeBody: "") == .keepAlive)
        #expect(throws: HTTPMisuse.noResponseDue) { try connection.sendUpgradeResponse(framed) }
    }
}

/// Random numbers that are the same in every run.
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
