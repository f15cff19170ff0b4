// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol
import AlicornTesting
import AlicornTransport
import Testing

@Suite("Requests and responses by the rules of ASGI")
struct HTTPExchangeTests {
    private func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func answer(
        _ harness: ASGIHarness, _ exchange: HTTPExchange, _ fields: KeyValuePairs<String, String> = [:],
        _ body: String = "", status: Int = 200
    ) throws {
        try harness.act {
            try exchange.start(status: status, fields: HeaderFields(fields))
            try exchange.send(text(body).span, hasMore: false)
            exchange.applicationReturned()
        }
    }

    @Test(
        "a request without a body is one event that is whole, and after the response the client is gone (A-HE-01, A-HE-02)"
    )
    func events() throws {
        let harness = ASGIHarness()
        harness.get()
        let exchange = harness.host.exchanges[0]
        harness.act {
            #expect(exchange.next() == .request(body: [], hasMore: false))
            #expect(exchange.next() == nil)
        }
        try answer(harness, exchange, ["content-length": "2"], "ab")
        harness.act { #expect(exchange.next() == .disconnect) }
        #expect(harness.sent == "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nab")
    }

    @Test("a request that is cancelled before its task begins is cancelled with that")
    func cancelledEarly() async {
        let harness = ASGIHarness()
        harness.get()
        let exchange = harness.host.exchanges[0]
        let task = Task { while !Task.isCancelled { await Task.yield() } }
        harness.act {
            exchange.cancel()
            exchange.runs(in: task)
        }
        #expect(task.isCancelled)
        await task.value
    }

    @Test("a body comes as far as it is there, and its end with the last of it (A-HR-02, U-H-15, U-H-19)")
    func body() {
        let harness = ASGIHarness()
        harness.receive("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n")
        let exchange = harness.host.exchanges[0]
        harness.act {
            #expect(exchange.next() == .request(body: text("abc"), hasMore: true))
            #expect(exchange.next() == nil)
        }
        harness.receive("0\r\n\r\n")
        harness.act { #expect(exchange.next() == .request(body: [], hasMore: false)) }
    }

    @Test("reading stops when 64 KiB of a body wait, and goes on when they are taken (U-H-18)")
    func backPressure() {
        let harness = ASGIHarness()
        harness.receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n")
        harness.receive(String(repeating: "x", count: 65_537))
        #expect(harness.transport.isReadingPaused)
        harness.act { _ = harness.host.exchanges[0].next() }
        #expect(!harness.transport.isReadingPaused)
    }

    @Test("100 Continue is sent when the body is asked for, and never when it is not (U-H-16)")
    func continues() throws {
        let harness = ASGIHarness()
        let request = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        harness.receive(request)
        #expect(harness.sent == "")
        harness.act { #expect(harness.host.exchanges[0].next() == nil) }
        #expect(harness.sent == "HTTP/1.1 100 Continue\r\n\r\n")

        let begun = ASGIHarness()
        begun.host.onServe = { exchange in #expect(exchange.next() == nil) }
        begun.receive(request + "a")
        #expect(begun.sent == "", "RFC 9110 §10.1.1: it sends already")
        begun.act { #expect(begun.host.exchanges[0].next() == .request(body: [UInt8(ascii: "a")], hasMore: true)) }

        let other = ASGIHarness()
        other.receive(request)
        try answer(other, other.host.exchanges[0], ["content-length": "0"])
        #expect(other.sent == "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nConnection: close\r\n\r\n")
    }

    @Test("who waits is told when there is something, and when the client goes")
    func waiting() {
        let harness = ASGIHarness()
        harness.receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n")
        let exchange = harness.host.exchanges[0]
        var heard = 0
        harness.act { exchange.whenReadable { heard += 1 } }
        harness.receive("a")
        #expect(heard == 1)
        harness.act {
            _ = exchange.next()
            exchange.whenReadable { heard += 1 }
        }
        harness.lose()
        #expect(heard == 2)
        harness.act {
            #expect(exchange.next() == .disconnect)
            #expect(exchange.isDisconnected)
        }
    }

    @Test("events out of order are errors that name what is due (U-H-44)")
    func order() throws {
        let harness = ASGIHarness()
        harness.get()
        let exchange = harness.host.exchanges[0]
        func message(_ body: () throws -> Void) -> String? {
            harness.act {
                do { try body() } catch { return "\(error)" }; return nil
            }
        }
        #expect(
            message { try exchange.send(text("").span, hasMore: false) }
                == "Expected ASGI message 'http.response.start', but got 'http.response.body'.")
        try harness.act { try exchange.start(status: 200, fields: HeaderFields()) }
        #expect(
            message { try exchange.start(status: 200, fields: HeaderFields()) }
                == "Expected ASGI message 'http.response.body', but got 'http.response.start'.")
        try harness.act { try exchange.send(text("").span, hasMore: false) }
        #expect(
            message { try exchange.send(text("").span, hasMore: false) }
                == "Unexpected ASGI message 'http.response.body' sent, after response already completed.")
    }

    @Test("a response of another length than it says is an error, and ends the connection (U-H-31)")
    func lengths() throws {
        for (body, problem) in [
            ("abcd", "Response content longer than Content-Length"),
            ("ab", "Response content shorter than Content-Length"),
        ] {
            let harness = ASGIHarness()
            harness.get()
            let exchange = harness.host.exchanges[0]
            try harness.act {
                try exchange.start(status: 200, fields: HeaderFields(["content-length": "3"]))
                do {
                    try exchange.send(text(body).span, hasMore: false)
                    Issue.record("nothing was thrown")
                } catch { #expect("\(error)" == problem) }
                exchange.applicationFailed("x")
            }
            #expect(harness.transport.endings.first == .finishedWriting)
        }
    }

    @Test(
        "an application that fails or says too little is answered for, and told of (U-H-39 to U-H-42)",
        arguments: [
            ("fails", 500, "error: Exception in ASGI application: E: e"),
            ("returns", 500, "error: ASGI callable returned without starting response."),
            ("starts and returns", nil, "error: ASGI callable returned without completing response."),
            ("starts and fails", 500, "error: Exception in ASGI application: E: e"),
            ("sends a part and fails", 200, "error: Exception in ASGI application: E: e"),
        ] as [(String, Int?, String)])
    func failures(_ what: String, _ status: Int?, _ line: String) throws {
        let harness = ASGIHarness()
        harness.get()
        let exchange = harness.host.exchanges[0]
        try harness.act {
            if what.hasPrefix("starts") || what.hasPrefix("sends") {
                try exchange.start(status: 200, fields: HeaderFields())
            }
            if what.hasPrefix("sends") { try exchange.send(text("a").span, hasMore: true) }
            if what.hasSuffix("fails") { exchange.applicationFailed("E: e") } else { exchange.applicationReturned() }
        }
        #expect(harness.log.lines == [line])
        #expect(harness.transport.endings == [.finishedWriting])
        switch status {
        case 500:
            #expect(
                harness.sent
                    == "HTTP/1.1 500 Internal Server Error\r\ncontent-type: text/plain; charset=utf-8\r\n"
                    + "Content-Length: 21\r\nConnection: close\r\n\r\nInternal Server Error")
        case 200: #expect(harness.sent.hasSuffix("1\r\na\r\n"))
        default: #expect(harness.sent == "")
        }
    }

    @Test("nothing is said of an application that fails because the client is gone (A-HE-06)")
    func silentFailure() {
        let harness = ASGIHarness()
        harness.get()
        harness.lose()
        harness.act { harness.host.exchanges[0].applicationFailed(nil) }
        #expect(harness.log.lines == [])
    }

    @Test("default fields come first, in lower case; a response's own date and server stay alone (U-DH-02, U-H-26)")
    func defaults() throws {
        let harness = try ASGIHarness { configuration in
            configuration.defaultFields = DefaultFields(
                server: "alicorn", hasDate: false, additional: try HeaderFields(["x-a": "b"]))
        }
        harness.get()
        try answer(harness, harness.host.exchanges[0], ["content-length": "0"])
        #expect(
            harness.sent == "HTTP/1.1 200 OK\r\nserver: alicorn\r\nx-a: b\r\ncontent-length: 0\r\n\r\n")
        harness.get()
        try answer(harness, harness.host.exchanges[1], ["server": "mine", "content-length": "0"])
        #expect(
            harness.sent.hasSuffix(
                "HTTP/1.1 200 OK\r\nx-a: b\r\nserver: mine\r\ncontent-length: 0\r\n\r\n"))
    }

