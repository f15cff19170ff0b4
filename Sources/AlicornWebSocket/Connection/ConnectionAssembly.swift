// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol
package import AlicornTransport
package import Logging

/// Puts a connection's parts together, once its handshake is done.
package enum ConnectionAssembly {
    /// A connection with what stands behind it. Driver and queue are the loop's.
    package struct Parts {
        package let driver: WebSocketDriver
        package let queue: MessageQueue
        package let connection: WebSocketConnection
    }

    /// A driver and the sink that it delivers to.
    static func makeDriver<Sink: MessageSink>(
        role: Role, configuration: ConnectionConfiguration, transform: (any MessageTransform)?,
        transport: any ConnectionTransport, diagnosis: Diagnosis? = nil, makeSink: (WebSocketDriver) -> Sink
    ) -> (WebSocketDriver, Sink) {
        let core = WebSocketProtocol(
            role: role, configuration: configuration.limits, transform: transform, now: transport.loop.now,
            randomWord: WebSocketProtocol.systemRandomWord)
        var sink: Sink?
        let driver = WebSocketDriver(
            core: core, transport: transport, writeTimeout: configuration.writeTimeout,
            maximumUnsent: configuration.maximumUnsentBytes, observer: diagnosis?.observer(on: transport.loop)
        ) { driver in
            let made = makeSink(driver)
            sink = made
            return made
        }
        guard let sink else { preconditionFailure("a driver makes its sink at once") }
        return (driver, sink)
    }

    /// A connection that its endpoint's `diagnosis` tells of.
    package static func makeConnection(
        role: Role, configuration: ConnectionConfiguration, transform: (any MessageTransform)?,
        transport: any ConnectionTransport, heads: OpeningHeads, details: ConnectionDetails? = nil,
        diagnosis: Diagnosis? = nil
    ) -> Parts {
        let (driver, queue) = makeDriver(
            role: role, configuration: configuration, transform: transform, transport: transport, diagnosis: diagnosis
        ) { MessageQueue(driver: $0, configuration: configuration) }
        return Parts(
            driver: driver, queue: queue,
            connection: WebSocketConnection(driver: driver, queue: queue, heads: heads, details: details))
    }

    /// The same, of which nothing is told but to a log.
    package static func makeConnection(
        role: Role, configuration: ConnectionConfiguration, transform: (any MessageTransform)?,
        transport: any ConnectionTransport, heads: OpeningHeads, logger: Logger
    ) -> Parts {
        makeConnection(
            role: role, configuration: configuration, transform: transform, transport: transport, heads: heads,
            diagnosis: Diagnosis(logger: logger))
    }
}
