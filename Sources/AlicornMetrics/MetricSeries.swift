// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import CoreMetrics
import Synchronization

/// The numbers of one metric with one set of labels. Changed and read from any thread.
protocol MetricSeries: AnyObject, Sendable {
    var identity: SeriesIdentity { get }
    /// How many lines it is written in: time series, in Prometheus' words.
    var lineCount: Int { get }
    func write(to writer: inout ExpositionWriter)
}

/// A sum that only rises: what is below zero, or no number, is not added.
final class CounterSeries: MetricSeries, CounterHandler, FloatingPointCounterHandler {
    let identity: SeriesIdentity
    let lineCount = 1
    /// Apart, so that what counts in integers is exact and takes one atomic operation. It starts again from zero where it
    /// would overflow, which a reader takes for a restart.
    private let whole = Atomic<UInt64>(0)
    private let fractional = AtomicDouble()

    init(_ identity: SeriesIdentity) { self.identity = identity }

    func increment(by amount: Int64) {
        if amount > 0 { whole.wrappingAdd(UInt64(amount), ordering: .relaxed) }
    }

    func increment(by amount: Double) {
        if amount > 0, amount.isFinite { fractional.add(amount) }
    }

    func reset() {
        whole.store(0, ordering: .relaxed)
        fractional.set(0)
    }

    /// For what somebody else sums up.
    func set(_ total: Double) { fractional.set(total) }

    func write(to writer: inout ExpositionWriter) {
        let (whole, fractional) = (whole.load(ordering: .relaxed), fractional.value)
        writer.sample(
            identity, "_total", fractional == 0 ? "\(whole)" : ExpositionWriter.text(Double(whole) + fractional))
    }
}

/// A number that goes up and down.
final class GaugeSeries: MetricSeries, MeterHandler, RecorderHandler {
    let identity: SeriesIdentity
    let lineCount = 1
    private let number = AtomicDouble()

    init(_ identity: SeriesIdentity) { self.identity = identity }

    func set(_ value: Int64) { number.set(Double(value)) }
    func set(_ value: Double) { number.set(value) }
    func increment(by amount: Double) { number.add(amount) }
    func decrement(by amount: Double) { number.add(-amount) }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }

    func write(to writer: inout ExpositionWriter) {
        writer.sample(identity, "", ExpositionWriter.text(number.value))
    }
}
