// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornTransport
import Testing

@Suite("The driver of a client's opening handshake")
struct ClientOpeningDriverTests {
    private final class Harness {
        let loop = VirtualLoop()
        let transport: MemoryTransport
        let handshake: ClientHandshake
        let next = NotingDriver()
        private(set) var driver: ClientOpeningDriver!
        private(set) var opened: [ResponseHead] = []
        private(set) var failures: [OpeningFailure] = []

        init() throws {
            var generator = Xorshift(state: 42)
            handshake = try ClientHandshake(to: WebSocketURI("ws://localhost/chat"), using: &generator)
            transport = MemoryTransport(loop: loop)
            driver = ClientOpeningDriver(
                transport: transport, handshake: handshake, limits: HTTPLimits(),
                deadline: loop.now.advanced(by: .seconds(10)),
                opened: { [weak self, next] head, _ in
                    self?.opened.append(head)
                    return next
                },
                failed: { [weak self] in self?.failures.append($0) })
            transport.setDriver(driver)
            loop.perform { driver.start() }
        }

        /// Connection and driver hold each other until the connection ends, as with every engine.
        deinit { loop.perform { transport.fail(nil) } }

        /// The response that a server gives to the request.
        var response: String {
            get throws {
                let decision = try ServerHandshake().evaluate(handshake.request, announcesBody: false)
                guard case .accepted(let acceptance) = decision else { return "" }
                var bytes = Array("HTTP/1.1 101 Switching Protocols\r\n".utf8)
                let fields = try acceptance.response().fields
                for index in 0..<fields.count {
                    bytes += Array("\(fields[index].name): \(fields[index].value)\r\n".utf8)
                }
                return String(decoding: bytes, as: UTF8.self) + "\r\n"
            }
        }

        func receive(_ text: String, inCutsOf size: Int = .max) {
            loop.perform { transport.deliver(Array(text.utf8), inCutsOf: size) }
        }

        func forget() { driver = nil }
    }

    @Test("the request goes out, the response opens, and frames in the same segment reach the new driver")
    func opens() throws {
        let harness = try Harness()
        let request = String(decoding: harness.transport.taken, as: UTF8.self)
        #expect(request.hasPrefix("GET /chat HTTP/1.1\r\nHost: localhost\r\n"))
        #expect(request.hasSuffix("\r\n\r\n"))
        harness.receive(try harness.response + "FRAMES")
        #expect(harness.opened.map(\.status) == [101])
        #expect(harness.next.received == Array("FRAMES".utf8))
        harness.receive("MORE")
        #expect(harness.next.received == Array("FRAMESMORE".utf8))
        harness.loop.advance(by: .seconds(60))
        #expect(harness.failures.isEmpty)
        #expect(harness.transport.endings.isEmpty)
    }

    @Test("a response cut at any byte opens all the same, and no byte behind it is lost")
    func cuts() throws {
        let whole = Array((try Harness().response + "FRAMES").utf8)
        for place in 1..<whole.count {
            let harness = try Harness()
            harness.loop.perform {
                harness.transport.deliver(Array(whole[..<place]))
                harness.transport.deliver(Array(whole[place...]))
            }
            #expect(harness.next.received == Array("FRAMES".utf8), "cut at \(place)")
        }
        let harness = try Harness()
        harness.receive(String(decoding: whole, as: UTF8.self), inCutsOf: 1)
        #expect(harness.next.received == Array("FRAMES".utf8))
    }

    @Test("interim responses are passed over")
    func interim() throws {
        let harness = try Harness()
        harness.receive("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + (try harness.response))
        #expect(harness.opened.count == 1)
    }

    @Test("a refusal is told with its body, and TCP is cut")
    func refusal() throws {
        let harness = try Harness()
        harness.receive("HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\nNot y")
        #expect(harness.failures.isEmpty)
        harness.receive("ou!\n")
        guard case .handshake(.status(let head), let response)? = harness.failures.first else {
            Issue.record("\(harness.failures)")
            return
        }
        #expect(head.status == 403)
        #expect(response.body == Array("Not you!\n".utf8))
        #expect(harness.transport.endings == [.aborted])
        #expect(harness.failures.count == 1)
    }

    @Test("a refusal whose body ends with TCP is told")
    func refusalUntilClose() throws {
        let harness = try Harness()
        harness.receive("HTTP/1.1 500 Oops\r\n\r\nbroken")
        harness.loop.perform { harness.transport.deliverEOF() }
        guard case .handshake(.status, let response)? = harness.failures.first else {
            Issue.record("\(harness.failures)")
            return
        }
        #expect(response.body == Array("broken".utf8))
    }

    @Test("a 101 with a wrong accept value is a failed handshake")
    func wrongAccept() throws {
        let harness = try Harness()
        let response = try harness.response.replacing("Sec-WebSocket-Accept: ", with: "Sec-WebSocket-Accept: x")
        harness.receive(response)
        guard case .handshake(.wrongAccept, _)? = harness.failures.first else {
            Issue.record("\(harness.failures)")
            return
        }
        #expect(harness.opened.isEmpty)
    }

    @Test("an answer that is no HTTP is told as such")
    func noHTTP() throws {
        let harness = try Harness()
        harness.receive("SSH-2.0-OpenSSH_9.6\r\n")
        guard case .http? = harness.failures.first else {
            Issue.record("\(harness.failures)")
            return
        }
    }

    @Test("an end, a reset and the deadline each fail once", arguments: ["end", "reset", "deadline", "cancel"])
    func ends(how: String) throws {
        let harness = try Harness()
        weak let driver = harness.driver
        harness.receive("HTTP/1.1 101 Swi")
        switch how {
        case "end": harness.loop.perform { harness.transport.deliverEOF() }
        case "reset": harness.loop.perform { harness.transport.fail("connection reset by peer") }
        case "cancel": harness.loop.perform { harness.driver.cancel() }
        default:
            harness.loop.advance(by: .seconds(9.9))
            #expect(harness.failures.isEmpty)
            harness.loop.advance(by: .seconds(0.2))
        }
        #expect(harness.failures.count == 1)
        harness.loop.advance(by: .seconds(60))
        #expect(harness.failures.count == 1)
        #expect(harness.transport.isGone)
        harness.forget()
        #expect(driver == nil)
    }
}
