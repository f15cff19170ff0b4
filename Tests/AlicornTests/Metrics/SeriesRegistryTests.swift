// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import Metrics
import Testing

@Suite("Bounds on series, and their conflicts")
struct SeriesRegistryTests {
    private func refused(_ reason: String, by prometheus: PrometheusMetrics) -> String? {
        let name = "alicorn_metrics_series_refused_total{reason=\"\(reason)\"} "
        return prometheus.samples(name).first.map { String($0.dropFirst(name.count)) }
    }

    @Test("a hostile label makes no more series than the limit, and what was dropped is counted")
    func limit() {
        let prometheus = PrometheusMetrics(maximumSeries: 100)
        for number in 0..<1000 {
            Counter(label: "test_jobs", dimensions: [("user", "\(number)")], factory: prometheus).increment()
        }
        #expect(prometheus.samples("test_jobs_total{").count == 100)
        #expect(refused("limit", by: prometheus) == "900")
        // Those that are there go on.
        Counter(label: "test_jobs", dimensions: [("user", "0")], factory: prometheus).increment()
        #expect(prometheus.samples("test_jobs_total{user=\"0\"}") == ["test_jobs_total{user=\"0\"} 2"])
        #expect(refused("limit", by: prometheus) == "900")
    }

    @Test("a histogram takes as much of the limit as it has lines, and is written whole or not at all")
    func histograms() {
        let prometheus = PrometheusMetrics(
            definitions: [MetricDefinition("test_size", help: "x", buckets: [1, 2])], maximumSeries: 9)
        for user in ["a", "b"] {
            let recorder = Recorder(label: "test_size", dimensions: [("user", user)], factory: prometheus)
            recorder.record(1)
        }
        #expect(prometheus.samples("test_size_").count == 5)
        #expect(refused("limit", by: prometheus) == "1")
        for number in 0..<5 { Meter(label: "test_\(number)", factory: prometheus).set(1) }
        #expect(refused("limit", by: prometheus) == "2")
    }

    @Test("a limit of zero or below leaves the process' numbers and the count", arguments: [0, -1, .min])
    func nothing(maximum: Int) {
        let prometheus = PrometheusMetrics(maximumSeries: maximum)
        Counter(label: "test_jobs", factory: prometheus).increment()
        Timer(label: "test_time", factory: prometheus).recordSeconds(1)
        #expect(prometheus.lines(of: "test") == [])
        #expect(refused("limit", by: prometheus) == "2")
    }

    @Test("names and labels longer than 1 KiB together are refused")
    func size() {
        let prometheus = PrometheusMetrics()
        // name, v=""
        for length in [1024 - 4 - 4, 1024 - 4 - 3] {
            let value = String(repeating: "x", count: length)
            Meter(label: "test", dimensions: [("v", value)], factory: prometheus).set(1)
        }
        #expect(prometheus.samples("test{").map(\.utf8.count) == [1024 + 4])
        Meter(label: String(repeating: "t", count: 1 << 20), factory: prometheus).set(1)
        #expect(refused("limit", by: prometheus) == "2")
    }

    /// Makes a metric of each kind.
    private static let kinds: [(name: String, make: @Sendable (String, PrometheusMetrics) -> Void)] = [
        ("counter", { Counter(label: $0, factory: $1).increment() }),
        ("gauge", { Meter(label: $0, factory: $1).set(1) }),
        ("histogram", { Recorder(label: $0, factory: $1).record(1) }),
        ("timer", { Timer(label: $0, factory: $1).recordSeconds(1) }),
    ]

    @Test(
        "the second of two metrics whose samples would have a name in common is refused",
        arguments: [
            ("counter", "test", "gauge", "test"), ("gauge", "test", "histogram", "test"),
            ("counter", "test", "gauge", "test_total"), ("gauge", "test_total", "counter", "test"),
            ("histogram", "test", "gauge", "test_count"), ("gauge", "test_bucket", "histogram", "test"),
            ("timer", "test", "histogram", "test_seconds"), ("histogram", "test_seconds", "timer", "test"),
            ("timer", "test", "gauge", "test_seconds_sum"), ("counter", "a.b", "gauge", "a-b"),
            ("counter", "test", "gauge", "test_created"),
        ])
    func conflict(first: String, firstLabel: String, second: String, secondLabel: String) throws {
        let prometheus = PrometheusMetrics()
        func make(_ kind: String, _ label: String) throws {
            try #require(Self.kinds.first { $0.name == kind }).make(label, prometheus)
        }
        try make(first, firstLabel)
        let alone = prometheus.lines(of: "test")
        try make(second, secondLabel)
        #expect(refused("conflict", by: prometheus) == "1")
        #expect(prometheus.lines(of: "test") == alone)
        try make(first, firstLabel)
        #expect(refused("conflict", by: prometheus) == "1")
    }

    @Test("a name that belongs to the process is not to be had for something else")
    func reserved() {
        let prometheus = PrometheusMetrics()
        Counter(label: "alicorn_metrics_series_refused_total", factory: prometheus).increment()
        Timer(label: "alicorn_metrics_series_refused", factory: prometheus).recordSeconds(1)
        Meter(label: "alicorn_metrics_series_refused", factory: prometheus).set(1)
        #expect(refused("conflict", by: prometheus) == "1")
        #if os(Linux)
        Counter(label: "process_open_fds", factory: prometheus).increment()
        #expect(refused("conflict", by: prometheus) == "2")
        #endif
    }

    @Test("what is destroyed is written no more, makes room, and leaves its name to others")
    func destroying() {
        let prometheus = PrometheusMetrics(maximumSeries: 20)
        for number in 0..<100 {
            let counter = Counter(label: "test", dimensions: [("number", "\(number)")], factory: prometheus)
            counter.increment()
            counter.destroy()
        }
        let timer = Timer(label: "other", factory: prometheus)
        timer.destroy()
        #expect(prometheus.lines(of: "test") == [])
        let meter = Meter(label: "test", factory: prometheus)
        meter.set(1)
        #expect(prometheus.lines(of: "test") == ["# TYPE test gauge", "test 1"])
        meter.destroy()
        meter.destroy()
        // What is made anew is not destroyed by who has the old one.
        Meter(label: "test", factory: prometheus).set(2)
        meter.destroy()
        #expect(prometheus.samples("test ") == ["test 2"])
        #expect(refused("conflict", by: prometheus) == "0")
        // The timer, which does not fit.
        #expect(refused("limit", by: prometheus) == "1")
    }
}
