// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

@Suite("Rates of events")
struct EventRateTests {
    private static func at(_ milliseconds: Int64) -> Timestamp { Timestamp(nanoseconds: milliseconds * 1_000_000) }

    @Test("a burst passes, then one for each interval, and whoever is refused is told when to come")
    func bucket() {
        let rate = EventRate(10, burst: 3)
        var bucket = TokenBucket()
        for _ in 0..<3 { #expect(bucket.take(at: Self.at(1000), rate) == nil) }
        #expect(bucket.take(at: Self.at(1000), rate) == .milliseconds(100))
        #expect(bucket.take(at: Self.at(1040), rate) == .milliseconds(60), "to be refused costs nothing")
        #expect(bucket.take(at: Self.at(1100), rate) == nil)
        #expect(bucket.take(at: Self.at(1100), rate) == .milliseconds(100))
        #expect(bucket.take(at: Self.at(1250), rate) == nil)
        #expect(bucket.take(at: Self.at(1250), rate) == .milliseconds(50))
        for _ in 0..<3 { #expect(bucket.take(at: Self.at(9000), rate) == nil, "it is full, and no fuller") }
        #expect(bucket.take(at: Self.at(9000), rate) == .milliseconds(100))
    }

    @Test(
        "odd rates are the nearest that make sense",
        arguments: [
            (EventRate(5), 5, 200_000_000), (EventRate(0), 1, 1_000_000_000),
            (EventRate(2, per: .seconds(60)), 2, 30_000_000_000),
            (EventRate(3, per: .zero), 3, 1), (EventRate(1, burst: -1), 1, 1_000_000_000),
            (EventRate(1, per: .seconds(Int64.max)), 1, .max),
        ] as [(EventRate, Int, Int64)])
    func odd(rate: EventRate, burst: Int, interval: Int64) {
        #expect(rate.burst == burst)
        #expect(rate.interval == interval)
    }

    @Test("an endless time is no overflow")
    func endless() {
        let rate = EventRate(2, per: .seconds(Int64.max), burst: 100)
        #expect(rate.recovery == .max)
        var bucket = TokenBucket()
        for _ in 0..<10 { _ = bucket.take(at: Self.at(0), rate) }
    }
}
