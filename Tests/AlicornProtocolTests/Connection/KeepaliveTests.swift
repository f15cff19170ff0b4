// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

/// The KA and CTL rows. Times in seconds.
struct KeepaliveTests {
    static func make(interval: Duration? = .seconds(20), timeout: Duration? = .seconds(15)) -> Keepalive {
        Keepalive(interval: interval, timeout: timeout, now: .seconds(0))
    }

    /// Handles the deadline, which must have come, as the connection does, and expects that it does not come again.
    static func tick(_ keepalive: inout Keepalive, payload: [UInt8] = [1]) -> String {
        guard let deadline = keepalive.nextDeadline else { return "never" }
        let action = keepalive.handleTimeout(now: deadline)
        switch action {
        case .fail: return "fail at \(deadline.seconds)"
        case .sendPing: _ = try? keepalive.sent(payload, at: deadline, isKeepalive: true)
        case .none: break
        }
        if let next = keepalive.nextDeadline, next <= deadline { return "spins at \(deadline.seconds)" }
        if case .sendPing = action { return "ping at \(deadline.seconds)" }
        return "nothing at \(deadline.seconds)"
    }

    @Test("KA-03: a ping goes out each interval while pongs come")
    func pingsEachInterval() {
        var keepalive = Self.make()
        for round in 1...5 {
            #expect(Self.tick(&keepalive) == "ping at \(Double(round) * 20)")
            keepalive.received(at: .seconds(Double(round) * 20 + 1))
            keepalive.receivedPong([1], at: .seconds(Double(round) * 20 + 1))
            #expect(keepalive.latency == 1_000_000_000)
        }
    }

    @Test("nothing is due before its time")
    func isNotEarly() {
        var keepalive = Self.make()
        #expect(keepalive.handleTimeout(now: .seconds(19.9)) == .none)
        _ = Self.tick(&keepalive)
        #expect(keepalive.handleTimeout(now: .seconds(34.9)) == .none)
    }

    @Test("KA-04: silence for the timeout after a ping fails")
    func fails() {
        var keepalive = Self.make()
        #expect(Self.tick(&keepalive) == "ping at 20.0")
        #expect(Self.tick(&keepalive) == "fail at 35.0")
    }

    @Test("KA-03: a pong later than the next interval is followed by a ping at once")
    func pingsLate() {
        var keepalive = Self.make(timeout: .seconds(60))
        #expect(Self.tick(&keepalive) == "ping at 20.0")
        keepalive.receivedPong([1], at: .seconds(50))
        #expect(keepalive.nextDeadline == .seconds(40))
        #expect(keepalive.handleTimeout(now: .seconds(50)) == .sendPing)
        #expect(keepalive.nextDeadline == .seconds(70))
    }

