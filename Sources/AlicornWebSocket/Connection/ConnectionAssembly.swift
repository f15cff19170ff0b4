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

    /// A driver and the sink that it delivers to.
    package static func makeDriver<Sink: MessageSink>(
        role: Role, configuration: ConnectionConfiguration, transform: (any MessageTransform)?,
        transport: any ConnectionTransport, makeSink: (WebSocketDriver) -> Sink
    ) -> (WebSocketDriver, Sink) {
        let core = WebSocketProtocol(
            role: role, configuration: configuration.limits, transform: transform, now: transport.loop.now,
            randomWord: randomWord)
        var sink: Sink?
        let driver = WebSocketDriver(
            core: core, transport: transport, writeTimeout: configuration.writeTimeout,
            maximumUnsent: configuration.maximumUnsentBytes
        ) { driver in
            let made = makeSink(driver)
            sink = made
            return made
        }
        guard let sink else { preconditionFailure("a driver makes its sink at once") }
        return (driver, sink)
    }

    package static func makeConnection(
        role: Role, configuration: ConnectionConfiguration, transform: (any MessageTransform)?,
        transport: any ConnectionTransport, heads: OpeningHeads, details: ConnectionDetails? = nil
    ) -> Parts {
        let (driver, queue) = makeDriver(
            role: role, configuration: configuration, transform: transform, transport: transport
        ) { MessageQueue(driver: $0, configuration: configuration) }
        return Parts(
            driver: driver, queue: queue,
            connection: WebSocketConnection(driver: driver, queue: queue, heads: heads, details: details))
    }

    /// Unpredictable bits from the system (RFC 6455 §5.3).
    private static let randomWord: @Sendable () -> UInt32 = {
        var generator = SystemRandomNumberGenerator()
        return UInt32.random(in: .min ... .max, using: &generator)
    }
}
