// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornASGI
import Metrics
import MetricsTestKit
import Testing

@Suite("What the server counts (P-35)")
struct ServerMetricsTests {
    private let prometheus = PrometheusMetrics()
    private let metrics: ServerMetrics

    init() throws { metrics = try #require(ServerMetrics(factory: prometheus)) }

    private func answer(_ method: String, _ status: Int, bytes: Int = 0) {
        metrics.didBeginRequest()
        metrics.didAnswer(method: method, status: status, duration: .milliseconds(2), bytes: bytes)
    }

    /// The samples of a metric that are not zero.
    private func samples(_ name: String) -> [String] {
        prometheus.samples(name).filter { !$0.hasSuffix(" 0") }.map { String($0.dropFirst(name.count)) }
    }

    private static let answers: [(method: String, status: Int, methodLabel: String, statusLabel: String)] = [
        ("GET", 200, "GET", "2xx"), ("GET", 299, "GET", "2xx"), ("POST", 302, "POST", "3xx"),
        ("DELETE", 404, "DELETE", "4xx"), ("PATCH", 503, "PATCH", "5xx"), ("CONNECT", 599, "CONNECT", "5xx"),
        ("get", 200, "other", "2xx"), ("X" + String(repeating: "Y", count: 999), 200, "other", "2xx"),
        ("", 101, "other", "other"), ("GET", 600, "GET", "other"), ("GET", 0, "GET", "other"),
        ("GET", .max, "GET", "other"), ("GET", .min, "GET", "other"),
    ]

    @Test("requests are counted by method and status class, both from closed sets", arguments: answers)
    func requests(method: String, status: Int, methodLabel: String, statusLabel: String) {
        let before = prometheus.text().count { $0 == "\n" }
        answer(method, status)
        #expect(samples("alicorn_http_requests_total") == ["{method=\"\(methodLabel)\",status=\"\(statusLabel)\"} 1"])
        #expect(prometheus.text().count { $0 == "\n" } == before)
    }

    @Test("requests are in flight until they are answered or abandoned")
    func inFlight() {
        for _ in 0..<5 { metrics.didBeginRequest() }
        #expect(samples("alicorn_http_requests_in_flight") == [" 5"])
        metrics.didAnswer(method: "GET", status: 200, duration: .milliseconds(40), bytes: 1000)
        metrics.didAnswer(method: "GET", status: 200, duration: .milliseconds(60), bytes: 24)
        metrics.didAnswer(method: "GET", status: 204, duration: .zero, bytes: 0)
        metrics.didAbandonRequest()
        #expect(samples("alicorn_http_requests_in_flight") == [" 1"])
        #expect(samples("alicorn_http_requests_abandoned_total") == [" 1"])
        #expect(samples("alicorn_http_response_bytes_total") == [" 1024"])
        #expect(samples("alicorn_http_request_duration_seconds_sum") == [" 0.1"])
        #expect(samples("alicorn_http_request_duration_seconds_count") == [" 3"])
        #expect(samples("alicorn_http_request_duration_seconds_bucket{le=\"0.05\"}") == [" 2"])
    }

    @Test("refusals are there from the start with a zero, each with its cause")
    func refusals() {
        let name = "alicorn_websocket_handshake_refusals_total"
        let causes = RefusalCause.allCases.map { "\(name){cause=\"\($0.rawValue)\"} 0" }.sorted()
        #expect(prometheus.samples("\(name){") == causes)
        for cause in RefusalCause.allCases { metrics.didRefuseHandshake(cause: cause) }
        metrics.didRefuseHandshake(cause: .forbiddenOrigin)
        #expect(samples("\(name){cause=\"forbidden_origin\"}") == [" 2"])
        #expect(samples("\(name){").count == causes.count)
    }

    @Test("limits are counted, each with its name")
    func limits() {
        for limit in ServerLimit.allCases { metrics.didHit(limit) }
        metrics.didHit(.concurrency)
        #expect(samples("alicorn_limits_hit_total{limit=\"concurrency\"}") == [" 2"])
        #expect(samples("alicorn_limits_hit_total{").count == ServerLimit.allCases.count)
    }

    @Test("the lifespan is in one state")
    func lifespan() {
        #expect(samples("alicorn_lifespan_state{") == [])
        for state in LifespanState.allCases {
            metrics.didEnter(state)
            #expect(samples("alicorn_lifespan_state") == ["{state=\"\(state.rawValue)\"} 1"])
        }
        metrics.didStart(after: .milliseconds(1500), at: .seconds(1_700_000_000))
        #expect(samples("alicorn_lifespan_startup_seconds") == [" 1.5"])
        #expect(samples("alicorn_start_time_seconds") == [" 1700000000"])
    }

    @Test("other backends get the same, with the worker as a dimension")
    func otherBackend() throws {
        let factory = TestMetrics()
        let metrics = try #require(ServerMetrics(factory: factory, worker: 2))
        metrics.didRefuseHandshake(cause: .application)
        let counter = try factory.expectCounter(
            "alicorn_websocket_handshake_refusals", [("cause", "application"), ("worker", "2")])
        #expect(counter.totalValue == 1)
    }

    @Test("nothing is made for a factory whose metrics go nowhere")
    func nowhere() {
        #expect(ServerMetrics(factory: NOOPMetricsHandler.instance) == nil)
    }

    @Test("words in labels are short and in snake case")
    func words() {
        let words =
            RefusalCause.allCases.map(\.rawValue) + ServerLimit.allCases.map(\.rawValue)
            + LifespanState.allCases.map(\.rawValue)
        for word in words {
            #expect(word.allSatisfy { ("a"..."z").contains($0) || $0 == "_" } && word.count <= 24, "\(word)")
        }
    }
}
