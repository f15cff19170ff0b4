// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornTransport
import Testing

@Suite("The driver of a connection that speaks HTTP", .timeLimit(.minutes(1)))
struct HTTPServerDriverTests {
    private static func get(_ target: String, _ fields: String = "") -> String {
        "GET \(target) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n"
    }

    private static let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n"

    private static var switching: ResponseHead {
        get throws {
            var fields = HeaderFields()
            try fields.append(name: "Connection", value: "Upgrade")
            try fields.append(name: "Upgrade", value: "websocket")
            return ResponseHead(status: 101, fields: fields)
        }
    }

    // MARK: - Requests and answers

    @Test("a connection serves one request after another, each with a date")
    func keepAlive() {
        let harness = HTTPHarness()
        harness.responder.echoTargets()
        harness.receive(Self.get("/one"))
        harness.receive(Self.get("/two"))
        #expect(harness.bodies == ["/one", "/two"])
        #expect(harness.sent.contains("Date: Thu, 01 Jan 2026 12:00:00 GMT\r\n"))
        #expect(harness.transport.endings.isEmpty)
    }

    @Test("a request cut at every byte is one request", arguments: 1...7)
    func cuts(size: Int) {
        let harness = HTTPHarness()
        harness.responder.echoTargets()
        harness.receive(Self.get("/one") + Self.get("/two"), inCutsOf: size)
        #expect(harness.bodies == ["/one", "/two"])
    }

    @Test("requests that come together are answered in order, however late")
    func pipelining() {
        let harness = HTTPHarness()
        harness.receive(Self.get("/one") + Self.get("/two"))
        harness.receive(Self.get("/three"))
        #expect(harness.responder.requests.count == 1, "one at a time")
        harness.answer()
        harness.answer()
        harness.answer()
        #expect(harness.bodies == ["/one", "/two", "/three"])
    }

    @Test("ten thousand requests in one read are answered, without depth and without copying the rest each time")
    func manyAtOnce() {
        let harness = HTTPHarness()
        harness.responder.echoTargets()
        harness.receive(String(repeating: Self.get("/"), count: 10_000))
        #expect(harness.statuses.count == 10_000)
    }

    @Test("a body is read and dropped, and the next request is found behind it")
    func body() {
        let harness = HTTPHarness()
        harness.receive("POST /one HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel")
        #expect(harness.responder.requests.map(\.body) == [.readOver])
        harness.receive("lo" + Self.get("/two"))
        harness.answer()
        harness.answer()
        #expect(harness.bodies == ["/one", "/two"])
    }

    @Test("a body that goes on after the answer is dropped too")
    func lateBody() {
        let harness = HTTPHarness()
        harness.responder.echoTargets()
        harness.receive("POST /one HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel")
        #expect(harness.bodies == ["/one"])
        harness.receive("lo" + Self.get("/two"))
        #expect(harness.bodies == ["/one", "/two"])
    }

    @Test("a response that is none is a 500, and the end")
    func misuse() {
        let harness = HTTPHarness()
        harness.responder.handle = { _, driver in driver.respond(ResponseHead(status: 99), body: []) }
        harness.receive(Self.get("/"))
        #expect(harness.statuses == [500])
        #expect(harness.sent.contains("Connection: close\r\n"))
        #expect(harness.transport.endings == [.finishedWriting])
    }

    // MARK: - Upgrades

    @Test("the second request of a connection may upgrade it, and frames in the same segment reach the new driver")
    func upgradeOnSecond() throws {
        let harness = HTTPHarness()
        harness.responder.echoTargets()
        harness.receive(Self.get("/page"))
        let next = NotingDriver()
        let head = try Self.switching
        harness.responder.handle = { _, driver in driver.upgrade(head) { next } }
        harness.receive(Self.get("/socket", Self.upgrade) + "FRAMES")
        #expect(harness.statuses == [200, 101])
        #expect(next.received == Array("FRAMES".utf8))
        harness.receive("MORE")
        #expect(next.received == Array("FRAMESMORE".utf8))
        harness.advance(100)
        #expect(harness.transport.endings.isEmpty, "no timeout of HTTP is left")
        #expect(harness.responder.closings == 0)
    }

