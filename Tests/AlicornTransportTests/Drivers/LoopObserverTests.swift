// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornTransport
import Synchronization
import Testing

@Suite("What is counted of connections")
struct LoopObserverTests {
    /// Keeps what it is told.
    private final class NotingEndpoint: EndpointObserver {
        private struct Notes {
            var counts: [ConnectionCounts] = []
            var closures: [Closure] = []
            var latencies: [Duration] = []
            var idle = 0
        }

        let takesCounts: Bool
        private let notes = Mutex(Notes())

        init(takesCounts: Bool = true) { self.takesCounts = takesCounts }

        var counts: [ConnectionCounts] { notes.withLock { $0.counts } }
        var closures: [Closure] { notes.withLock { $0.closures } }
        var latencies: [Duration] { notes.withLock { $0.latencies } }
        /// How often it was told that nothing is open any more.
        var idle: Int { notes.withLock { $0.idle } }

        func take(_ counts: ConnectionCounts) { notes.withLock { $0.counts.append(counts) } }
        func isIdle(_ observer: LoopObserver) { notes.withLock { $0.idle += 1 } }
        func didMeasure(latency: Duration) { notes.withLock { $0.latencies.append(latency) } }
        func didEnd(_ transport: any ConnectionTransport, _ closure: Closure) {
            notes.withLock { $0.closures.append(closure) }
        }
    }

    private static func counts(_ change: (inout ConnectionCounts) -> Void) -> ConnectionCounts {
        var counts = ConnectionCounts()
        change(&counts)
        return counts
    }

    @Test("sums are handed over a second after something has happened, and not while nothing does")
    func delay() throws {
        let endpoint = NotingEndpoint()
        let harness = WebSocketHarness(observedBy: endpoint) { $0.pingInterval = nil }
        harness.advance(0.9)
        #expect(endpoint.counts == [])
        harness.advance(0.2)
        #expect(endpoint.counts == [Self.counts { $0.opened = 1 }])
        harness.advance(1000)
        for _ in 0..<3 { harness.receive(harness.text("hello"), harness.text("you")) }
        try harness.send([1, 2, 3])
        harness.advance(1.1)
        harness.advance(1000)
        let expected = Self.counts {
            ($0.messagesReceived, $0.bytesReceived, $0.messagesSent, $0.bytesSent) = (6, 3 * (11 + 9), 1, 5)
        }
        #expect(endpoint.counts.dropFirst() == [expected])
    }

    @Test("a message counts once, in however many pieces and frames it comes or goes, shared or not")
    func messages() throws {
        let endpoint = NotingEndpoint()
        let harness = WebSocketHarness(observedBy: endpoint) { $0.pingInterval = nil }
        harness.receive(harness.frame(.text, [0x61], fin: false), harness.frame(.continuation, [0x62]))
        for byte in harness.text("cut") { harness.receive([byte]) }
        try harness.act { driver throws in
            try driver.beginMessage(.text, compression: .never)
            try driver.sendFragment([0x61].span, endsMessage: false)
            try driver.sendFragment([0x62].span, endsMessage: true)
            let shared = SharedMessage(OwnedBytes([0x61]), as: .binary, compression: .automatic)
            let frame = shared.frame
            try driver.send(shared, frame.span)
            try driver.send([UInt8](repeating: 0, count: 10_000).span, as: .binary, compression: .never)
        }
        harness.advance(2)
        #expect(endpoint.counts.map(\.messagesReceived) == [2])
        #expect(endpoint.counts.map(\.messagesSent) == [3])
        #expect(endpoint.counts.map(\.bytesSent) == [harness.transport.taken.count])
    }

    @Test("the end of the last connection hands over at once, and each end is told")
    func end() {
        let endpoint = NotingEndpoint()
        let harness = WebSocketHarness(observedBy: endpoint)
        harness.receive(harness.close(.normalClosure))
        harness.receiveEOF()
        #expect(endpoint.closures.map(\.cause) == [.closedByPeer])
        #expect(endpoint.counts.map(\.opened).reduce(0, +) == 0)
        #expect(endpoint.idle == 1)
        #expect(endpoint.counts.map(\.bytesReceived).reduce(0, +) == 8)
        #expect(endpoint.counts.map(\.bytesSent).reduce(0, +) == 4)
    }

    @Test("the most that is unsent, and a pong's round trip, are told")
    func unsentAndLatency() throws {
        let endpoint = NotingEndpoint()
        let harness = WebSocketHarness(observedBy: endpoint) { $0.pingInterval = nil }
        _ = try harness.act { driver throws in try driver.ping([7]) }
        harness.advance(0.25)
        harness.receive(harness.frame(.pong, [7]), harness.frame(.pong, [7]))
        #expect(endpoint.latencies == [.milliseconds(250)])
        harness.transport.appetite = 0
        try harness.send([UInt8](repeating: 0, count: 100_000))
        harness.advance(2)
        #expect(endpoint.counts.map(\.mostUnsent).max() == 100_010)
    }

    @Test("an endpoint that takes no counts still hears of ends, and no alarm is set for it")
    func noCounts() {
        let endpoint = NotingEndpoint(takesCounts: false)
        let harness = WebSocketHarness(observedBy: endpoint) { $0.pingInterval = nil }
        harness.receive(harness.text("hello"))
        harness.advance(5)
        harness.receiveEOF()
        #expect(endpoint.counts == [])
        #expect(endpoint.closures.map(\.cause) == [.connectionLost])
    }
}
