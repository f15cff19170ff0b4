// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol
import AlicornTesting
import AlicornTransport
import Testing

@Suite("Opening handshakes by the rules of ASGI")
struct WebSocketOpeningTests {
    /// Takes all messages, and none of them.
    final class Sink: MessageSink {
        var isReady: Bool { true }
        var received: [String] = []
        func receive(_ piece: MessagePiece, _ bytes: Span<UInt8>) {
            received.append(String(decoding: (0..<bytes.count).map { bytes[$0] }, as: UTF8.self))
        }
        func fill(announced: Int, _ body: (UnsafeMutableBufferPointer<UInt8>) -> Int) { fatalError() }
        func receiveFilled(_ piece: MessagePiece) {}
        func receivedAll() {}
        func receivedPong() {}
        func mayResumeSending() {}
        func closed(_ closure: Closure) {}
    }

    private func harness(_ configure: (inout ASGIConfiguration) throws -> Void = { _ in }) throws -> ASGIHarness {
        try ASGIHarness { configuration in
            configuration.handshake = try ServerHandshake()
            try configure(&configuration)
        }
    }

    private func accept(
        _ harness: ASGIHarness, _ subprotocol: String? = nil, _ fields: [HeaderField] = [], into sink: Sink = Sink()
    ) throws {
        let opening = harness.host.openings[0]
        try harness.act {
            try opening.accept(subprotocol: subprotocol, fields: fields) { handshake in
                WebSocketDriver(
                    core: WebSocketProtocol(
                        role: .server, configuration: ProtocolConfiguration(), transform: nil, now: opening.loop.now,
                        randomWord: { 0 }),
                    transport: handshake.transport, writeTimeout: .seconds(30), maximumUnsent: 1 << 20
                ) { _ in sink }
            }
        }
    }

    private static let answer =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"

    @Test("nothing is answered before the application accepts (A-WE-01), then 101 with its fields (A-WE-02)")
    func accepts() throws {
        let harness = try harness()
        harness.open()
        #expect(harness.sent == "")
        try accept(harness, nil, [HeaderField(name: "x", value: "y")])
        #expect(harness.sent == Self.answer + "x: y\r\n\r\n")
        #expect(harness.log.access.map(\.event) == [.handshake(status: 101)])
    }

    @Test("the date of a 101 that comes late is that of the answer (U-DH-07)")
    func lateDate() throws {
        let harness = try harness { $0.defaultFields = DefaultFields(server: nil) }
        harness.open()
        let dateOfRequest = harness.act { harness.loop.connectionLoop.date }
        harness.advance(5)
        let dateOfAnswer = harness.act { harness.loop.connectionLoop.date }
        #expect(dateOfAnswer != dateOfRequest)
        try accept(harness)
        #expect(harness.sent.contains("\r\ndate: \(dateOfAnswer)\r\n"))
    }

    @Test("frames right behind the handshake are delivered (P-16)")
    func gluedFrames() throws {
        let harness = try harness()
        let sink = Sink()
        harness.loop.perform {
            let request =
                "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            harness.transport.deliver(Array(request.utf8) + [0x81, 0x82, 0, 0, 0, 0] + Array("hi".utf8))
        }
        try accept(harness, into: sink)
        #expect(sink.received == ["hi"])
    }

    @Test("the application's own Sec-WebSocket-Protocol is left out with a warning: there is one or none (P-11, #1778)")
    func duplicates() throws {
        let harness = try harness()
        harness.open("/", "Sec-WebSocket-Protocol: a, b\r\n")
        #expect(harness.host.openings[0].offeredSubprotocols == ["a", "b"])
        try accept(harness, "b", [HeaderField(name: "sec-websocket-protocol", value: "b")])
        #expect(harness.sent == Self.answer + "Sec-WebSocket-Protocol: b\r\n\r\n")
        #expect(harness.log.lines.count == 1)
        #expect(harness.log.lines[0].hasPrefix("warning: The application passes the header \"sec-websocket-protocol\""))
    }

    @Test("a subprotocol that was not offered is refused to the application, and 500 to the client (P-12, U-WS-20)")
    func unoffered() throws {
        let harness = try harness()
        harness.open("/", "Sec-WebSocket-Protocol: a\r\n")
        #expect(throws: ASGIMisuse.unofferedSubprotocol("c")) { try accept(harness, "c") }
        harness.act { harness.host.openings[0].applicationFailed("E: e") }
        #expect(harness.sent.hasPrefix("HTTP/1.1 500 Internal Server Error\r\n"))
    }

