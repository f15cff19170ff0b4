// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport

/// What takes an endpoint's numbers. From any thread.
protocol ConnectionMetrics: Sendable {
    func take(_ counts: ConnectionCounts)
    func didMeasure(latency: Duration)
    func didEnd(_ closure: Closure)
    func didFinishHandshake(_ outcome: HandshakeOutcome)
}

/// What an opening handshake came to.
enum HandshakeOutcome: Sendable, Hashable {
    case accepted
    /// A server refused, with a status.
    case refused(status: Int)
    /// A client did not get a connection.
    case failed(WebSocketError.Code)
    /// A client gave up waiting for it.
    case cancelled
}
