// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornTransport
import Testing

@Suite("The driver of an open connection: receiving and sending")
struct WebSocketDriverTests {
    @Test("messages of one read arrive in order, and their answers go out with one write")
    func corking() throws {
        let harness = WebSocketHarness()
        harness.sink.received = { [unowned harness] message in
            try? harness.driver.send(message.span, as: .text, compression: .never)
        }
        harness.receive(harness.text("one"), harness.text("two"), harness.text("three"))
        #expect(harness.sink.texts == ["one", "two", "three"])
        #expect(harness.transport.writes == 1)
        let expected = ["one", "two", "three"].flatMap { wireFrame(.text, Array($0.utf8), from: .server) }
        #expect(harness.transport.taken == expected)
    }

    @Test("64 KiB go out before the turn ends")
    func corkLimit() throws {
        let harness = WebSocketHarness()
        let short = [UInt8](repeating: 1, count: 4000)
        try harness.act { driver throws in
            for _ in 0..<16 { try driver.send(short.span, as: .binary, compression: .never) }
            #expect(harness.transport.writes == 0)
            try driver.send(short.span, as: .binary, compression: .never)
            #expect(harness.transport.writes == 1)
        }
        #expect(harness.transport.taken.count == 17 * 4004)
    }

    @Test("a long message goes out at once, and what is corked before it, with one write")
    func longMessage() throws {
        let harness = WebSocketHarness()
        let long = [UInt8](repeating: 1, count: 5000)
        try harness.act { driver throws in
            try driver.send([7].span, as: .binary, compression: .never)
            #expect(harness.transport.writes == 0)
            try driver.send(long.span, as: .binary, compression: .never)
            #expect(harness.transport.writes == 1)
        }
        #expect(
            harness.transport.taken == wireFrame(.binary, [7], from: .server) + wireFrame(.binary, long, from: .server))
    }

    @Test("a message cut at every byte arrives", arguments: 1...9)
    func cuts(size: Int) {
        let harness = WebSocketHarness()
        let bytes = harness.text("Hello") + harness.frame(.ping, [1]) + harness.text("you")
        harness.loop.perform { harness.transport.deliver(bytes, inCutsOf: size) }
        #expect(harness.sink.texts == ["Hello", "you"])
        #expect(harness.transport.taken == wireFrame(.pong, [1], from: .server))
    }

    // MARK: - Back-pressure on receiving

    @Test("a sink that is not ready pauses reading; what was read already waits and arrives in order")
    func pause() {
        let harness = WebSocketHarness()
        harness.sink.room = 1
        harness.receive(harness.text("one"), harness.text("two"), harness.text("three"))
        #expect(harness.sink.texts == ["one"])
        #expect(harness.transport.isReadingPaused)
        harness.receive(harness.text("four"))
        harness.act { _ in harness.sink.take(2) }
        #expect(harness.sink.texts == ["one", "two", "three"])
        #expect(harness.transport.isReadingPaused)
        harness.act { _ in harness.sink.take(9) }
        #expect(harness.sink.texts == ["one", "two", "three", "four"])
        #expect(!harness.transport.isReadingPaused)
    }

    @Test("an end of input waits behind the messages that are not taken yet")
    func endBehindBacklog() {
        let harness = WebSocketHarness()
        harness.sink.room = 1
        harness.receive(harness.text("one"), harness.text("two"), harness.close(.normalClosure))
        harness.receiveEOF()
        #expect(harness.sink.hasReceivedAll == 0)
        harness.act { _ in harness.sink.take(9) }
        #expect(harness.sink.texts == ["one", "two"])
        #expect(harness.sink.closures.first?.received?.code == .normalClosure)
        #expect(harness.transport.endings == [.closed])
    }

    @Test("when we close while reading is paused, the peer's answer is read all the same")
    func closingWhilePaused() throws {
        let harness = WebSocketHarness()
        harness.sink.room = 1
        harness.receive(harness.text("one"), harness.text("two"))
        try harness.act { driver throws in try driver.close(CloseFrame(.normalClosure)) }
        #expect(!harness.transport.isReadingPaused)
        harness.receive(harness.text("three"), harness.close(.normalClosure))
        #expect(harness.transport.endings == [.finishedWriting])
        harness.receiveEOF()
        #expect(harness.sink.closures.first?.isNormal == true)
        #expect(harness.sink.texts == ["one"], "what nobody takes any more is dropped")
    }

    // MARK: - Back-pressure on sending

    @Test("a peer that does not read makes the driver unwritable, and writable again when it does")
    func writability() throws {
        let harness = WebSocketHarness()
        harness.transport.appetite = 0
        #expect(harness.driver.isWritable)
        try harness.send([UInt8](repeating: 0, count: 70_000))
        #expect(!harness.driver.isWritable)
        harness.loop.perform { harness.transport.appetite = 60_000 }
        #expect(harness.driver.isWritable)
        #expect(harness.sink.resumptions == 1)
    }

    @Test("more unsent bytes than the cap cut the connection", arguments: [false, true])
    func cap(isShared: Bool) throws {
        let harness = WebSocketHarness(maximumUnsent: 1_000_000)
        harness.transport.appetite = 0
        let message = [UInt8](repeating: 0, count: 100_000)
        var count = 0
        while harness.sink.closures.isEmpty, count < 100 {
            count += 1
            try? harness.act { driver throws in
                try driver.send(
                    message.span, as: .binary, compression: .never, owner: { isShared ? SharedArray(message) : nil })
            }
        }
        #expect(count == 10)
        #expect(harness.sink.closures.first?.cause == .tooMuchUnsent(bytes: 1_000_100, limit: 1_000_000))
        #expect(harness.transport.endings == [.aborted])
        #expect(harness.transport.unsentBytes == 0)
    }

    @Test("a client masks what is shared, so it copies it")
    func sharedByClient() throws {
        let harness = WebSocketHarness(.client)
        let payload = [UInt8](repeating: 7, count: 5000)
        try harness.act { driver throws in
            try driver.send(payload.span, as: .binary, compression: .never, owner: { SharedArray(payload) })
        }
        #expect(harness.transport.taken == wireFrame(.binary, payload, from: .client))
    }

    @Test("what is sent while a message in fragments is under way goes out behind it, and senders are told to wait")
    func fragments() throws {
        let harness = WebSocketHarness()
        try harness.act { driver throws in
            try driver.beginMessage(.text, compression: .never)
            try driver.sendFragment([0x48].span, endsMessage: false)
            #expect(driver.isWritable)
            try driver.send([1].span, as: .binary, compression: .never)
            try driver.send([2].span, as: .binary, compression: .never, owner: { SharedArray([2]) })
            let shared = SharedMessage(OwnedBytes([3]), as: .binary, compression: .never)
            let frame = shared.frame
            try driver.send(shared, frame.span)
            #expect(!driver.isWritable && driver.hasRoom)
            #expect(harness.sink.resumptions == 0)
            try driver.sendFragment([0x69].span, endsMessage: true)
            #expect(driver.isWritable)
        }
        #expect(harness.sink.resumptions == 1)
        let message =
            wireFrame(.text, [0x48], fin: false, from: .server) + wireFrame(.continuation, [0x69], from: .server)
        let others = [1, 2, 3].flatMap { wireFrame(.binary, [$0], from: .server) }
        #expect(harness.transport.taken == message + others)
    }

    @Test(
        "a message in fragments waits for its turn, which can be given up; those behind an end of the connection are told"
    )
    func turns() throws {
        let harness = WebSocketHarness()
        var outcomes: [Int: FragmentTurn.Outcome] = [:]
        let turns = (0..<3).map { number in FragmentTurn(.binary, .never) { outcomes[number] = $0 } }
        try harness.act { driver throws in
            try driver.beginMessage(.text, compression: .never)
            #expect(throws: ProtocolMisuse.messageInProgress) {
                try driver.beginMessage(.binary, compression: .never)
            }
            for turn in turns { driver.wait(for: turn) }
            driver.giveUp(turns[0])
            turns[0].decide(.cancelled)
            #expect(driver.abandonMessage())
            try driver.sendFragment([1].span, endsMessage: false)
            #expect(!driver.abandonMessage())
            try driver.close(CloseFrame(.normalClosure))
            #expect(throws: ProtocolMisuse.closing) { try driver.sendFragment([1].span, endsMessage: true) }
        }
        #expect(outcomes == [0: .cancelled, 1: .begun, 2: .closed])
        let expected =
            wireFrame(.binary, [1], fin: false, from: .server) + wireClose(.cutOffMessage, from: .server)
        #expect(harness.transport.taken == expected)
    }

    @Test("what waits for the end of a message in fragments is bounded")
    func waitingBound() throws {
        let harness = WebSocketHarness(maximumUnsent: 1000)
        try harness.act { driver throws in
            try driver.beginMessage(.text, compression: .never)
            let payload = [UInt8](repeating: 0, count: 100)
            for _ in 0..<7 { try? driver.send(payload.span, as: .binary, compression: .never) }
            #expect(harness.transport.endings == [])
            #expect(driver.unsentBytes == 0)
        }
        #expect(harness.transport.endings == [.aborted])
        #expect(harness.sink.closures.count == 1)
    }

    // MARK: - Stalls

    @Test("a peer that reads nothing for the write timeout is cut")
    func stall() throws {
        let harness = WebSocketHarness(writeTimeout: .seconds(5)) { $0.pingInterval = nil }
        harness.transport.appetite = 0
        try harness.send([UInt8](repeating: 0, count: 100_000))
        harness.advance(4.9)
        #expect(harness.sink.closures.isEmpty)
        harness.advance(0.2)
        #expect(harness.sink.closures.map(\.cause) == [.writeTimeout(.seconds(5))])
        #expect(harness.transport.endings == [.aborted])
    }

    @Test("a peer that reads a little in each write timeout is not cut")
    func slowReader() throws {
        let harness = WebSocketHarness(writeTimeout: .seconds(5)) { $0.pingInterval = nil }
        harness.transport.appetite = 0
        try harness.send([UInt8](repeating: 0, count: 200_000))
        for _ in 0..<20 {
            harness.advance(4)
            harness.loop.perform { harness.transport.appetite = 1000 }
        }
        #expect(harness.sink.closures.isEmpty)
        harness.advance(10.1)
        #expect(harness.sink.closures.map(\.cause) == [.writeTimeout(.seconds(5))])
    }

    @Test("a peer that reads, though more is sent than it reads, is not cut before the cap")
    func busySlowReader() throws {
        let harness = WebSocketHarness(writeTimeout: .seconds(5)) { $0.pingInterval = nil }
        harness.transport.appetite = 0
        try harness.send([UInt8](repeating: 0, count: 100_000))
        for _ in 0..<20 {
            harness.advance(4)
            try harness.send([UInt8](repeating: 0, count: 2000))
            harness.loop.perform { harness.transport.appetite = 1000 }
        }
        #expect(harness.sink.closures.isEmpty)
    }

    // MARK: - Pings

    @Test("a pong tells the sink and the round trip's time")
    func pong() throws {
        let harness = WebSocketHarness()
        let id = try harness.act { driver throws in try driver.ping([1, 2]) }
        harness.advance(0.25)
        harness.receive(harness.frame(.pong, [1, 2]))
        #expect(harness.sink.pongs == 1)
        #expect(harness.driver.latency == .milliseconds(250))
        #expect(harness.driver.lastAnsweredPing == id)
        try harness.act { driver throws in try driver.pong([9]) }
        #expect(harness.transport.taken.suffix(3) == wireFrame(.pong, [9], from: .server)[...])
    }

    @Test("keepalive without any interval leaves the loop to others")
    func zeroInterval() {
        let harness = WebSocketHarness { configuration in
            configuration.pingInterval = .zero
            configuration.pingTimeout = nil
        }
        harness.act { driver in driver.loop.turn() }
        #expect(harness.sink.closures.isEmpty)
    }
}
