// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornTransport
import Testing

@Suite("A connection that begins with a PROXY protocol header")
struct ProxyHeaderDriverTests {
    private final class Harness {
        let loop = VirtualLoop()
        let transport: MemoryTransport
        let next = NotingDriver()
        var header: ProxyHeader?
        var ends: [ProxyViolation?] = []
        private(set) var driver: ProxyHeaderDriver!

        init() {
            transport = MemoryTransport(loop: loop)
            driver = ProxyHeaderDriver(transport: transport, timeout: .seconds(3)) { [weak self, next] _, header in
                self?.header = header
                return next
            } ended: { [weak self] violation, _ in
                self?.ends.append(violation)
            }
            transport.setDriver(driver)
        }

        /// Connection and driver hold each other until the connection ends, as with every engine.
        deinit { loop.perform { transport.fail(nil) } }

        func receive(_ text: String, inCutsOf size: Int = .max) {
            loop.perform { transport.deliver(Array(text.utf8), inCutsOf: size) }
        }
    }

    private static let line = "PROXY TCP4 192.0.2.1 192.0.2.2 8080 80\r\n"

    @Test(
        "the client's address becomes the connection's, and all behind the header is the next driver's",
        arguments: [1, 7, 1000])
    func handOver(size: Int) {
        let harness = Harness()
        harness.receive(Self.line + "GET", inCutsOf: size)
        harness.receive(" / HTTP/1.1", inCutsOf: size)
        #expect(harness.transport.remoteEndpoint.description == "192.0.2.1:8080")
        #expect(harness.transport.localEndpoint.description == "192.0.2.2:80")
        #expect(harness.next.received == Array("GET / HTTP/1.1".utf8))
        harness.loop.advance(by: .seconds(10))
        #expect(harness.ends.isEmpty && harness.transport.endings.isEmpty, "the time limit is off")
    }

    @Test("a connection of the proxy's own keeps the proxy's address, and one of a Unix client has none")
    func otherOrigins() {
        let own = Harness()
        own.receive("PROXY UNKNOWN\r\n")
        #expect(own.header?.origin == .proxy)
        #expect(own.transport.remoteEndpoint.description == "memory:2")
        #expect(own.next.received.isEmpty)
        let unix = Harness()
        let head: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10, 0x21, 0x31, 0, 216]
        unix.loop.perform { unix.transport.deliver(head + [UInt8](repeating: 0, count: 216)) }
        // It reads like one on a Unix socket of ours, and is not to be trusted as one.
        #expect(unix.transport.remoteEndpoint.description == "unix")
        #expect(!unix.transport.remoteEndpoint.isKnown)
    }

    @Test("as the server ends, a header has a second to come; then the connection is cut, and it is nobody's fault")
    func leaving() {
        let timely = Harness()
        timely.loop.perform { timely.driver.leave() }
        timely.loop.advance(by: .milliseconds(999))
        timely.receive(Self.line + "GET")
        #expect(timely.next.received == Array("GET".utf8))
        timely.loop.perform { timely.driver.leave() }
        timely.loop.advance(by: .seconds(10))
        #expect(timely.ends.isEmpty && timely.transport.endings.isEmpty)
        let silent = Harness()
        silent.receive("PROXY ")
        silent.loop.perform { silent.driver.leave() }
        silent.loop.advance(by: .seconds(1))
        #expect(silent.ends == [nil] && silent.transport.endings == [.aborted])
        let late = Harness()
        late.loop.advance(by: .milliseconds(2500))
        late.loop.perform { late.driver.leave() }
        late.loop.advance(by: .milliseconds(500))
        #expect(late.ends == [nil], "the time for the header is not made longer")
    }

    @Test("what is no header cuts the connection, and so does too much time, an end, and a reset")
    func ends() {
        let wrong = Harness()
        wrong.receive("GET / HTTP/1.1\r\n")
        wrong.receive(Self.line)
        #expect(wrong.ends == [.noHeader] && wrong.transport.endings == [.aborted] && wrong.header == nil)
        let slow = Harness()
        slow.receive("PROXY ")
        slow.loop.advance(by: .seconds(3))
        #expect(slow.ends == [.timedOut] && slow.transport.endings == [.aborted])
        let cut = Harness()
        cut.receive("PROXY ")
        cut.loop.perform { cut.transport.deliverEOF() }
        #expect(cut.ends == [.incomplete] && cut.transport.endings == [.aborted])
        let gone = Harness()
        gone.loop.perform { gone.transport.fail("reset") }
        #expect(gone.ends == [nil])
        let unwanted = Harness()
        unwanted.loop.perform { unwanted.driver.abort() }
        unwanted.loop.perform { unwanted.driver.abort() }
        #expect(unwanted.ends == [nil] && unwanted.transport.endings == [.aborted])
    }
}
