// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornTransport
import Testing

@Suite("The driver of an open connection: closing")
struct WebSocketDriverClosingTests {
    @Test("we close, the peer answers, TCP ends: the server half-closes first, RFC 6455 §7.1.1")
    func serverCloses() throws {
        let harness = WebSocketHarness(.server)
        try harness.act { driver throws in try driver.close(CloseFrame(.goingAway, reason: "bye")) }
        #expect(harness.transport.taken == wireClose(CloseFrame(.goingAway, reason: "bye"), from: .server))
        #expect(harness.transport.endings.isEmpty)
        harness.receive(harness.close(.goingAway))
        #expect(harness.transport.endings == [.finishedWriting])
        #expect(harness.sink.closures.isEmpty)
        harness.receiveEOF()
        #expect(harness.transport.endings == [.finishedWriting, .closed])
        #expect(harness.sink.closures.map(\.isNormal) == [true])
    }

    @Test("as the server ends, a peer that has closed and keeps TCP open is not waited for")
    func leaving() {
        let open = WebSocketHarness(.server)
        open.act { $0.leave(with: CloseFrame(.serviceRestart)) }
        #expect(open.transport.taken == wireClose(CloseFrame(.serviceRestart), from: .server))
        #expect(open.transport.endings.isEmpty, "its answer is waited for")
        open.receive(open.close(.serviceRestart))
        #expect(open.transport.endings == [.closed])
        #expect(open.sink.closures.map(\.cause) == [.shutdown])

        let closed = WebSocketHarness(.server)
        closed.receive(closed.close(.normalClosure))
        #expect(closed.transport.endings == [.finishedWriting])
        #expect(closed.sink.closures.isEmpty)
        closed.act { $0.leave(with: CloseFrame(.serviceRestart)) }
        #expect(closed.transport.taken == wireClose(CloseFrame(.normalClosure), from: .server))
        #expect(closed.transport.endings == [.finishedWriting, .closed])
        #expect(closed.sink.closures.map(\.cause) == [.closedByPeer])
    }

    @Test("a client that closes waits for the server to end TCP")
    func clientCloses() throws {
        let harness = WebSocketHarness(.client)
        try harness.act { driver throws in try driver.close(CloseFrame(.normalClosure)) }
        harness.receive(harness.close(.normalClosure))
        #expect(harness.transport.endings.isEmpty)
        harness.receiveEOF()
        #expect(harness.transport.endings == [.closed])
        #expect(harness.sink.closures.map(\.isNormal) == [true])
    }

    @Test("the peer closes: the answer waits until the sink has taken what came before")
    func peerCloses() {
        let harness = WebSocketHarness()
        harness.sink.deliversAtOnce = false
        harness.receive(harness.text("last"), harness.close(3000))
        #expect(harness.sink.hasReceivedAll == 1)
        #expect(harness.transport.taken.isEmpty)
        harness.act { $0.didDeliver() }
        #expect(harness.transport.taken == wireClose(CloseFrame(3000), from: .server))
        harness.receiveEOF()
        #expect(harness.sink.closures.map(\.cause) == [.closedByPeer])
    }

    @Test("the answer does not wait longer than the grace")
    func grace() {
        let harness = WebSocketHarness()
        harness.sink.deliversAtOnce = false
        harness.receive(harness.text("last"), harness.close(3000))
        harness.advance(1)
        #expect(harness.transport.taken == wireClose(CloseFrame(3000), from: .server))
    }

    @Test("both sides close at once: each takes the other's frame for the answer", arguments: [Role.client, .server])
    func race(role: Role) throws {
        let harness = WebSocketHarness(role)
        let (ours, theirs) = (CloseFrame(4001), CloseFrame(4002))
        try harness.act { driver throws in
            try driver.close(ours)
            harness.transport.deliver(wireClose(theirs, from: role == .client ? .server : .client))
        }
        #expect(harness.transport.taken == wireClose(ours, from: role), "one close frame, not two")
        harness.receiveEOF()
        #expect(harness.sink.closures.map(\.sent) == [ours])
        #expect(harness.sink.closures.map(\.received) == [theirs])
    }

    @Test("a violation is answered with its code after the messages before it, and what follows is dropped")
    func violation() {
        let harness = WebSocketHarness()
        harness.receive(harness.text("good"), [0x83, 0x80, 0, 0, 0, 0], harness.text("never"))
        #expect(harness.sink.texts == ["good"])
        #expect(harness.transport.taken.prefix(4) == [0x88, harness.transport.taken[1], 0x03, 0xEA])
        #expect(harness.transport.endings == [.finishedWriting])
        harness.receive(harness.text("still dropped"))
        harness.receiveEOF()
        #expect(harness.sink.closures.count == 1)
        #expect(harness.sink.texts == ["good"])
    }

    @Test("an end of input without a close frame is a lost connection, and TCP is closed")
    func lost() {
        let harness = WebSocketHarness()
        harness.receiveEOF()
        #expect(harness.sink.closures.map(\.cause) == [.connectionLost])
        #expect(harness.transport.endings == [.closed])
    }

