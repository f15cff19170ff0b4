// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import Metrics
import Testing

@Suite("Metrics for Prometheus (P-35)")
struct PrometheusMetricsTests {
    private let prometheus = PrometheusMetrics(definitions: [MetricDefinition("test_jobs", help: "Jobs\\tasks, \"so\n")]
    )

    @Test("a counter counts integers and fractions, and never falls")
    func counter() {
        let counter = Counter(label: "test_jobs", dimensions: [("queue", "a")], factory: prometheus)
        counter.increment()
        counter.increment(by: 41)
        counter.increment(by: -5)
        #expect(prometheus.samples("test_jobs_total{") == ["test_jobs_total{queue=\"a\"} 42"])

        let fractions = FloatingPointCounter(label: "test_jobs", dimensions: [("queue", "a")], factory: prometheus)
        for amount: Double in [0.5, -1, .nan, .infinity] { fractions.increment(by: amount) }
        #expect(prometheus.samples("test_jobs_total{") == ["test_jobs_total{queue=\"a\"} 42.5"])
        counter.reset()
        #expect(prometheus.samples("test_jobs_total{") == ["test_jobs_total{queue=\"a\"} 0"])
    }

    @Test("a counter that overflows starts again from zero, and does not trap")
    func overflow() {
        let counter = Counter(label: "test_jobs", factory: prometheus)
        for _ in 0..<2 { counter.increment(by: Int64.max) }
        #expect(prometheus.samples("test_jobs_total") == ["test_jobs_total 18446744073709551614"])
        counter.increment(by: 3)
        #expect(prometheus.samples("test_jobs_total") == ["test_jobs_total 1"])
    }

    @Test("meters and recorders that do not aggregate are gauges")
    func gauges() {
        let meter = Meter(label: "test_depth", factory: prometheus)
        meter.set(3)
        meter.increment(by: 2.5)
        meter.decrement()
        #expect(prometheus.lines(of: "test_depth") == ["# TYPE test_depth gauge", "test_depth 4.5"])

        let recorder = Recorder(label: "test_last", aggregate: false, factory: prometheus)
        let texts: [(Double, String)] = [
            (-7.0, "-7"), (0.1, "0.1"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (1e300, "1e+300"),
            (9_007_199_254_740_991, "9007199254740991"), (-0.0, "0"),
        ]
        for (value, text) in texts {
            recorder.record(value)
            #expect(prometheus.samples("test_last ") == ["test_last \(text)"])
        }
        recorder.record(12)
        #expect(prometheus.samples("test_last ") == ["test_last 12"])
    }

    @Test("the same label and dimensions are the same series, in whatever order")
    func identity() {
        for dimensions in [[("a", "1"), ("b", "2")], [("b", "2"), ("a", "1")]] {
            Counter(label: "test_jobs", dimensions: dimensions, factory: prometheus).increment()
        }
        Counter(label: "test_jobs", dimensions: [("a", "2"), ("b", "1")], factory: prometheus).increment()
        #expect(
            prometheus.samples("test_jobs_total{") == [
                "test_jobs_total{a=\"1\",b=\"2\"} 2", "test_jobs_total{a=\"2\",b=\"1\"} 1",
            ])
    }

    @Test("constant labels stand at every series, the process' too, and win")
    func constantLabels() {
        let prometheus = PrometheusMetrics(constantLabels: [("worker", "3")])
        Counter(label: "test_jobs", dimensions: [("worker", "me"), ("x", "y")], factory: prometheus).increment()
        #expect(prometheus.samples("test_jobs_total{") == ["test_jobs_total{worker=\"3\",x=\"y\"} 1"])
        let samples = prometheus.text().split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(samples.count > 2)
        #expect(samples.allSatisfy { $0.contains("worker=\"3\"") })
    }

    @Test("increments from many tasks at once give exact sums", .timeLimit(.minutes(1)))
    func concurrency() async {
        let (tasks, each) = (16, 5000)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<tasks {
                group.addTask { [prometheus] in
                    let counter = Counter(label: "test_jobs", factory: prometheus)
                    let fractions = FloatingPointCounter(label: "test_fractions", factory: prometheus)
                    let meter = Meter(label: "test_depth", factory: prometheus)
                    let timer = Timer(label: "test_time", factory: prometheus)
                    for number in 0..<each {
                        counter.increment(by: 3)
                        fractions.increment(by: 0.25)
                        meter.increment()
                        if number % 2 == 0 { meter.decrement() }
                        timer.recordNanoseconds(number % 2 == 0 ? 1_000_000 : 3_000_000)
                        if number % 500 == 0 { _ = prometheus.exposition(accept: nil) }
                    }
                }
            }
        }
        let total = tasks * each
        #expect(prometheus.samples("test_jobs_total") == ["test_jobs_total \(total * 3)"])
        #expect(prometheus.samples("test_fractions_total ") == ["test_fractions_total \(total / 4)"])
        #expect(prometheus.samples("test_depth ") == ["test_depth \(total / 2)"])
        #expect(prometheus.samples("test_time_seconds_sum") == ["test_time_seconds_sum \(total * 2 / 1000)"])
        #expect(prometheus.samples("test_time_seconds_count") == ["test_time_seconds_count \(total)"])
        let bucket = "test_time_seconds_bucket{le=\"0.001\"}"
        #expect(prometheus.samples(bucket) == ["\(bucket) \(total / 2)"])
    }

    @Test("series that are made and destroyed by many tasks at once leave none behind", .timeLimit(.minutes(1)))
    func churn() async {
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask { [prometheus] in
                    for number in 0..<200 {
                        let name = [("task", "\(task)"), ("number", "\(number)")]
                        let counter = Counter(label: "test_jobs", dimensions: name, factory: prometheus)
                        counter.increment()
                        if number % 50 == 0 { _ = prometheus.exposition(accept: nil) }
                        counter.destroy()
                    }
                }
            }
        }
        #expect(prometheus.lines(of: "test_jobs") == [])
    }
}
