// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornASGI
import Foundation
import Metrics
import Testing

@Suite(
    "Prometheus' own parsers", .enabled(if: PrometheusParser.isThere, PrometheusParser.skipped), .timeLimit(.minutes(1))
)
struct PrometheusParserTests {
    @Test("both formats are read, and say the same", arguments: [nil, PrometheusMetrics.openMetrics])
    func values(accept: String?) throws {
        let prometheus = PrometheusMetrics(constantLabels: [("worker", "1")])
        let metrics = try #require(ServerMetrics(factory: prometheus))
        metrics.didBeginRequest()
        metrics.didBeginRequest()
        metrics.didAnswer(method: "GET", status: 200, duration: .milliseconds(250), bytes: 17)
        metrics.didRefuseHandshake(cause: .rateLimit)
        let value = "C:\\new \"x\"\n\r\u{e9}🦄\\n,}= "
        Counter(label: "hostile", dimensions: [("v", value)], factory: prometheus).increment(by: 7)
        for number in [Double.nan, .infinity, -.infinity, 1e-7] {
            Meter(label: "odd", dimensions: [("n", "\(number)")], factory: prometheus).set(number)
        }

        let families = try PrometheusParser.read(prometheus, accept: accept)
        func sample(_ name: String, _ labels: [String: String] = [:]) -> String? {
            families.flatMap(\.samples).first {
                $0.name == name && $0.labels == labels.merging(["worker": "1"]) { $1 }
            }?.value
        }
        #expect(sample("alicorn_http_requests_total", ["method": "GET", "status": "2xx"]) == "1.0")
        #expect(sample("alicorn_http_requests_in_flight") == "1.0")
        #expect(sample("alicorn_http_request_duration_seconds_sum") == "0.25")
        #expect(sample("alicorn_http_request_duration_seconds_bucket", ["le": "0.25"]) == "1.0")
        #expect(sample("alicorn_http_request_duration_seconds_bucket", ["le": "0.1"]) == "0.0")
        #expect(sample("alicorn_websocket_handshake_refusals_total", ["cause": "rate_limit"]) == "1.0")
        #expect(sample("hostile_total", ["v": value]) == "7.0")
        #expect(sample("odd", ["n": "nan"]) == "nan")
        #expect(sample("odd", ["n": "-inf"]) == "-inf")
        #expect(sample("odd", ["n": "1e-07"]) == "1e-07")

        let duration = try #require(families.first { $0.name == "alicorn_http_request_duration_seconds" })
        #expect(duration.type == "histogram")
        #expect(duration.unit == (accept == nil ? "" : "seconds"))
        #expect(duration.help == "From an HTTP request's head to the end of its answer, in seconds.")
        #expect(families.first { $0.name == "alicorn_http_requests" }?.type == "counter")
        #expect(families.allSatisfy { $0.type != "unknown" })
    }

    @Test(
        "names, labels and kinds of all sorts make no text that is not read",
        arguments: [nil, PrometheusMetrics.openMetrics])
    func anything(accept: String?) throws {
        let pieces = [
            "", "_total", "_count", "_sum", "_bucket", "_created", "_seconds", "_info", "a", ".", "9", "é", " ", "le",
        ]
        let values = ["", "\\", "\"", "\n", "\\n", "{}", "a,b=\"c\"", "# EOF\n", "\u{0}", "\u{2028}", "\r\n"]
        let prometheus = PrometheusMetrics()
        for (number, name) in pieces.flatMap({ first in pieces.map { first + $0 } }).enumerated() {
            let dimensions = [
                (pieces[number % pieces.count], values[number % values.count]), ("le", "x"), ("b", "\(number)"),
            ]
            // Each name with each kind, in another order each time.
            for kind in 0..<4 {
                switch (kind + number) % 4 {
                case 0: Counter(label: name, dimensions: dimensions, factory: prometheus).increment()
                case 1: Meter(label: name, dimensions: dimensions, factory: prometheus).set(-1.5)
                case 2: Recorder(label: name, dimensions: dimensions, factory: prometheus).record(3)
                default: Timer(label: name, dimensions: dimensions, factory: prometheus).recordSeconds(1)
                }
            }
        }
        let families = try PrometheusParser.read(prometheus, accept: accept)
        #expect(families.count > 50)
        #expect(families.allSatisfy { ["counter", "gauge", "histogram"].contains($0.type) && !$0.samples.isEmpty })
        let lines = prometheus.text(accept: accept).split { $0 == "\n" || $0 == "\r\n" }
        #expect(families.map(\.samples.count).reduce(0, +) == lines.count { !$0.hasPrefix("#") })
    }
}
