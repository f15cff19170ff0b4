// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import Metrics
import Testing

@Suite("Histograms")
struct HistogramSeriesTests {
    @Test("values are counted up to each bound, that included, and above")
    func buckets() {
        let prometheus = PrometheusMetrics(
            definitions: [
                MetricDefinition("test_size", help: "Sizes.", buckets: [10, 1, 2.5, .infinity, 1, .nan, 1_000_000])
            ])
        let recorder = Recorder(label: "test_size", dimensions: [("a", "b")], factory: prometheus)
        for value in [0, 1, 1.5, 2.5, 10, 10.5, 1e7] { recorder.record(value) }
        for value: Double in [-1, .nan, .infinity, -.infinity] { recorder.record(value) }
        recorder.record(3)
        #expect(
            prometheus.lines(of: "test_size") == [
                "# HELP test_size Sizes.",
                "# TYPE test_size histogram",
                "test_size_bucket{a=\"b\",le=\"1.0\"} 2",
                "test_size_bucket{a=\"b\",le=\"2.5\"} 4",
                "test_size_bucket{a=\"b\",le=\"10.0\"} 6",
                "test_size_bucket{a=\"b\",le=\"1e+06\"} 7",
                "test_size_bucket{a=\"b\",le=\"+Inf\"} 8",
                "test_size_sum{a=\"b\"} 10000028.5",
                "test_size_count{a=\"b\"} 8",
            ])
    }

    @Test("a timer's bounds go from 100 µs to a minute, and what takes as long as a bound is not above it")
    func timer() {
        let prometheus = PrometheusMetrics()
        let timer = Timer(label: "test_time", factory: prometheus)
        let bounds: [Int64] = [
            100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000,
            250_000_000, 500_000_000, 1_000_000_000, 2_500_000_000, 5_000_000_000, 10_000_000_000, 30_000_000_000,
            60_000_000_000,
        ]
        for bound in bounds { timer.recordNanoseconds(bound) }
        timer.recordNanoseconds(-1)
        timer.recordNanoseconds(.max)
        let texts = [
            "0.0001", "0.00025", "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5",
            "1.0", "2.5", "5.0", "10.0", "30.0", "60.0", "+Inf",
        ]
        #expect(
            prometheus.samples("test_time_seconds_bucket")
                == texts.enumerated().map { "test_time_seconds_bucket{le=\"\($1)\"} \($0 + 1)" })
    }

    @Test("a recorder's bounds go by factors of 4 up to 2^30, in the digits that OpenMetrics wants")
    func recorder() {
        let prometheus = PrometheusMetrics()
        Recorder(label: "test_size", factory: prometheus).record(5)
        let bounds = prometheus.samples("test_size_bucket").map { $0.split(separator: "\"")[1] }
        #expect(
            bounds == [
                "1.0", "4.0", "16.0", "64.0", "256.0", "1024.0", "4096.0", "16384.0", "65536.0", "262144.0",
                "1.048576e+06", "4.194304e+06", "1.6777216e+07", "6.7108864e+07", "2.68435456e+08", "1.073741824e+09",
                "+Inf",
            ])
    }

    @Test("a histogram without bounds still has a count and a sum")
    func none() {
        let prometheus = PrometheusMetrics(definitions: [MetricDefinition("test_size", help: "x", buckets: [])])
        Recorder(label: "test_size", factory: prometheus).record(5)
        #expect(
            prometheus.samples("test_size_") == [
                "test_size_bucket{le=\"+Inf\"} 1", "test_size_sum 5", "test_size_count 1",
            ])
    }
}