    @Test("KA-05: without a timeout pings go out each interval, and nothing fails")
    func pingsWithoutWaiting() {
        var keepalive = Self.make(timeout: nil)
        for round in 1...200 { #expect(Self.tick(&keepalive) == "ping at \(Double(round) * 20)") }
    }

    @Test("KA-06: without an interval nothing is ever due", arguments: [nil, .zero, .seconds(-1)] as [Duration?])
    func staysQuiet(interval: Duration?) {
        var keepalive = Self.make(interval: interval)
        #expect(keepalive.nextDeadline == nil)
        #expect(keepalive.handleTimeout(now: .seconds(1e6)) == .none)
        keepalive.resume(at: .seconds(1))
        #expect(keepalive.nextDeadline == nil)
    }

    @Test("a timeout of nothing fails at once, and does not spin", arguments: [0, -1])
    func failsAtOnce(timeout: Double) throws {
        var keepalive = Self.make(timeout: .seconds(timeout))
        #expect(keepalive.handleTimeout(now: .seconds(20)) == .sendPing)
        _ = try keepalive.sent([1], at: .seconds(20), isKeepalive: true)
        #expect(keepalive.handleTimeout(now: .seconds(20)) == .fail(silence: .seconds(20)))
    }

    @Test("D6: whatever arrives is a sign of life, also without a pong")
    func countsBytes() {
        var keepalive = Self.make()
        #expect(Self.tick(&keepalive) == "ping at 20.0")
        keepalive.received(at: .seconds(30))
        #expect(Self.tick(&keepalive) == "fail at 45.0")
    }

    @Test("D6: silence while we do not read is not counted; after that the whole timeout runs")
    func suspends() {
        var keepalive = Self.make()
        #expect(Self.tick(&keepalive) == "ping at 20.0")
        keepalive.suspend()
        #expect(Self.tick(&keepalive) == "nothing at 40.0")
        #expect(Self.tick(&keepalive) == "nothing at 60.0")
        keepalive.resume(at: .seconds(70))
        #expect(Self.tick(&keepalive) == "fail at 85.0")
    }

    @Test("reading again without having paused is no sign of life")
    func resumesNothing() {
        var keepalive = Self.make()
        #expect(Self.tick(&keepalive) == "ping at 20.0")
        keepalive.resume(at: .seconds(30))
        #expect(Self.tick(&keepalive) == "fail at 35.0")
    }

    @Test("while we do not read, a ping that is due still goes out")
    func pingsWhileSuspended() {
        var keepalive = Self.make()
        keepalive.suspend()
        #expect(Self.tick(&keepalive) == "ping at 20.0")
        #expect(Self.tick(&keepalive) == "nothing at 40.0")
    }

    @Test("CTL-03: a pong answers its ping and all before it; one that matches none means nothing")
    func matchesPongs() throws {
        var keepalive = Self.make(interval: nil)
        let ids = try (1...4).map { try keepalive.sent([$0], at: .seconds(Double($0)), isKeepalive: false) }
        #expect(ids == ids.sorted() && Set(ids).count == 4)
        keepalive.receivedPong([9], at: .seconds(5))
        #expect(keepalive.lastAnswered == nil && keepalive.latency == nil)
        keepalive.receivedPong([3], at: .seconds(5))
        #expect(keepalive.lastAnswered == ids[2] && keepalive.latency == 2_000_000_000)
        keepalive.receivedPong([1], at: .seconds(6))
        #expect(keepalive.lastAnswered == ids[2])
        keepalive.receivedPong([4], at: .seconds(6))
        #expect(keepalive.lastAnswered == ids[3])
    }

    @Test("CTL-02: two pings with one payload do not wait at the same time")
    func refusesDuplicates() throws {
        var keepalive = Self.make(interval: nil)
        _ = try keepalive.sent([1], at: .seconds(0), isKeepalive: false)
        #expect(throws: ProtocolMisuse.duplicatePing) { try keepalive.sent([1], at: .seconds(0), isKeepalive: false) }
        keepalive.receivedPong([1], at: .seconds(1))
        _ = try keepalive.sent([1], at: .seconds(2), isKeepalive: false)
    }

    @Test("the application's pings are bounded; they do not keep the keepalive ping from being sent")
    func boundsPings() throws {
        var keepalive = Self.make()
        for index in 0..<Keepalive.maximumPending {
            _ = try keepalive.sent([2, UInt8(index)], at: .seconds(0), isKeepalive: false)
        }
        #expect(throws: ProtocolMisuse.tooManyPings(limit: 64)) {
            try keepalive.sent([3], at: .seconds(0), isKeepalive: false)
        }
        #expect(Self.tick(&keepalive) == "ping at 20.0")
        #expect(Self.tick(&keepalive) == "fail at 35.0")
    }

    @Test("the application's pings are not waited for")
    func ignoresOtherPings() throws {
        var keepalive = Self.make()
        _ = try keepalive.sent([2], at: .seconds(0), isKeepalive: false)
        #expect(keepalive.nextDeadline == .seconds(20))
    }

    @Test("a clock that goes backwards gives no negative latency")
    func survivesClock() throws {
        var keepalive = Self.make(interval: nil)
        _ = try keepalive.sent([1], at: .seconds(5), isKeepalive: false)
        keepalive.receivedPong([1], at: .seconds(4))
        #expect(keepalive.latency == 0)
    }

    @Test("a measured latency is given out once, and only for a pong that answers a ping")
    func givesLatencyOnce() throws {
        var keepalive = Self.make()
        keepalive.receivedPong([9], at: .seconds(1))
        #expect(keepalive.takeLatency() == nil)
        _ = try keepalive.sent([1], at: .seconds(1), isKeepalive: false)
        keepalive.receivedPong([1], at: .seconds(3))
        #expect(keepalive.takeLatency() == 2_000_000_000)
        #expect(keepalive.takeLatency() == nil)
    }

    @Test("keepalive's own pings are told from the application's, until they are answered")
    func tellsOwnPings() throws {
        var keepalive = Self.make()
        _ = try keepalive.sent([1], at: .seconds(0), isKeepalive: false)
        _ = try keepalive.sent([2], at: .seconds(0), isKeepalive: true)
        #expect(!keepalive.awaits(keepalivePayload: [1]))
        #expect(keepalive.awaits(keepalivePayload: [2]))
        keepalive.receivedPong([2], at: .seconds(1))
        #expect(!keepalive.awaits(keepalivePayload: [2]))
    }
}