    @Test("a cut by our side drops everything")
    func abort() throws {
        let harness = WebSocketHarness()
        harness.act { $0.abort() }
        #expect(harness.transport.endings == [.aborted])
        #expect(harness.sink.closures.map(\.cause) == [.cutLocally])
        harness.act { $0.abort() }
        #expect(throws: ProtocolMisuse.closing) { try harness.send([1]) }
        #expect(harness.transport.endings == [.aborted])
    }

    enum State: CaseIterable {
        case open, paused, closing, answering, ended, blocked
    }

    @Test("whenever the transport is lost, the sink hears of it once and nothing is left", arguments: State.allCases)
    func transportLoss(state: State) throws {
        let harness = WebSocketHarness()
        switch state {
        case .open: break
        case .paused:
            harness.sink.room = 1
            harness.receive(harness.text("one"), harness.text("two"))
        case .closing: try harness.act { driver throws in try driver.close(CloseFrame(.normalClosure)) }
        case .answering:
            harness.sink.deliversAtOnce = false
            harness.receive(harness.close(.normalClosure))
        case .ended: harness.receive(harness.close(.normalClosure))
        case .blocked:
            harness.transport.appetite = 0
            try harness.send([UInt8](repeating: 0, count: 100_000))
        }
        weak let driver = harness.driver
        harness.loop.perform { harness.transport.fail("connection reset by peer") }
        #expect(harness.sink.closures.count == 1)
        harness.act { driver in
            driver.didDeliver()
            driver.resumeReceiving()
            driver.abort()
        }
        harness.advance(100)
        #expect(harness.sink.closures.count == 1)
        harness.forget()
        #expect(driver == nil)
    }

    @Test("after a complete close nothing holds the driver")
    func release() throws {
        let harness = WebSocketHarness()
        weak let driver = harness.driver
        harness.receive(harness.close(.normalClosure))
        harness.receiveEOF()
        harness.forget()
        #expect(driver == nil)
    }

    // MARK: - The defects that must be impossible

    @Test("D1: closing does not wait for a peer that reads nothing longer than the close timeout")
    func d1() throws {
        let harness = WebSocketHarness { $0.closeTimeout = .seconds(3) }
        harness.transport.appetite = 0
        try harness.send([UInt8](repeating: 0, count: 500_000))
        try harness.act { driver throws in try driver.close(CloseFrame(.normalClosure)) }
        harness.advance(2.9)
        #expect(harness.sink.closures.isEmpty)
        harness.advance(0.2)
        #expect(harness.transport.endings == [.aborted])
        #expect(harness.sink.closures.map(\.timedOut) == [true])
    }

    @Test("D2: keepalive finds a stalled peer though the ping cannot be written")
    func d2() throws {
        let harness = WebSocketHarness(writeTimeout: .seconds(1000)) { configuration in
            configuration.pingInterval = .seconds(5)
            configuration.pingTimeout = .seconds(5)
            configuration.closeTimeout = .seconds(1)
        }
        harness.transport.appetite = 0
        try harness.send([UInt8](repeating: 0, count: 500_000))
        harness.advance(11.1)
        #expect(harness.sink.closures.map(\.cause) == [.keepaliveTimeout(silence: .seconds(10))])
        #expect(harness.transport.endings.last == .aborted)
    }

    @Test(
        "D4: a peer that begins to close and keeps TCP open is cut after the close timeout",
        arguments: [Role.client, .server])
    func d4(role: Role) {
        let harness = WebSocketHarness(role) { configuration in
            configuration.closeTimeout = .seconds(2)
            configuration.pingInterval = nil
        }
        harness.receive(harness.close(.normalClosure))
        harness.advance(2.1)
        #expect(harness.transport.endings.last == .aborted)
        #expect(harness.sink.closures.map(\.timedOut) == [true])
    }

    @Test("D5: a ping flood by a peer that reads nothing makes one pong, not many")
    func d5() throws {
        let harness = WebSocketHarness()
        harness.transport.appetite = 0
        try harness.send([UInt8](repeating: 0, count: 100_000))
        let before = harness.transport.unsentBytes
        for number in 0..<10_000 { harness.receive(harness.frame(.ping, [UInt8(number % 256)])) }
        #expect(harness.transport.unsentBytes == before)
        harness.loop.perform { harness.transport.appetite = .max }
        #expect(harness.transport.taken.count == before + 3)
        #expect(harness.transport.taken.suffix(3) == wireFrame(.pong, [UInt8(9999 % 256)], from: .server)[...])
    }

    @Test("D6: a slow consumer does not make a healthy peer look dead")
    func d6() {
        let harness = WebSocketHarness { configuration in
            configuration.pingInterval = .seconds(1)
            configuration.pingTimeout = .seconds(1)
        }
        harness.sink.room = 1
        harness.receive(harness.text("one"), harness.text("two"))
        harness.advance(60)
        #expect(harness.sink.closures.isEmpty)
        harness.act { _ in harness.sink.take(10) }
        harness.advance(0.5)
        #expect(harness.sink.closures.isEmpty)
        harness.advance(10)
        #expect(
            harness.driver.closure?.cause == .keepaliveTimeout(silence: .seconds(1)), "now we listen, and it is silent")
    }
}
