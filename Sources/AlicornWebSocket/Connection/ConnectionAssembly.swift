// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol
package import AlicornTransport

/// Puts a connection's parts together, once its handshake is done.
package enum ConnectionAssembly {
    /// A connection with what stands behind it. Driver and queue are the loop's.
    package struct Parts {
        package let driver: WebSocketDriver
        package let queue: MessageQueue
        package let connection: WebSocketConnection
    }

    package static func makeDriver(
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

    package static func makeConnection(
        role: Role, configuration: ConnectionConfiguration, transform: (any MessageTransform)?,
        transport: any ConnectionTransport, opening: WebSocketConnection.Opening
    ) -> Parts {
        let queue = MessageQueue(limit: configuration.receiveQueueLimit)
        let driver = makeDriver(
            role: role, configuration: configuration, transform: transform, transport: transport, sink: queue)
        queue.driver = driver
        return Parts(
            driver: driver, queue: queue,
            connection: WebSocketConnection(driver: driver, queue: queue, opening: opening))
    }

    /// Unpredictable bits from the system (RFC 6455 §5.3).
    private static let randomWord: @Sendable () -> UInt32 = {
        var generator = SystemRandomNumberGenerator()
        return UInt32.random(in: .min ... .max, using: &generator)
    }
}
