// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol
package import AlicornTransport
package import CoreMetrics
import Synchronization

/// Hands an endpoint's numbers to swift-metrics (rank 14 of what users ask for).
package final class EndpointMetrics: Sendable {
    private let factory: any MetricsFactory
    private let role: (String, String)
    private let connections: Meter
    private let messagesReceived: Counter
    private let messagesSent: Counter
    private let bytesReceived: Counter
    private let bytesSent: Counter
    private let unsentBytes: Recorder
    private let pingLatency: Timer
    /// Counters whose dimensions come up as things happen; there is a bounded number of them.
    private let counters = Mutex<[[String]: Counter]>([:])

    /// - Returns: `nil` when the factory's metrics go nowhere.
    package init?(_ role: Role, factory: any MetricsFactory) {
        guard !(factory is NOOPMetricsHandler) else { return nil }
        let dimensions = [("role", role == .server ? "server" : "client")]
        func counter(_ name: String) -> Counter {
            Counter(label: "alicorn_websocket_\(name)", dimensions: dimensions, factory: factory)
        }
        self.factory = factory
        self.role = dimensions[0]
        connections = Meter(label: "alicorn_websocket_connections", dimensions: dimensions, factory: factory)
        messagesReceived = counter("messages_received")
        messagesSent = counter("messages_sent")
        bytesReceived = counter("bytes_received")
        bytesSent = counter("bytes_sent")
        unsentBytes = Recorder(
            label: "alicorn_websocket_unsent_bytes", dimensions: dimensions, aggregate: true, factory: factory)
        pingLatency = Timer(label: "alicorn_websocket_ping_latency", dimensions: dimensions, factory: factory)
    }

    package func take(_ counts: ConnectionCounts) {
        if counts.opened > 0 { connections.increment(by: Double(counts.opened)) }
        if counts.opened < 0 { connections.decrement(by: Double(-counts.opened)) }
        if counts.messagesReceived > 0 { messagesReceived.increment(by: counts.messagesReceived) }
        if counts.messagesSent > 0 { messagesSent.increment(by: counts.messagesSent) }
        if counts.bytesReceived > 0 { bytesReceived.increment(by: counts.bytesReceived) }
        if counts.bytesSent > 0 { bytesSent.increment(by: counts.bytesSent) }
        if counts.mostUnsent > 0 { unsentBytes.record(counts.mostUnsent) }
    }

    package func didMeasure(latency: Duration) { pingLatency.recordNanoseconds(latency.clampedNanoseconds) }

    package func didEnd(_ closure: Closure) {
        count("closes", ("code", closure.code.metricsLabel), ("cause", closure.cause.label))
    }

    package func didFinishHandshake(_ outcome: HandshakeOutcome) {
        let (name, detail) =
            switch outcome {
            case .accepted: ("accepted", "101")
            case .refused(let status): ("refused", "\(status)")
            case .failed(let code): ("failed", code)
            case .cancelled: ("failed", "cancelled")
            }
        count("handshakes", ("outcome", name), ("detail", detail))
    }

    private func count(_ name: String, _ first: (String, String), _ second: (String, String)) {
        let counter = counters.withLock { counters in
            let key = [name, first.1, second.1]
            if let counter = counters[key] { return counter }
            let counter = Counter(
                label: "alicorn_websocket_\(name)", dimensions: [role, first, second], factory: factory)
            counters[key] = counter
            return counter
        }
        counter.increment()
    }
}

extension CloseCode {
    /// The code, but for those that a peer can choose freely: there must not be thousands of series.
    fileprivate var metricsLabel: String {
        switch rawValue {
        case 3000...3999: "3xxx"
        case 4000...4999: "4xxx"
        default: "\(rawValue)"
        }
    }
}
