// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport

extension WebSocketConnection {
    /// Sends a ping and waits for its pong.
    ///
    /// At most 64 pings of a connection may wait for their pongs.
    ///
    /// - Parameters:
    ///   - payload: at most 125 bytes; four random ones if `nil`.
    ///   - timeout: how long to wait. The connection goes on when it is over.
    /// - Returns: the round trip's time.
    /// - Throws: ``WebSocketError`` with ``WebSocketError/Code/timedOut`` or ``WebSocketError/Code/closed``;
    ///   `CancellationError` when the task is cancelled while it waits, which ends only the wait.
    public func ping(_ payload: [UInt8]? = nil, timeout: Duration = .seconds(20)) async throws -> Duration {
        guard driver.isOnLoop else {
            return try await withTaskExecutorPreference(loop) { try await self.pingOnLoop(payload, timeout) }
        }
        let id: PingID
        do throws(ProtocolMisuse) { id = try driver.ping(payload) } catch {
            throw WebSocketError(error, closure: driver.closure)
        }
        switch await wait({ queue.waitForPong(to: id, within: timeout, $0, $1) }) {
        case .done: return driver.latency ?? .zero
        case .cancelled: throw CancellationError()
        case .timedOut: throw WebSocketError(.timedOut, "the peer did not answer a ping within \(timeout)")
        case .closed: throw await closedError()
        }
    }

    @concurrent
    private func pingOnLoop(_ payload: [UInt8]?, _ timeout: Duration) async throws -> Duration {
        try await ping(payload, timeout: timeout)
    }

    /// Sends a pong that answers no ping.
    ///
    /// - Parameter payload: at most 125 bytes.
    public func pong(_ payload: [UInt8] = []) async throws {
        try await onLoop { try $0.driver.pong(payload) }
    }
}
