// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import Metrics
import Testing

@Suite("Names and labels of series")
struct SeriesIdentityTests {
    @Test(
        "a name keeps to Prometheus' grammar",
        arguments: [
            ("plain_name:of9", "plain_name:of9"), ("http.server.requests", "http_server_requests"),
            ("9lives", "_9lives"),
            ("", "_"), ("größe", "gr__e"), ("a b\n# TYPE c", "a_b___TYPE_c"), ("🦄", "_"), ("a{b=\"c\"}", "a_b__c__"),
        ])
    func name(label: String, name: String) {
        let prometheus = PrometheusMetrics()
        Meter(label: label, factory: prometheus).set(1)
        #expect(prometheus.samples("\(name) ") == ["\(name) 1"])
    }

    @Test(
        "a counter's name ends in _total, once",
        arguments: [("jobs", "jobs_total"), ("jobs_total", "jobs_total"), ("_total", "_total_total")])
    func total(label: String, name: String) {
        let prometheus = PrometheusMetrics()
        Counter(label: label, factory: prometheus).increment()
        #expect(prometheus.lines(of: name) == ["# TYPE \(name) counter", "\(name) 1"])
    }

    @Test("a timer's name ends in _seconds, once", arguments: ["wait", "wait_seconds"])
    func seconds(label: String) {
        let prometheus = PrometheusMetrics()
        Timer(label: label, factory: prometheus).recordSeconds(2)
        #expect(prometheus.samples("wait_seconds_sum") == ["wait_seconds_sum 2"])
    }

    private static let labelSets: [(dimensions: [(String, String)], labels: String)] = [
        ([("b", "2"), ("a", "1")], "{a=\"1\",b=\"2\"}"),
        ([], ""),
        ([("http.method", "GET"), ("1st", "x"), ("a:b", "y")], "{_1st=\"x\",a_b=\"y\",http_method=\"GET\"}"),
        ([("v", "a\\b\"c\nd")], "{v=\"a\\\\b\\\"c\\nd\"}"),
        ([("v", "\u{e9}🦄\r\u{0}\t")], "{v=\"\u{e9}🦄\r\u{0}\t\"}"),
        // A line end that is one character with what stands before it.
        ([("v", "a\r\nb")], "{v=\"a\r\\nb\"}"),
        // For Prometheus an empty label is none.
        ([("v", ""), ("w", "x")], "{w=\"x\"}"),
        ([("", "x")], "{_=\"x\"}"),
        // Two that become the same name.
        ([("a.b", "2"), ("a-b", "1")], "{a_b=\"1;2\"}"),
        ([("a", "2"), ("a", "1")], "{a=\"1;2\"}"),
        // What Prometheus keeps for itself.
        ([("le", "1"), ("__name__", "x")], "{label___name__=\"x\",label_le=\"1\"}"),
    ]

    @Test("labels are sorted, sanitised and escaped; one for each name", arguments: labelSets)
    func labels(dimensions: [(String, String)], labels: String) {
        let prometheus = PrometheusMetrics()
        Meter(label: "test", dimensions: dimensions, factory: prometheus).set(1)
        let samples = prometheus.samples("test")
        #expect(samples == ["test\(labels) 1"])
    }
}