    @Test("frames that come before a late answer wait for it, in one segment or several")
    func lateUpgrade() throws {
        let harness = HTTPHarness()
        harness.receive(Self.get("/", Self.upgrade) + "ONE")
        harness.receive("TWO")
        let next = NotingDriver()
        let head = try Self.switching
        harness.act { $0.upgrade(head) { next } }
        #expect(next.received == Array("ONETWO".utf8))
        #expect(harness.statuses == [101])
    }

    @Test("the new driver is made when the 101 is on its way, so that nothing it sends can come before")
    func upgradeOrder() throws {
        let harness = HTTPHarness()
        let next = NotingDriver()
        let head = try Self.switching
        harness.responder.handle = { _, driver in
            driver.upgrade(head) {
                driver.transport.write(Array("FRAME".utf8).span)
                return next
            }
        }
        harness.receive(Self.get("/", Self.upgrade))
        #expect(harness.sent.hasPrefix("HTTP/1.1 101"))
        #expect(harness.sent.hasSuffix("\r\n\r\nFRAME"))
    }

    @Test("an end of input that came before the late answer reaches the new driver")
    func endBeforeUpgrade() throws {
        let harness = HTTPHarness()
        harness.receive(Self.get("/", Self.upgrade) + "FRAMES")
        harness.receiveEOF()
        let next = NotingDriver()
        let head = try Self.switching
        harness.act { $0.upgrade(head) { next } }
        #expect(next.received == Array("FRAMES".utf8))
        #expect(next.ends == ["end of input"])
    }

    @Test("an upgrade that the request did not ask for makes no new driver and is a 500")
    func upgradeMisuse() throws {
        let harness = HTTPHarness()
        harness.receive(Self.get("/"))
        #expect(!harness.driver.canUpgrade)
        let head = try Self.switching
        harness.act { driver in
            driver.upgrade(head) {
                Issue.record("a driver was made")
                return NotingDriver()
            }
        }
        #expect(harness.statuses == [500])
    }

    // MARK: - Bad requests

