// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornNIO
import AlicornTransport

/// Where metrics are shown.
extension ServerParts {
    /// The application, with the metrics at their path unless they have a port of their own.
    func observed(_ application: any Application) -> any Application {
        guard let metrics, let path = settings.metrics.path, settings.metrics.port == nil else { return application }
        return MetricsApplication(metrics: metrics, path: path, siblings: worker?.siblings, application: application)
    }

    /// Does something while the metrics are shown at their port, if they have one, and to the other workers.
    func withMetricsPages(log: ConsoleLog, _ body: @Sendable () async throws -> Void) async throws {
        guard let metrics, let path = settings.metrics.path else { return try await body() }
        try await withSiblingsPage(of: metrics) {
            guard let address = settings.metrics.address else { return try await body() }
            // Who has bound the workers' port has told so.
            let sockets = try worker.map(\.metricsSockets) ?? openSockets(at: [address])
            if worker == nil { log.announceMetrics(sockets[0].endpoint, path: path) }
            let page = MetricsApplication(
                metrics: metrics, path: path, siblings: worker?.siblings, application: nil)
            try await serve(page, on: sockets, body)
        }
    }

    private func withSiblingsPage(
        of metrics: PrometheusMetrics, _ body: @Sendable () async throws -> Void
    ) async throws {
        guard let siblings = worker?.siblings else { return try await body() }
        let socket = try siblings.folder.listen(as: siblings.number)
        let page = MetricsApplication(metrics: metrics, path: SiblingMetrics.path, siblings: nil, application: nil)
        try await serve(page, on: [socket], body)
    }

    /// Serves a page for as long as `body` takes.
    private func serve(
        _ page: MetricsApplication, on sockets: [ListeningSocket], _ body: @Sendable () async throws -> Void
    ) async throws {
        var own = ServerSettings.Logging()
        own.access = false
        let quiet = ConsoleLog(own)
        let surface = WebSocketSurface(
            configuration: connection, diagnosis: makeDiagnosis(log: quiet), lossIsWithoutCode: false,
            implementation: .none)
        var configuration = ASGIConfiguration()
        configuration.defaultFields = defaultFields
        let server = ASGIServer(
            configuration, log: quiet, host: SwiftApplicationHost(page, state: [:], surface: surface))
        try await Listening(sockets: sockets, engine: .nio, threads: nil, tls: nil, troubled: { _ in })
            .run({ server.accept($0) }) { listeners in
                defer {
                    server.cut()
                    server.forgetLoops()
                }
                do { try await body() } catch {
                    for listener in listeners { try? await listener.close() }
                    throw error
                }
                for listener in listeners { try? await listener.close() }
            }
    }
}

extension ServerSettings.Metrics {
    /// Where they have a port of their own.
    var address: ServerSettings.Address? { port.map { .tcp(host: host, port: $0) } }
}

/// What a worker is among the others of its supervisor.
struct WorkerPlace: Sendable {
    let number: Int
    /// Those that accept for the metrics' own port; none without one.
    let metricsSockets: [ListeningSocket]
    /// Where the others are; `nil` when nobody counts.
    let folder: WorkerFolder?

    fileprivate var siblings: SiblingMetrics? { folder.map { SiblingMetrics(folder: $0, number: number) } }
}