    @Test("Transfer-Encoding of the application is left out: framing is the server's (A-HR-03)")
    func transferEncoding() throws {
        let harness = ASGIHarness()
        harness.get()
        try answer(harness, harness.host.exchanges[0], ["transfer-encoding": "gzip"], "ab")
        #expect(
            harness.sent == "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n")
    }

    @Test("trailers go to clients that take them, and to no others (A-EX-06)", arguments: [true, false])
    func trailers(_ takes: Bool) throws {
        let harness = ASGIHarness()
        harness.get("/", takes ? "TE: trailers\r\nConnection: TE\r\n" : "")
        let exchange = harness.host.exchanges[0]
        try harness.act {
            try exchange.start(status: 200, fields: HeaderFields(), announcesTrailers: true)
            try exchange.send(text("a").span, hasMore: false)
            #expect(exchange.next() == .request(body: [], hasMore: false))
            try exchange.send(trailers: HeaderFields(["x": "y"]), haveMore: false)
        }
        #expect(harness.sent.hasSuffix(takes ? "0\r\nx: y\r\n\r\n" : "0\r\n\r\n"))
    }

    @Test("early hints go out before the head, and not behind it (A-EX-05)")
    func earlyHints() throws {
        let harness = ASGIHarness()
        harness.get()
        let exchange = harness.host.exchanges[0]
        try harness.act { try exchange.send(earlyHint: ["</a.css>; rel=preload"]) }
        #expect(harness.sent == "HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\n\r\n")
        try answer(harness, exchange, ["content-length": "0"])
        #expect(harness.sent.hasSuffix("\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"))
    }

    @Test("requests behind each other are answered in order, one application at a time (U-H-17)")
    func pipelining() throws {
        let harness = ASGIHarness()
        harness.receive("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(harness.host.exchanges.map(\.scope.path) == ["/1"])
        try answer(harness, harness.host.exchanges[0], ["content-length": "0"])
        #expect(harness.host.exchanges.map(\.scope.path) == ["/1", "/2"])
    }

    @Test("what breaks HTTP is answered with uvicorn's text, and told of (U-H-14)")
    func violations() {
        let harness = ASGIHarness()
        harness.receive("GET / HTTP/1.1\r\n\r\n")
        #expect(
            harness.sent
                == "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\n"
                + "Content-Length: 30\r\nConnection: close\r\n\r\nInvalid HTTP request received.")
        #expect(
            harness.log.lines == [
                "warning: Invalid HTTP request received. Of 127.0.0.1:50000: the Host header is missing."
            ])
    }

    @Test("beyond the limit on concurrency requests get 503, this one counted (U-LM-01)")
    func concurrency() {
        let harness = ASGIHarness { $0.concurrencyLimit = 1 }
        harness.get()
        #expect(harness.host.exchanges.isEmpty)
        #expect(harness.sent.hasSuffix("Content-Length: 19\r\nConnection: close\r\n\r\nService Unavailable"))
        #expect(harness.log.lines == ["warning: Exceeded concurrency limit."])
    }

    @Test(
        "the scope tells what was asked for (A-HS)",
        arguments: [
            ("/a%20b/%C3%A9?x=%20", "/a b/é", "/a%20b/%C3%A9", "x=%20"),
            ("/%ff", "/\u{FFFD}", "/%ff", ""),
            ("/a%2Fb%", "/a/b%", "/a%2Fb%", ""),
            ("http://b/c?d", "/c", "/c", "d"),
            ("http://b", "/", "/", ""),
        ])
    func scope(_ target: String, _ path: String, _ rawPath: String, _ query: String) {
        let harness = ASGIHarness { $0.rootPath = "/mount" }
        harness.get(target)
        let scope = harness.host.exchanges[0].scope
        #expect(scope.path == "/mount" + path)
        #expect(scope.rawPath == "/mount" + rawPath)
        #expect(String(scope.queryString) == query)
        #expect(scope.method == "GET")
        #expect(scope.httpVersion == "1.1")
        #expect(scope.clientText == "127.0.0.1:50000")
    }

    @Test("a trusted proxy tells who the client is, and by which scheme it came (U-PX, P-07)")
    func forwarding() throws {
        let harness = try ASGIHarness {
            $0.forwarding = TrustedForwarding(.xForwarded, from: try TrustedProxies(["127.0.0.1"]))
        }
        harness.get("/", "X-Forwarded-For: 10.0.0.1, 192.0.2.7\r\nX-Forwarded-Proto: https\r\n")
        let scope = harness.host.exchanges[0].scope
        #expect(scope.clientText == "192.0.2.7:0")
        #expect(scope.isSecure)
        let schemeAlone = try ASGIHarness {
            $0.forwarding = TrustedForwarding(.xForwarded, from: try TrustedProxies(["127.0.0.1"]))
        }
        schemeAlone.get("/", "X-Forwarded-Proto: https\r\n")
        #expect(schemeAlone.host.exchanges[0].scope.isSecure)
        let untrusted = try ASGIHarness {
            $0.forwarding = TrustedForwarding(.xForwarded, from: try TrustedProxies(["10.0.0.1"]))
        }
        untrusted.get("/", "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\n")
        #expect(untrusted.host.exchanges[0].scope.clientText == "127.0.0.1:50000")
        #expect(!untrusted.host.exchanges[0].scope.isSecure)
    }
}
