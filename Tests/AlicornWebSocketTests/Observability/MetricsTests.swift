// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if Metrics
import AlicornProtocol
import AlicornTesting
import AlicornWebSocket
import CoreMetrics
import EngineTesting
import MetricsTestKit
import NIOCore
import Testing

@Suite("Metrics", .onEachEngine, .timeLimit(.minutes(1)))
struct MetricsTests {
    private let metrics = TestMetrics()

    /// Serves with metrics, and has stopped when this returns.
    private func serve(
        _ change: (inout WebSocketServer.Configuration) -> Void = { _ in },
        handler: @escaping WebSocketServer.Handler = RunningServer.echo, _ body: (RunningServer) async throws -> Void
    ) async throws {
        var configuration = WebSocketServer.Configuration()
        configuration.observability.metricsFactory = metrics
        change(&configuration)
        let running = try await RunningServer(configuration, handler: handler)
        try await body(running)
        try await running.stop()
    }

    private func total(_ name: String, _ dimensions: [String: String] = [:]) -> Int64 {
        metrics.counters(label: "alicorn_websocket_\(name)").filter { counter in
            let found = Dictionary(uniqueKeysWithValues: counter.dimensions)
            return dimensions.allSatisfy { found[$0] == $1 }
        }.map(\.totalValue).reduce(0, +)
    }

    @Test("nothing is lost when the server stops: messages, bytes, connections, handshakes, close codes")
    func sums() async throws {
        try await serve { running in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        var configuration = WebSocketClient.Configuration()
                        configuration.deflate = nil
                        configuration.observability.metricsFactory = metrics
                        try await WebSocketClient.connect(to: running.address, configuration: configuration) {
                            connection in
                            for _ in 0..<100 {
                                try await connection.send("hello")
                                _ = try await connection.receive()
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        for role in ["server", "client"] {
            #expect(total("messages_received", ["role": role]) == 1000)
            #expect(total("messages_sent", ["role": role]) == 1000)
            // Each frame has two bytes of header, a client's four more of key; the close frames come on top.
            #expect(total("bytes_received", ["role": role]) == (role == "server" ? 11_080 : 7040))
            #expect(total("bytes_sent", ["role": role]) == (role == "client" ? 11_080 : 7040))
            #expect(total("handshakes", ["role": role, "outcome": "accepted", "detail": "101"]) == 10)
            let cause = role == "server" ? "closed_by_peer" : "closed_locally"
            #expect(total("closes", ["role": role, "code": "1000", "cause": cause]) == 10)
        }
    }

    @Test("open connections are counted while they are open")
    func open() async throws {
        func isOpen(_ count: Double) -> Bool {
            metrics.meters(label: "alicorn_websocket_connections").compactMap(\.lastValue) == [count]
        }
        let (changes, change) = AsyncStream.makeStream(of: Void.self)
        try await serve {
            $0.observability.metricsFactory = WatchedMeters(factory: metrics) { change.yield() }
        } _: { running in
            let client = try await WebSocketClient.open(running.address)
            // Sums are handed over within a second.
            for await _ in changes where isOpen(1) { break }
            #expect(isOpen(1))
            try await client.close()
        }
        #expect(isOpen(0))
    }

    /// Tells when a meter has changed.
    private struct WatchedMeters: MetricsFactory {
        let factory: TestMetrics
        let changed: @Sendable () -> Void

        func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
            Watched(meter: factory.makeMeter(label: label, dimensions: dimensions), changed: changed)
        }

        func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
            factory.makeCounter(label: label, dimensions: dimensions)
        }

        func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
            factory.makeRecorder(label: label, dimensions: dimensions, aggregate: aggregate)
        }

        func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
            factory.makeTimer(label: label, dimensions: dimensions)
        }

        func destroyCounter(_ handler: any CounterHandler) { factory.destroyCounter(handler) }
        func destroyRecorder(_ handler: any RecorderHandler) { factory.destroyRecorder(handler) }
        func destroyTimer(_ handler: any TimerHandler) { factory.destroyTimer(handler) }
        func destroyMeter(_ handler: any MeterHandler) {
            (handler as? Watched).map { factory.destroyMeter($0.meter) }
        }

        private final class Watched: MeterHandler {
            let meter: any MeterHandler
            private let changed: @Sendable () -> Void

            init(meter: any MeterHandler, changed: @escaping @Sendable () -> Void) {
                self.meter = meter
                self.changed = changed
            }

            func set(_ value: Int64) { tell { meter.set(value) } }
            func set(_ value: Double) { tell { meter.set(value) } }
            func increment(by amount: Double) { tell { meter.increment(by: amount) } }
            func decrement(by amount: Double) { tell { meter.decrement(by: amount) } }

            private func tell(_ change: () -> Void) {
                change()
                changed()
            }
        }
    }

    @Test("handshakes are told apart by outcome, the client's too")
    func handshakes() async throws {
        try await serve {
            $0.origins = Origins([try! OriginPattern("https://example.com")], check: .whenSent)
        } _: { running in
            var configuration = WebSocketClient.Configuration()
            configuration.origin = "https://example.org"
            configuration.observability.metricsFactory = metrics
            await #expect(throws: WebSocketError.self) {
                try await WebSocketClient.connect(to: running.address, configuration: configuration) { _ in }
            }
        }
        #expect(total("handshakes", ["role": "server", "outcome": "refused", "detail": "403"]) == 1)
        #expect(total("handshakes", ["role": "client", "outcome": "failed", "detail": "handshakeFailed"]) == 1)
        #expect(total("handshakes") == 2)
    }

    @Test("pings are timed, and codes that a peer chooses freely make no series of their own")
    func pings() async throws {
        try await serve(handler: { connection in
            _ = try await connection.ping()
            for try await _ in connection {}
        }) { running in
            let client = try await WebSocketClient.open(running.address)
            _ = try await client.ping()
            try await client.close(4321)
        }
        let timer = metrics.timers(label: "alicorn_websocket_ping_latency").first
        #expect(timer?.values.count == 1)
        #expect(timer?.values.first.map { $0 > 0 && $0 < 10_000_000_000 } == true)
        #expect(total("closes", ["code": "4xxx", "cause": "closed_by_peer"]) == 1)
    }

    @Test("what a peer leaves unsent is recorded")
    func unsent() async throws {
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        try await serve {
            $0.connection.writeTimeout = .milliseconds(100)
        } handler: { connection in
            defer { end.finish() }
            connection.post(.binary(ByteBuffer(repeating: 1, count: 16 << 20)))
            for try await _ in connection {}
        } _: { running in
            let peer = try await running.openScripted(receiveBuffer: 4096)
            // It reads nothing until the server has had enough.
            for await _ in ends {}
            try await peer.receiveEnd()
        }
        let most = metrics.recorders(label: "alicorn_websocket_unsent_bytes").flatMap(\.values).max()
        #expect(most.map { $0 > 1_000_000 } == true)
        #expect(total("closes", ["cause": "write_timeout", "code": "1006"]) == 1)
    }
}
#endif
