// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport

#if Metrics
import AlicornMetrics
#endif

/// What takes an endpoint's numbers. From any thread.
protocol ConnectionMetrics: Sendable {
    func take(_ counts: ConnectionCounts)
    func didMeasure(latency: Duration)
    func didEnd(_ closure: Closure)
    func didFinishHandshake(_ outcome: HandshakeOutcome)
}

#if Metrics
extension EndpointMetrics: ConnectionMetrics {}
#endif
