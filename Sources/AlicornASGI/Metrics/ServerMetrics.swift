// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
package import CoreMetrics

/// The states of an application's lifespan.
package enum LifespanState: String, Sendable, Hashable, CaseIterable {
    case starting
    case running
    /// The application has no lifespan, and runs.
    case unsupported
    case stopping
    case stopped
    /// Starting or stopping has failed.
    case failed
}

/// What the application server counts, for any backend of swift-metrics (P-35).
///
/// All metrics are made once, so that each is there from the start with a zero, and no request makes one: their labels come
/// from closed sets. From any thread; a call costs a few atomic operations with ``PrometheusMetrics``.
package final class ServerMetrics: ServerEvents {
    /// By method and, within one, by status class.
    private let requests: [Counter]
    private let abandonedRequests: Counter
    private let requestsInFlight: Meter
    private let requestDuration: Timer
    private let responseBytes: Counter
    private let refusals: [RefusalCause: Counter]
    private let limits: [ServerLimit: Counter]
    private let lifespan: [LifespanState: Meter]
    private let startupTime: Meter
    private let startTime: Meter

    /// The last of each is for all others. The first is what comes most.
    private static let methods = [
        "GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "other",
    ]
    private static let statusClasses = ["2xx", "3xx", "4xx", "5xx", "other"]

    /// Makes the metrics.
    ///
    /// - Parameter worker: the worker's number, a label of all; for factories that have none of their own.
    /// - Returns: `nil` when the factory's metrics go nowhere.
    package init?(factory: any MetricsFactory, worker: Int? = nil) {
        guard !(factory is NOOPMetricsHandler) else { return nil }
        let common = worker.map { [("worker", "\($0)")] } ?? []
        func counter(_ name: String, _ dimensions: [(String, String)] = []) -> Counter {
            Counter(label: "alicorn_\(name)", dimensions: dimensions + common, factory: factory)
        }
        func meter(_ name: String, _ dimensions: [(String, String)] = []) -> Meter {
            Meter(label: "alicorn_\(name)", dimensions: dimensions + common, factory: factory)
        }
        func each<Value: CaseIterable & Hashable & RawRepresentable<String>, Metric>(
            _ make: (String) -> Metric
        ) -> [Value: Metric] {
            Dictionary(uniqueKeysWithValues: Value.allCases.map { ($0, make($0.rawValue)) })
        }
        requests = Self.methods.flatMap { method in
            Self.statusClasses.map { counter("http_requests", [("method", method), ("status", $0)]) }
        }
        abandonedRequests = counter("http_requests_abandoned")
        requestsInFlight = meter("http_requests_in_flight")
        requestDuration = Timer(label: "alicorn_http_request_duration", dimensions: common, factory: factory)
        responseBytes = counter("http_response_bytes")
        refusals = each { counter("websocket_handshake_refusals", [("cause", $0)]) }
        limits = each { counter("limits_hit", [("limit", $0)]) }
        lifespan = each { meter("lifespan_state", [("state", $0)]) }
        startupTime = meter("lifespan_startup_seconds")
        startTime = meter("start_time_seconds")
    }
}

// MARK: - HTTP

extension ServerMetrics {
    /// A request's head has come. ``didAnswer(method:status:duration:bytes:)`` or ``didAbandonRequest()`` follows, once.
    package func didBeginRequest() { requestsInFlight.increment() }

    /// A request's answer is whole.
    ///
    /// - Parameters:
    ///   - method: as sent; those that are not in RFC 9110 or RFC 5789 count together.
    ///   - duration: from the request's head.
    ///   - bytes: of the answer's body.
    package func didAnswer(method: String, status: Int, duration: Duration, bytes: Int) {
        requestsInFlight.decrement()
        let method = Self.methods.firstIndex(of: method) ?? Self.methods.count - 1
        let statusClass = (200...599).contains(status) ? status / 100 - 2 : Self.statusClasses.count - 1
        requests[method * Self.statusClasses.count + statusClass].increment()
        requestDuration.recordNanoseconds(duration.clampedNanoseconds)
        if bytes > 0 { responseBytes.increment(by: bytes) }
    }

    /// A request ended without a whole answer: its client is gone, or the connection was cut.
    package func didAbandonRequest() {
        requestsInFlight.decrement()
        abandonedRequests.increment()
    }

    /// A limit was hit.
    package func didHit(_ limit: ServerLimit) { limits[limit]?.increment() }
}

// MARK: - WebSocket

extension ServerMetrics {
    /// A handshake was refused.
    package func didRefuseHandshake(cause: RefusalCause) { refusals[cause]?.increment() }
}

// MARK: - Lifespan

extension ServerMetrics {
    /// The application's lifespan has come to a state.
    package func didEnter(_ state: LifespanState) {
        for (each, meter) in lifespan { meter.set(each == state ? 1 : 0) }
    }

    /// The application has started, and the server serves.
    ///
    /// - Parameters:
    ///   - duration: how long the application took.
    ///   - time: now, since the Unix epoch.
    package func didStart(after duration: Duration, at time: Duration) {
        startupTime.set(duration / .seconds(1))
        startTime.set(time / .seconds(1))
    }
}