    @Test("to close before accepting is 403, and the application hears of the end (A-WE-06, U-WS-21, U-WS-22)")
    func refuses() throws {
        let harness = try harness()
        harness.open("/chat?x=1")
        let opening = harness.host.openings[0]
        var isOver = false
        try harness.act {
            opening.whenOver { isOver = true }
            try opening.refuse()
        }
        #expect(isOver)
        #expect(
            harness.sent
                == "HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain; charset=utf-8\r\n"
                + "Content-Length: 0\r\nConnection: close\r\n\r\n")
        #expect(harness.log.access.map(\.event) == [.handshake(status: 403)])
        #expect(throws: ASGIMisuse.afterClose("websocket.close")) { try harness.act { try opening.refuse() } }
    }

    @Test("a denial is the application's own response, and nothing is held against it (A-EX-01, P-24)")
    func denies() throws {
        let harness = try harness()
        harness.open()
        let opening = harness.host.openings[0]
        try harness.act {
            try opening.deny(status: 401, fields: HeaderFields(["content-length": "2"]))
            try opening.deny(Array("no".utf8).span, hasMore: false)
            opening.applicationReturned()
        }
        #expect(harness.sent == "HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\nConnection: close\r\n\r\nno")
        #expect(harness.log.lines == [])
        #expect(harness.log.access.map(\.event) == [.handshake(status: 401)])
    }

    @Test(
        "events out of order name what is due (U-WS-30)",
        arguments: [
            (
                "websocket.send",
                "Expected ASGI message 'websocket.accept', 'websocket.close' or 'websocket.http.response.start', "
                    + "but got 'websocket.send'."
            )
        ])
    func order(_ event: String, _ message: String) throws {
        let harness = try harness()
        harness.open()
        #expect("\(harness.host.openings[0].misuse(event))" == message)
    }

    @Test("an application that returns or fails without an answer is 500, with uvicorn's line (U-WS-27)")
    func failures() throws {
        for (fails, line) in [
            (false, "error: ASGI callable returned without completing handshake."),
            (true, "error: Exception in ASGI application: E: e"),
        ] {
            let harness = try harness()
            harness.open()
            harness.act {
                let opening = harness.host.openings[0]
                if fails { opening.applicationFailed("E: e") } else { opening.applicationReturned() }
            }
            #expect(harness.sent.hasPrefix("HTTP/1.1 500 Internal Server Error\r\n"))
            #expect(harness.log.lines == [line])
        }
    }

    @Test("an application that does not answer in time is answered for (P-19)")
    func late() throws {
        let harness = try harness { $0.openTimeout = .seconds(3) }
        harness.open()
        harness.advance(4)
        #expect(harness.sent.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
        #expect(harness.host.openings[0].isOver)
    }

    @Test("beyond the limit on WebSockets handshakes get 503, requests do not (P-18)")
    func limit() throws {
        let harness = try harness { $0.webSocketLimit = 0 }
        harness.open()
        #expect(harness.sent.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
        #expect(harness.log.lines == ["warning: Exceeded WebSocket limit."])
    }

    @Test("without WebSockets a handshake is a request like others, with uvicorn's warnings (U-H-23)")
    func switchedOff() {
        let harness = ASGIHarness()
        harness.open()
        #expect(harness.host.exchanges.count == 1)
        #expect(harness.log.lines.first == "warning: Unsupported upgrade request.")
    }

    @Test("an upgrade to something else is a request like others (U-H-23)")
    func otherUpgrades() throws {
        let harness = try harness()
        harness.get("/", "Connection: Upgrade\r\nUpgrade: h2c\r\n")
        #expect(harness.host.exchanges.count == 1)
        #expect(harness.log.lines == ["warning: Unsupported upgrade request."])
    }

    @Test("a client that goes before the answer is heard of, and accepting then does nothing (U-WS-09)")
    func lost() throws {
        let harness = try harness()
        harness.open()
        harness.lose()
        #expect(harness.host.openings[0].isOver)
        #expect(throws: ASGIMisuse.afterClose("websocket.accept")) { try accept(harness) }
    }

    @Test("a stop closes connections with 1012, and answers waiting handshakes with 500 (U-WS-53, P-05)")
    func stops() throws {
        let waiting = try harness()
        waiting.open()
        waiting.act { waiting.server.stop(with: CloseFrame(.serviceRestart)) {} }
        waiting.loop.perform {}
        #expect(waiting.sent.hasPrefix("HTTP/1.1 500 Internal Server Error\r\n"))

        let open = try harness()
        open.open()
        try accept(open)
        open.act { open.server.stop(with: CloseFrame(.serviceRestart)) {} }
        open.loop.perform {}
        #expect(Array(open.transport.taken.suffix(4)) == [0x88, 2, 0x03, 0xF4])
    }
}
