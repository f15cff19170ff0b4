// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornTransport
import Testing

@Suite("The driver of an open connection: long messages that are read to where they belong")
struct WebSocketDriverInPlaceTests {
    private let harness = WebSocketHarness()
    private let long = [UInt8](repeating: 0x61, count: 100_000)

    private var readsInPlace: Bool {
        harness.act { driver in if case .own = driver.readPlace { true } else { false } }
    }

    /// What is read at once at most, in the engine's memory.
    private var limit: Int? {
        harness.act { driver in if case .shared(let limit) = driver.readPlace { limit } else { nil } }
    }

    /// Bytes come in pieces, each to where the driver wants it; an engine would do the same.
    private func receive(_ bytes: [UInt8], inPiecesOf size: Int = .max) {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard readsInPlace else {
                let piece = Array(rest.prefix(min(size, limit ?? .max)))
                harness.receive(piece)
                rest = rest.dropFirst(piece.count)
                continue
            }
            harness.act { driver in
                harness.loop.connectionLoop.turn {
                    driver.receiveInPlace { memory in
                        let piece = rest.prefix(min(size, memory.count))
                        for (index, byte) in piece.enumerated() { memory[index] = byte }
                        rest = rest.dropFirst(piece.count)
                        return piece.count
                    }
                }
            }
        }
    }

    @Test("the rest of a long frame goes to the sink's memory, and arrives whole", arguments: [1000, 30_000, .max])
    func whole(size: Int) {
        let frame = harness.frame(.binary, long)
        harness.receive(Array(frame[..<4096]))
        #expect(readsInPlace)
        receive(Array(frame[4096...]), inPiecesOf: size)
        #expect(harness.sink.messages == [long])
        #expect(!readsInPlace)
    }

    @Test("behind a long message little is read at once, as the next may be long too; behind a short one all there is")
    func readingAhead() {
        #expect(limit == .max)
        receive(harness.frame(.binary, long), inPiecesOf: 5000)
        #expect(limit == 4096)
        harness.receive(harness.text("short"))
        #expect(limit == .max)
    }

    @Test("fragments, pings between them and what follows arrive in order")
    func fragments() {
        let wire =
            harness.frame(.binary, long, fin: false) + harness.frame(.ping, [1])
            + harness.frame(.continuation, long) + harness.text("after")
        receive(wire, inPiecesOf: 7000)
        #expect(harness.sink.messages == [long + long, Array("after".utf8)])
        #expect(harness.transport.taken == wireFrame(.pong, [1], from: .server))
    }

    @Test("text that is none ends the connection with 1007 at once (RFC 6455 §8.1)")
    func invalidText() {
        var text = long
        text[60_000] = 0xFF
        receive(harness.frame(.text, text), inPiecesOf: 50_000)
        #expect(harness.sink.messages.isEmpty)
        #expect(harness.sink.hasReceivedAll == 1)
        #expect(harness.transport.taken.starts(with: [0x88]))
        #expect(harness.transport.taken[2...3].elementsEqual([0x03, 0xEF]))
    }

    @Test("behind the peer's close frame and our answer nothing is wanted but the end (RFC 6455 §7.1.1)")
    func closed() {
        #expect(!wantsOnlyTheEnd)
        harness.receive(harness.frame(.close, [0x03, 0xE8]))
        harness.act { driver in driver.didDeliver() }
        #expect(wantsOnlyTheEnd)
    }

    private var wantsOnlyTheEnd: Bool {
        harness.act { driver in if case .nowhere = driver.readPlace { true } else { false } }
    }

    // MARK: Messages like the last one

    private let middling = [UInt8](repeating: 0x62, count: 20_000)

    @Test("behind a middling message the next input goes to memory that the sink lends, whatever it is")
    func lent() {
        harness.sink.lendsInput = true
        harness.receive(harness.frame(.binary, middling))
        #expect(readsInPlace)
        let like = harness.frame(.text, middling)
        receive(like)
        #expect(harness.sink.lent == [20_014])
        #expect(readsInPlace)
        receive(harness.text("short") + harness.frame(.ping, [7]) + harness.text("too"))
        #expect(!readsInPlace)
        let short = [Array("short".utf8), Array("too".utf8)]
        #expect(harness.sink.messages == [middling, middling] + short)
        #expect(harness.transport.taken == wireFrame(.pong, [7], from: .server))
    }

    @Test(
        "a message that comes in pieces of memory that was lent arrives whole, and the next is read as a long one's is")
    func lentInPieces() {
        harness.sink.lendsInput = true
        harness.receive(harness.frame(.binary, middling))
        receive(harness.frame(.text, middling), inPiecesOf: 9000)
        #expect(harness.sink.messages == [middling, middling])
        #expect(limit == 4096)
    }

    @Test("input that fills what was lent is followed by more, which the engine's memory takes at once")
    func filled() {
        harness.sink.lendsInput = true
        harness.receive(harness.frame(.binary, middling))
        let wire = harness.frame(.binary, middling) + harness.frame(.binary, middling)
        receive(Array(wire[..<20_014]))
        #expect(limit != nil)
        receive(Array(wire[20_014...]))
        #expect(harness.sink.messages == [middling, middling, middling])
    }

    @Test(
        "neither short nor very long messages make it lend, nor does a sink that keeps nothing",
        arguments: [100, 300_000])
    func notLent(length: Int) {
        harness.receive(harness.frame(.binary, middling))
        #expect(!readsInPlace)
        harness.sink.lendsInput = true
        receive(harness.frame(.binary, [UInt8](repeating: 1, count: length)))
        #expect(!readsInPlace)
        #expect(harness.sink.lent == [])
    }

    @Test("nothing that was read to lent memory changes nothing, and a fault in it is one")
    func lentForNothing() {
        harness.sink.lendsInput = true
        harness.receive(harness.frame(.binary, middling))
        harness.act { driver in driver.receiveInPlace { _ in 0 } }
        #expect(readsInPlace)
        receive([0xF1, 0x80, 0, 0, 0, 0])
        #expect(harness.sink.hasReceivedAll == 1)
        #expect(harness.transport.taken[2...3].elementsEqual([0x03, 0xEA]))
    }

    @Test("nothing that was read changes nothing")
    func nothing() {
        let frame = harness.frame(.binary, long)
        harness.receive(Array(frame[..<4096]))
        harness.act { driver in driver.receiveInPlace { _ in -1 } }
        receive(Array(frame[4096...]))
        #expect(harness.sink.messages == [long])
    }

    @Test("a sink that takes no more pauses reading, and later gets the rest")
    func pause() {
        harness.sink.room = 1
        receive(harness.frame(.binary, long), inPiecesOf: 50_000)
        #expect(harness.transport.isReadingPaused)
        #expect(!readsInPlace)
        harness.act { _ in harness.sink.take(1) }
        #expect(!harness.transport.isReadingPaused)
        receive(harness.frame(.binary, long), inPiecesOf: 50_000)
        #expect(harness.sink.messages.count == 2)
    }
}
