// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import CoreMetrics
import Synchronization

/// How values are spread: how many were not above each bound, how many there were, and their sum.
///
/// What is below zero, or no number, is not recorded: the sum has to rise. Recording takes two atomic operations.
final class HistogramSeries: MetricSeries, RecorderHandler, TimerHandler {
    let identity: SeriesIdentity
    /// Ascending, in the unit that is shown.
    private let bounds: [Double]
    /// How much of what is recorded makes one of what is shown.
    private let scale: Double
    /// One for each bound, and one for what is above them all; each without those below it.
    // SAFETY: `bounds.count + 1` of them from `init` to `deinit`; an index is a position in `bounds`, or its count.
    private nonisolated(unsafe) let counts: UnsafeMutablePointer<Atomic<UInt64>>
    /// Of what was recorded, so that whole nanoseconds are summed up exactly.
    private let sum = AtomicDouble()

    /// - Parameter buckets: the upper bounds in the unit that is shown, in any order; there is always one more at infinity.
    init(_ identity: SeriesIdentity, buckets: [Double]) {
        self.identity = identity
        bounds = Set(buckets.filter(\.isFinite)).sorted()
        scale = identity.kind == .durations ? 1e9 : 1
        counts = .allocate(capacity: bounds.count + 1)
        for index in 0...bounds.count { (counts + index).initialize(to: Atomic(0)) }
    }

    deinit {
        counts.deinitialize(count: bounds.count + 1)
        counts.deallocate()
    }

    var lineCount: Int { bounds.count + 3 }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration)) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard value >= 0, value.isFinite else { return }
        // A division and not a product of each bound: it is rounded as the bound's own digits were, so that a millisecond
        // is not above 0.001.
        counts[firstBound(notBelow: value / scale)].wrappingAdd(1, ordering: .relaxed)
        sum.add(value)
    }

    func write(to writer: inout ExpositionWriter) {
        var total: UInt64 = 0
        for index in 0...bounds.count {
            total &+= counts[index].load(ordering: .relaxed)
            writer.sample(identity, "_bucket", upTo: index < bounds.count ? bounds[index] : .infinity, "\(total)")
        }
        writer.sample(identity, "_sum", ExpositionWriter.text(sum.value / scale))
        writer.sample(identity, "_count", "\(total)")
    }

    private func firstBound(notBelow value: Double) -> Int {
        var (low, high) = (0, bounds.count)
        while low < high {
            let middle = (low + high) / 2
            if value <= bounds[middle] { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
