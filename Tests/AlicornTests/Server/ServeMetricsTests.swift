// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import EngineTesting
import Testing

@Suite(
    "Metrics of alicorn APP, as a process", .enabled(if: PrometheusParser.isThere, PrometheusParser.skipped),
    .timeLimit(.minutes(1)))
struct ServeMetricsTests {
    @Test("a scrape is read by Prometheus' own parser, and tells what has happened (P-35)")
    func scrape() async throws {
        let server = try await ServingCommand.start("--metrics-path", "/metrics")
        #expect(try await RawAnswer.to(RawAnswer.get(), port: server.port).status == 200)
        #expect(try await RawAnswer.to(RawAnswer.get("/nowhere"), port: server.port).status == 404)
        let refused = ScriptedPeer.openingRequest(fields: ["Sec-WebSocket-Key: again"])
        #expect(try await RawAnswer.to(refused, port: server.port).status == 400)

        let answer = try await RawAnswer.to(RawAnswer.get("/metrics"), port: server.port)
        #expect(answer.lines.contains("content-type: text/plain; version=0.0.4; charset=utf-8"))
        let samples = try PrometheusParser.read(Array(answer.body.utf8), "text/plain").flatMap(\.samples)
        func value(_ name: String, _ labels: [String: String] = [:]) -> String? {
            samples.first { $0.name == name && $0.labels == labels }?.value
        }
        #expect(value("alicorn_http_requests_total", ["method": "GET", "status": "2xx"]) == "1.0")
        #expect(value("alicorn_http_requests_total", ["method": "GET", "status": "4xx"]) == "1.0")
        #expect(value("alicorn_http_requests_in_flight") == "1.0", "the scrape itself")
        #expect(value("alicorn_websocket_handshake_refusals_total", ["cause": "key"]) == "1.0")
        #expect(await server.stop().end == .exited(0))
    }

    @Test(
        "whichever worker is asked shows what all have counted, each series with its worker (P-35)",
        arguments: [["--metrics-path", "/metrics"], ["--metrics-port", "0"]])
    func workers(options: [String]) async throws {
        let server = try await ServingCommand.start(
            RunningCommand(["hello", "--port", "0", "--workers", "2"] + options))
        // The port of their own, if they have one, is told of behind that of the application.
        let line =
            options[0] == "--metrics-port" ? try await server.command.complaintLine(containing: "Metrics at") : ""
        let port = line.firstMatch(of: /:(\d+)\/metrics$/).flatMap { Int($0.1) } ?? server.port
        for accept in ["text/plain", "application/openmetrics-text"] {
            var counted: [String: Double] = [:]
            // One that has not begun yet counts nothing.
            while counted.count < 2 {
                for _ in 0..<20 { #expect(try await RawAnswer.to(RawAnswer.get(), port: server.port).status == 200) }
                let answer = try await RawAnswer.to(RawAnswer.get("/metrics", "Accept: \(accept)"), port: port)
                let samples = try PrometheusParser.read(Array(answer.body.utf8), accept).flatMap(\.samples)
                #expect(
                    Set(
                        samples.map { [$0.name] + $0.labels.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] } }
                    ).count == samples.count)
                for sample in samples where sample.name == "alicorn_http_requests_total" {
                    guard sample.labels["status"] == "2xx", let value = Double(sample.value), value > 0 else {
                        continue
                    }
                    counted[try #require(sample.labels["worker"])] = value
                }
            }
            #expect(Set(counted.keys) == ["0", "1"])
        }
        #expect(await server.stop().end == .exited(0))
    }

    @Test("metrics with a port of their own are not among the application's pages (P-35)")
    func ownPort() async throws {
        let server = try await ServingCommand.start("--metrics-path", "/metrics", "--metrics-port", "0")
        let line = try #require(server.startUp.first { $0.contains("Metrics at ") })
        let port = try #require(line.firstMatch(of: /http:\/\/127\.0\.0\.1:(\d+)\/metrics$/).flatMap { Int($0.1) })
        #expect(try await RawAnswer.to(RawAnswer.get("/metrics"), port: server.port).status == 404)
        let answer = try await RawAnswer.to(RawAnswer.get("/metrics"), port: port)
        #expect(try !PrometheusParser.read(Array(answer.body.utf8), "text/plain").isEmpty)
        #expect(await server.stop().end == .exited(0))
    }
}
