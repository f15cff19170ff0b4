// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import Metrics
import Testing

@Suite("Text for Prometheus")
struct ExpositionWriterTests {
    private let prometheus: PrometheusMetrics

    init() {
        prometheus = PrometheusMetrics(definitions: [
            MetricDefinition("test_b_jobs", help: "Jobs, \"done\"\nC:\\jobs."),
            MetricDefinition("test_a_wait", help: "Waiting.", buckets: [0.5]),
        ])
        Counter(label: "test_b_jobs", dimensions: [("b", "2")], factory: prometheus).increment()
        Counter(label: "test_b_jobs", dimensions: [("a", "1"), ("b", "2")], factory: prometheus).increment(by: 2)
        Counter(label: "test_b_jobs", factory: prometheus).increment(by: 3)
        Timer(label: "test_a_wait", factory: prometheus).recordMilliseconds(250)
        Meter(label: "test_c", factory: prometheus).set(0.5)
    }

    @Test("the text format 0.0.4: sorted, a counter's suffix in its name")
    func text() {
        #expect(
            prometheus.lines(of: "test") == [
                "# HELP test_a_wait_seconds Waiting.",
                "# TYPE test_a_wait_seconds histogram",
                "test_a_wait_seconds_bucket{le=\"0.5\"} 1",
                "test_a_wait_seconds_bucket{le=\"+Inf\"} 1",
                "test_a_wait_seconds_sum 0.25",
                "test_a_wait_seconds_count 1",
                "# HELP test_b_jobs_total Jobs, \"done\"\\nC:\\\\jobs.",
                "# TYPE test_b_jobs_total counter",
                "test_b_jobs_total 3",
                "test_b_jobs_total{a=\"1\",b=\"2\"} 2",
                "test_b_jobs_total{b=\"2\"} 1",
                "# TYPE test_c gauge",
                "test_c 0.5",
            ])
    }

    @Test("OpenMetrics 1.0: units, quotes escaped in help, a counter's suffix at its samples, an end")
    func openMetrics() {
        #expect(
            prometheus.lines(of: "test", accept: PrometheusMetrics.openMetrics) == [
                "# HELP test_a_wait_seconds Waiting.",
                "# TYPE test_a_wait_seconds histogram",
                "# UNIT test_a_wait_seconds seconds",
                "test_a_wait_seconds_bucket{le=\"0.5\"} 1",
                "test_a_wait_seconds_bucket{le=\"+Inf\"} 1",
                "test_a_wait_seconds_sum 0.25",
                "test_a_wait_seconds_count 1",
                "# HELP test_b_jobs Jobs, \\\"done\\\"\\nC:\\\\jobs.",
                "# TYPE test_b_jobs counter",
                "test_b_jobs_total 3",
                "test_b_jobs_total{a=\"1\",b=\"2\"} 2",
                "test_b_jobs_total{b=\"2\"} 1",
                "# TYPE test_c gauge",
                "test_c 0.5",
            ])
        #expect(prometheus.text(accept: PrometheusMetrics.openMetrics).hasSuffix("\n# EOF\n"))
    }

    @Test("each metric has its head once, and all of its samples behind it, in the same order each time")
    func order() {
        let lines = prometheus.text().split(separator: "\n")
        let names = lines.filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ")[2] }
        #expect(names == names.sorted())
        #expect(Set(names).count == names.count)
        let again = prometheus.text().split(separator: "\n")
        #expect(lines.filter { !$0.hasPrefix("process_") } == again.filter { !$0.hasPrefix("process_") })
    }
}