    @Test(
        "a request that breaks a rule gets its status, a sentence, a date and the end",
        arguments: [
            ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\nHost: a\r\n\r\n", 400), ("GET  / HTTP/1.1\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400), ("GET / HTTP/2.0\r\n", 505),
            ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400), ("G@T / HTTP/1.1\r\n", 400),
            ("GET /\(String(repeating: "a", count: 9000))", 414),
            ("GET / HTTP/1.1\r\nA: \(String(repeating: "a", count: 9000))", 431),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\n\r\n", 417),
            ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{FC}", 400),
        ])
    func violations(request: String, status: Int) {
        let harness = HTTPHarness()
        harness.receive(request)
        #expect(harness.statuses == [status])
        #expect(harness.sent.contains("Connection: close\r\n"))
        #expect(harness.sent.contains("Date: "), "RFC 9110 §6.6.1")
        #expect(harness.responder.violations.count == 1)
        #expect(harness.transport.endings == [.finishedWriting])
        harness.receive("what the client still sends is dropped")
        harness.receiveEOF()
        #expect(harness.transport.endings == [.finishedWriting, .closed])
        #expect(harness.responder.closings == 1)
        #expect(harness.statuses == [status])
    }

    @Test("a fault in a body that is still coming takes the place of the answer")
    func bodyFault() {
        let harness = HTTPHarness()
        harness.receive("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx")
        #expect(harness.statuses == [400])
        harness.answer()
        #expect(harness.statuses == [400])
    }

    // MARK: - Time

    @Test("a client that sends nothing is let go silently after the open timeout")
    func silence() {
        let harness = HTTPHarness()
        harness.advance(9.9)
        #expect(harness.transport.endings.isEmpty)
        harness.advance(0.2)
        #expect(harness.transport.endings == [.closed])
        #expect(harness.sent.isEmpty)
        #expect(harness.responder.closings == 1)
    }

    @Test("a head that does not arrive in time is a 408, however it dribbles")
    func slowHead() {
        let harness = HTTPHarness()
        for byte in "GET / HTTP" {
            harness.receive(String(byte))
            harness.advance(0.99)
        }
        #expect(harness.statuses.isEmpty)
        harness.advance(0.2)
        #expect(harness.statuses == [408])
        #expect(harness.responder.violations == [.headTimedOut])
    }

    @Test("a body that does not arrive in time is a 408")
    func slowBody() {
        let harness = HTTPHarness()
        harness.receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n")
        harness.advance(10.1)
        #expect(harness.statuses == [408])
        #expect(harness.responder.violations == [.bodyTimedOut])
    }

    @Test("an application that does not answer in time is a 503, and its answer comes to nothing")
    func slowApplication() {
        let harness = HTTPHarness()
        harness.receive(Self.get("/"))
        harness.advance(10.1)
        #expect(harness.statuses == [503])
        harness.answer()
        #expect(harness.statuses == [503])
        #expect(harness.transport.endings == [.finishedWriting])
    }

    @Test("a connection waits for its next request as long as configured")
    func idle() {
        let harness = HTTPHarness()
        harness.responder.echoTargets()
        harness.receive(Self.get("/"))
        harness.advance(4.9)
        harness.receive(Self.get("/"))
        harness.advance(4.9)
        #expect(harness.transport.endings.isEmpty)
        harness.advance(0.2)
        #expect(harness.transport.endings == [.closed])
    }

    @Test("after the last answer what still comes is dropped, for as long as configured")
    func linger() {
        let harness = HTTPHarness()
        harness.responder.echoTargets()
        harness.receive(Self.get("/one", "Connection: close\r\n") + Self.get("/two"))
        #expect(harness.bodies == ["/one"])
        #expect(harness.transport.endings == [.finishedWriting])
        harness.receive(Self.get("/three"))
        harness.advance(2.1)
        #expect(harness.transport.endings == [.finishedWriting, .closed])
        #expect(harness.bodies == ["/one"])
    }

    // MARK: - The client's end

    @Test("a client that ends its side after a request gets its answer, and then the end")
    func endWhileAnswering() {
        let harness = HTTPHarness()
        harness.receive(Self.get("/one") + Self.get("/two"))
        harness.receiveEOF()
        #expect(harness.statuses.isEmpty)
        harness.answer()
        harness.answer()
        #expect(harness.bodies == ["/one", "/two"])
        #expect(harness.transport.endings.last == .closed)
        #expect(harness.responder.closings == 1)
        #expect(harness.responder.violations.isEmpty)
    }

    @Test("a client that ends its side within a request is told so")
    func endWithinRequest() {
        let harness = HTTPHarness()
        harness.receive("GET / HTTP/1.1\r\nHo")
        harness.receiveEOF()
        #expect(harness.statuses == [400])
        #expect(harness.responder.violations == [.incompleteHead])
        #expect(harness.transport.endings.last == .closed)
    }

    @Test("a client that ends its side between requests is let go")
    func endBetweenRequests() {
        let harness = HTTPHarness()
        harness.responder.echoTargets()
        harness.receive(Self.get("/"))
        harness.receiveEOF()
        #expect(harness.transport.endings == [.closed])
        #expect(harness.responder.closings == 1)
    }

    @Test("an answer to a connection that is gone comes to nothing, and nothing holds the driver")
    func gone() {
        let harness = HTTPHarness()
        weak let driver = harness.driver
        harness.receive(Self.get("/"))
        harness.loop.perform { harness.transport.fail("connection reset by peer") }
        #expect(harness.responder.closings == 1)
        harness.answer()
        harness.act { driver in
            driver.abort()
            driver.closeAfterResponse()
        }
        #expect(harness.sent.isEmpty)
        #expect(harness.responder.closings == 1)
        harness.forget()
        #expect(driver == nil)
    }

    // MARK: - Stopping

    @Test("asked to stop, an idle connection closes at once, a busy one after its answer")
    func stopping() {
        let idle = HTTPHarness()
        idle.act { $0.closeAfterResponse() }
        #expect(idle.transport.endings == [.closed])
        let busy = HTTPHarness()
        busy.receive(Self.get("/one") + Self.get("/two"))
        busy.act { $0.closeAfterResponse() }
        #expect(busy.transport.endings.isEmpty)
        busy.answer()
        #expect(busy.bodies == ["/one"])
        #expect(busy.sent.contains("Connection: close\r\n"))
        #expect(busy.transport.endings == [.finishedWriting])
        busy.act { $0.closeAfterResponse() }
        #expect(busy.transport.endings == [.finishedWriting, .closed], "the client's end is not waited for any more")
    }

    @Test("as the server ends, a client that has its answer and keeps its side open is not waited for")
    func leaving() {
        let answered = HTTPHarness()
        answered.receive(Self.get("/one", "Connection: close\r\n"))
        answered.answer()
        #expect(answered.transport.endings == [.finishedWriting])
        answered.act { $0.leave() }
        #expect(answered.transport.endings == [.finishedWriting, .closed])
        let busy = HTTPHarness()
        busy.receive(Self.get("/one"))
        busy.act { $0.leave() }
        busy.answer()
        #expect(busy.bodies == ["/one"])
        #expect(busy.transport.endings == [.closed])
        #expect(busy.responder.closings == 1)
    }

    @Test(
        "as the server ends, a request that may be on its way is waited for, and answered as the last",
        arguments: [(answers: 0, quiet: 0), (0, 900), (1, 0), (1, 900), (2, 900)])
    func leavingBeforeRequest(answers: Int, quiet: Int) {
        for isSilent in [false, true] {
            let harness = HTTPHarness()
            harness.responder.echoTargets()
            for _ in 0..<answers { harness.receive(Self.get("/before")) }
            harness.loop.advance(by: .milliseconds(quiet))
            harness.act { $0.leave() }
            harness.loop.advance(by: .milliseconds(999 - quiet))
            #expect(harness.transport.endings.isEmpty)
            if !isSilent { harness.receive(Self.get("/last", "Connection: keep-alive\r\n")) }
            harness.loop.advance(by: .milliseconds(1))
            #expect(harness.bodies == Array(repeating: "/before", count: answers) + (isSilent ? [] : ["/last"]))
            #expect(harness.sent.contains("Connection: close\r\n") == !isSilent)
            #expect(harness.transport.endings == [.closed])
            #expect(harness.responder.violations.isEmpty)
        }
    }

    @Test("as the server ends, a client that was silent for a second is not waited for", arguments: [0, 1])
    func leavingAfterSilence(answers: Int) {
        let harness = HTTPHarness()
        harness.responder.echoTargets()
        for _ in 0..<answers { harness.receive(Self.get("/")) }
        harness.advance(1)
        harness.act { $0.leave() }
        #expect(harness.transport.endings == [.closed])
    }

    @Test("as the server ends, a request that has begun within that second has its own time")
    func leavingWithinHead() {
        let harness = HTTPHarness()
        harness.responder.echoTargets()
        harness.act { $0.leave() }
        harness.advance(0.9)
        let request = Self.get("/slow")
        harness.receive(String(request.prefix(5)))
        harness.advance(9)
        harness.receive(String(request.dropFirst(5)))
        #expect(harness.bodies == ["/slow"])
        #expect(harness.transport.endings == [.closed])
    }

    @Test("as the server ends, an answer that is still being read is not cut after a second")
    func leavingBeforeAnswerIsRead() {
        let harness = HTTPHarness()
        harness.responder.echoTargets()
        harness.transport.appetite = 0
        harness.receive(Self.get("/"))
        harness.act { $0.leave() }
        harness.advance(1)
        #expect(harness.transport.endings == [.closed])
    }

    @Test(
        "as the server ends, a client that is still sending does not lose its answer by that (RFC 9112 §9.6)",
        arguments: ["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel", "POST / HTTP/1.1\r\nBAD\r\n\r\n"])
    func leavingWithinRequest(request: String) {
        let harness = HTTPHarness()
        let beginning = request.prefix(6)
        harness.receive(String(beginning))
        harness.act { $0.leave() }
        harness.receive(String(request.dropFirst(beginning.count)))
        if !harness.responder.waiting.isEmpty { harness.answer() }
        #expect(harness.statuses.count == 1)
        #expect(harness.transport.endings == [.finishedWriting])
        harness.advance(2.1)
        #expect(harness.transport.endings == [.finishedWriting, .closed])
    }

    @Test("a cut drops everything")
    func abort() {
        let harness = HTTPHarness()
        harness.receive(Self.get("/"))
        harness.act { $0.abort() }
        #expect(harness.transport.endings == [.aborted])
        #expect(harness.driver.isDone)
        #expect(harness.responder.closings == 1)
    }

    // MARK: - Memory

    @Test("what comes behind a request that waits is bounded: reading stops, and goes on after the answer")
    func backlog() {
        let harness = HTTPHarness()
        harness.receive(Self.get("/one"))
        harness.receive(String(repeating: Self.get("/x"), count: 3000))
        #expect(harness.transport.isReadingPaused)
        harness.responder.echoTargets()
        harness.act { $0.respond(ResponseHead(status: 200), body: []) }
        #expect(!harness.transport.isReadingPaused)
        #expect(harness.statuses.count == 3001)
    }

    @Test("a client that asks and asks but reads nothing is not answered on and on")
    func unreadAnswers() {
        let harness = HTTPHarness()
        harness.transport.appetite = 0
        let body = [UInt8](repeating: 0x61, count: 1000)
        harness.responder.handle = { _, driver in driver.respond(ResponseHead(status: 200), body: body) }
        for _ in 0..<100 where !harness.transport.isReadingPaused {
            harness.receive(String(repeating: Self.get("/"), count: 1000))
        }
        #expect(harness.transport.isReadingPaused)
        #expect(harness.transport.unsentBytes < 200_000)
        harness.loop.perform { harness.transport.appetite = .max }
        #expect(!harness.transport.isReadingPaused)
        #expect(harness.statuses.count == harness.responder.requests.count)
        #expect(harness.statuses.count > 2000)
    }

    @Test(
        "a client that reads a long answer slowly is not cut, one that has stopped reading is",
        arguments: ["keep-alive", "close"])
    func slowReader(connection: String) {
        let harness = HTTPHarness()
        harness.transport.appetite = 0
        let body = [UInt8](repeating: 0x61, count: 1_000_000)
        harness.responder.handle = { _, driver in driver.respond(ResponseHead(status: 200), body: body) }
        harness.receive(Self.get("/", "Connection: \(connection)\r\n"))
        for _ in 0..<50 {
            harness.loop.perform { harness.transport.appetite = 10_000 }
            harness.advance(1)
        }
        #expect(!harness.transport.isGone)
        harness.advance(20)
        #expect(harness.transport.endings.last == .aborted)
        #expect(harness.responder.closings == 1)
    }

    // MARK: - Bodies that are collected

    private static func collecting(_ limit: Int = 10) -> HTTPHarness {
        var limits = HTTPLimits()
        limits.requestBody = limit
        return HTTPHarness(limits: limits)
    }

    @Test("with a limit on bodies the responder is asked when the body is there, and gets it", arguments: [1, 3, 1000])
    func collects(size: Int) {
        let harness = Self.collecting()
        harness.responder.echoTargets()
        harness.receive(
            "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloPOST /b HTTP/1.1\r\nHost: a\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\nGET /c HTTP/1.1\r\nHost: a\r\n\r\n",
            inCutsOf: size)
        let bodies: [ReceivedBody] = [.whole(Array("hello".utf8)), .whole(Array("abc".utf8)), .none]
        #expect(harness.responder.requests.map(\.body) == bodies)
        #expect(harness.bodies == ["/a", "/b", "/c"])
    }

    @Test("a client that waits for 100 gets it, and one that does not gets none")
    func continues() {
        let harness = Self.collecting()
        harness.receive("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        #expect(harness.sent == "HTTP/1.1 100 Continue\r\n\r\n")
        #expect(harness.responder.requests.isEmpty)
        harness.receive("ab")
        harness.answer()
        harness.receive("POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab")
        harness.answer()
        #expect(harness.statuses == [100, 200, 200])
    }

    @Test("a client that has not waited need not be told to go on (RFC 9110 §10.1.1)")
    func begunBody() {
        let harness = Self.collecting()
        harness.receive("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\na")
        #expect(harness.sent.isEmpty)
        harness.receive("b")
        harness.answer()
        #expect(harness.statuses == [200])
    }

    @Test("a body that is too long, breaks off or does not come is refused, and the responder hears nothing of it")
    func refusedBodies() {
        let long = Self.collecting(1)
        long.receive("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab")
        #expect(long.statuses == [413])
        let short = Self.collecting()
        short.receive("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na")
        short.receiveEOF()
        #expect(short.statuses == [400])
        let slow = Self.collecting()
        slow.receive("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na")
        slow.advance(10)
        #expect(slow.statuses == [408])
        for harness in [long, short, slow] { #expect(harness.responder.requests.isEmpty) }
    }
}
