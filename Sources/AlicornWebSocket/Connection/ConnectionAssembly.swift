// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport

/// Puts a connection's parts together, once its handshake is done.
enum ConnectionAssembly {
    static func makeDriver(
        role: Role, configuration: ConnectionConfiguration, transform: (any MessageTransform)?,
        transport: any ConnectionTransport, sink: any MessageSink
    ) -> WebSocketDriver {
        let core = WebSocketProtocol(
            role: role, configuration: configuration.limits, transform: transform, now: transport.loop.now,
            randomWord: randomWord)
        return WebSocketDriver(
            core: core, transport: transport, sink: sink, writeTimeout: configuration.writeTimeout,
            maximumUnsent: configuration.maximumUnsentBytes)
    }

    static func makeConnection(
        role: Role, configuration: ConnectionConfiguration, transform: (any MessageTransform)?,
        transport: any ConnectionTransport, opening: WebSocketConnection.Opening
    ) -> (driver: WebSocketDriver, queue: MessageQueue, connection: WebSocketConnection) {
        let queue = MessageQueue(limit: configuration.receiveQueueLimit)
        let driver = makeDriver(
            role: role, configuration: configuration, transform: transform, transport: transport, sink: queue)
        queue.driver = driver
        return (driver, queue, WebSocketConnection(driver: driver, queue: queue, opening: opening))
    }

    /// Unpredictable bits from the system (RFC 6455 §5.3).
    private static let randomWord: @Sendable () -> UInt32 = {
        var generator = SystemRandomNumberGenerator()
        return UInt32.random(in: .min ... .max, using: &generator)
    }
}
