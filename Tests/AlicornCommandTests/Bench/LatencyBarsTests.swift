// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornCommand

@Suite("Latencies as bars of text")
struct LatencyBarsTests {
    private func bars(_ values: (UInt64, Int)...) -> LatencyBars {
        LatencyBars(values.map { (nanoseconds: $0.0, count: $0.1) })
    }

    @Test("each bucket is twice the one before, and its end belongs to it")
    func buckets() {
        let bars = bars((0, 1), (1_000, 1), (1_001, 1), (2_000, 1), (2_001, 1), (9_000, 5))
        #expect(
            bars.rows == [
                .init(upTo: 1_000, count: 2), .init(upTo: 2_000, count: 2), .init(upTo: 4_000, count: 1),
                .init(upTo: 8_000, count: 0), .init(upTo: 16_000, count: 5),
            ])
    }

    @Test("it begins with the first bucket that has anything, and ends with the last")
    func ends() {
        #expect(bars((3_000_000, 1)).rows == [.init(upTo: 4_096_000, count: 1)])
        #expect(bars().rows.isEmpty)
        #expect(bars().lines().isEmpty)
        #expect(bars((3_600_000_000_000, 1)).rows.count == 1)
    }

    @Test("bars are as long as their share of the largest, and nothing but nothing is without one")
    func lines() {
        let lines = bars((1_000, 800), (2_000, 400), (4_000, 0), (8_000, 1)).lines(width: 8)
        #expect(
            lines == [
                "    ≤ 1 µs   66.61 %  ████████", "    ≤ 2 µs   33.31 %  ████", "    ≤ 4 µs    0.00 %  ",
                "    ≤ 8 µs    0.08 %  ▏",
            ])
    }

    @Test("numbers have commas", arguments: [(0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567")])
    func numbers(number: Int, text: String) { #expect(number.shown == text) }
}
