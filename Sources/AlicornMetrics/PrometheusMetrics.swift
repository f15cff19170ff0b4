// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import CoreMetrics
import Synchronization

/// Keeps the numbers that swift-metrics is given, and writes them as Prometheus reads them (P-35).
///
/// ```swift
/// let prometheus = PrometheusMetrics()
/// MetricsSystem.bootstrap(prometheus)
/// ```
///
/// Counters become counters, meters and recorders that do not aggregate become gauges, recorders that aggregate become
/// histograms, timers histograms in seconds. The same label and dimensions are the same series, whatever the dimensions'
/// order. Characters that Prometheus does not allow in names become `_`. What is destroyed is not written any more.
///
/// Bounded: a series for which there is no room, whose name and labels are longer than 1 KiB, or whose name belongs to a
/// metric of another kind, goes nowhere, and `alicorn_metrics_series_refused_total` counts it.
///
/// From any thread. To make a metric takes a lock; to increment or set one takes an atomic operation, to record a value two.
public final class PrometheusMetrics: MetricsFactory {
    private let registry: Mutex<SeriesRegistry>
    private let constantLabels: [(String, String)]
    private let definitions: [String: MetricDefinition]
    private let refusals: [SeriesRegistry.Refusal: CounterSeries]
    private let process: ProcessMetrics?

    /// Keeps nothing yet but the numbers of the process.
    ///
    /// - Parameters:
    ///   - constantLabels: labels of each series, such as the number of the worker. A dimension of the same name gives way.
    ///   - definitions: of the application's metrics; Alicorn's own are known.
    ///   - maximumSeries: how many lines there may be beside those of this object itself and the process. A histogram has
    ///     one for each bucket, and three.
    public init(
        constantLabels: [(String, String)] = [], definitions: [MetricDefinition] = [], maximumSeries: Int = 10_000
    ) {
        let definitions = Dictionary(
            (MetricDefinition.alicorn + definitions).map { ($0.label, $0) }, uniquingKeysWith: { $1 })
        var registry = SeriesRegistry(room: .max)
        /// What is made first is in nobody's way, so that `nil` is only for a constant label that is too long.
        func series<Series: MetricSeries>(
            _ kind: MetricKind, _ label: String, _ dimensions: [(String, String)], _ make: (SeriesIdentity) -> Series
        ) -> Series? {
            let identity = SeriesIdentity(kind, label: label, dimensions: dimensions, constantLabels: constantLabels)
            return try? registry.series(identity, help: definitions[label]?.help, make: make)
        }
        var refusals: [SeriesRegistry.Refusal: CounterSeries] = [:]
        for refusal in SeriesRegistry.Refusal.allCases {
            refusals[refusal] = series(
                .counter, MetricDefinition.refusedSeries.label, [("reason", refusal.rawValue)], CounterSeries.init)
        }
        process = ProcessMetrics(
            counter: { series(.counter, $0, [], CounterSeries.init) },
            gauge: { series(.gauge, $0, [], GaugeSeries.init) })
        registry.room = max(0, maximumSeries)
        self.registry = Mutex(registry)
        self.refusals = refusals
        self.constantLabels = constantLabels
        self.definitions = definitions
    }

    /// Writes all metrics, and measures the process for it. Takes about a microsecond for each line.
    ///
    /// - Parameter accept: the header of that name in the request: OpenMetrics 1.0 is for those who ask for it, the text
    ///   format 0.0.4 for all others. So the response depends on it (`Vary: Accept`).
    /// - Returns: the value of the header `Content-Type`, and the body.
    public func exposition(accept: String?) -> (contentType: String, body: [UInt8]) {
        process?.update()
        let format = ExpositionFormat(accept: accept)
        var writer = ExpositionWriter(format)
        for family in registry.withLock({ $0 }).sorted { family.write(to: &writer) }
        writer.end()
        return (format.contentType, writer.bytes)
    }

    private func series<Series: MetricSeries>(
        _ kind: MetricKind, _ label: String, _ dimensions: [(String, String)], _ make: (SeriesIdentity) -> Series
    ) -> Series? {
        let identity = SeriesIdentity(kind, label: label, dimensions: dimensions, constantLabels: constantLabels)
        let help = definitions[label]?.help
        do throws(SeriesRegistry.Refusal) {
            return try registry.withLock { registry throws(SeriesRegistry.Refusal) in
                try registry.series(identity, help: help, make: make)
            }
        } catch {
            refusals[error]?.increment(by: 1 as Int64)
            return nil
        }
    }

    private func histogram(_ kind: MetricKind, _ label: String, _ dimensions: [(String, String)]) -> HistogramSeries? {
        let buckets = definitions[label]?.buckets ?? kind.defaultBuckets
        return series(kind, label, dimensions) { HistogramSeries($0, buckets: buckets) }
    }

    private func remove(_ handler: any AnyObject) {
        if let series = handler as? any MetricSeries { registry.withLock { $0.remove(series) } }
    }
}

// MARK: - MetricsFactory

extension PrometheusMetrics {
    /// A counter.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(.counter, label, dimensions, CounterSeries.init) ?? NOOPMetricsHandler.instance
    }

    /// A counter: the same as one for integers with that label and those dimensions.
    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(.counter, label, dimensions, CounterSeries.init) ?? NOOPMetricsHandler.instance
    }

    /// A gauge.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(.gauge, label, dimensions, GaugeSeries.init) ?? NOOPMetricsHandler.instance
    }

    /// A histogram, or, without `aggregate`, a gauge that shows the last value.
    public func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        let series: (any RecorderHandler)? =
            aggregate
            ? histogram(.histogram, label, dimensions) : series(.gauge, label, dimensions, GaugeSeries.init)
        return series ?? NOOPMetricsHandler.instance
    }

    /// A histogram in seconds, with `_seconds` behind its name.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(.durations, label, dimensions) ?? NOOPMetricsHandler.instance
    }

    /// Forgets a counter, also for others that have it.
    public func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    /// Forgets a counter, also for others that have it.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
    /// Forgets a gauge, also for others that have it.
    public func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    /// Forgets a histogram or gauge, also for others that have it.
    public func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    /// Forgets a histogram, also for others that have it.
    public func destroyTimer(_ handler: any TimerHandler) { remove(handler) }
}
