// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Histogram

/// Latencies as bars of text, each for twice the latency of the one before.
struct LatencyBars {
    /// How many took longer than the row before says and at most `upTo` nanoseconds.
    struct Row: Hashable {
        let upTo: Double
        let count: Int
    }

    let rows: [Row]

    /// The shortest bucket's end, in nanoseconds: all others are that, doubled.
    private static let first = 1_000.0

    /// - Parameter values: nanoseconds, and how often each was.
    init(_ values: some Sequence<(nanoseconds: UInt64, count: Int)>) {
        var counts: [Int: Int] = [:]
        for (nanoseconds, count) in values { counts[Self.bucket(of: nanoseconds), default: 0] += count }
        guard let low = counts.keys.min(), let high = counts.keys.max() else {
            rows = []
            return
        }
        rows = (low...high).map { Row(upTo: Self.first * Double(1 << $0), count: counts[$0, default: 0]) }
    }

    /// The bucket that a latency belongs to.
    private static func bucket(of nanoseconds: UInt64) -> Int {
        var (bucket, end) = (0, first)
        while Double(nanoseconds) > end { (bucket, end) = (bucket + 1, end * 2) }
        return bucket
    }

    /// A line for each bucket: its end, its share, and a bar that is as long as its share of the largest.
    func lines(width: Int = 50) -> [String] {
        let total = rows.reduce(0) { $0 + $1.count }
        let largest = rows.map(\.count).max() ?? 0
        return rows.map { row in
            let eighths = largest == 0 ? 0 : (row.count * width * 8 + largest - 1) / largest
            let share = Double(row.count) * 100 / Double(max(1, total))
            let label = "≤ \(Duration.seconds(row.upTo / 1e9).shown)"
            return label.padded(to: 10) + share.shown(decimals: 2).padded(to: 8) + " %  " + Self.bar(eighths)
        }
    }

    private static func bar(_ eighths: Int) -> String {
        let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        return String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
    }
}

extension LatencyBars {
    init(_ histogram: Histogram<UInt64>) {
        self.init(histogram.recordedValues().map { (nanoseconds: $0.value, count: Int($0.count)) })
    }
}
