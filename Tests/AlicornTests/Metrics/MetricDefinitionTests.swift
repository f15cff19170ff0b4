// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import Metrics
import Testing

@Suite("Definitions of metrics")
struct MetricDefinitionTests {
    @Test("all that the server, the exporter and the process count has a help text")
    func server() {
        let prometheus = PrometheusMetrics()
        _ = ServerMetrics(factory: prometheus)
        let lines = prometheus.text().split(separator: "\n")
        func names(_ head: String) -> [Substring] {
            lines.filter { $0.hasPrefix(head) }.map { $0.split(separator: " ")[2] }
        }
        #expect(names("# TYPE").count > 12)
        #expect(names("# HELP") == names("# TYPE"))
    }

    @Test(
        "what the WebSocket library counts has a help text",
        arguments: [
            "connections", "messages_received", "messages_sent", "bytes_received", "bytes_sent", "unsent_bytes",
            "ping_latency", "closes", "handshakes",
        ])
    func webSocket(name: String) {
        let prometheus = PrometheusMetrics()
        Meter(label: "alicorn_websocket_\(name)", factory: prometheus).set(1)
        #expect(prometheus.lines(of: "alicorn_websocket_\(name)").first?.hasPrefix("# HELP") == true)
    }

    @Test("the application's definition of a metric takes the place of ours")
    func replaced() {
        let label = "alicorn_http_response_bytes"
        let prometheus = PrometheusMetrics(definitions: [MetricDefinition(label, help: "Mine.")])
        Counter(label: label, factory: prometheus).increment()
        #expect(prometheus.lines(of: label).first == "# HELP alicorn_http_response_bytes_total Mine.")
    }
}
