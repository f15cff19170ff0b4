// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport
import AlicornWebSocket

/// Whom a run is about, and what connections to it say.
struct LoadTarget: Sendable {
    let uri: WebSocketURI
    let handshake: ClientHandshake.Configuration
    let limits: HTTPLimits
    /// How long one connection may take to come about.
    let openTimeout: Duration
}

extension LoadTarget {
    /// Opens a connection. On the engine's loop, and so is what it calls.
    ///
    /// - Parameters:
    ///   - opened: makes the driver of the open connection; gets when the opening began.
    ///   - failed: called at most once, and then `opened` is not.
    func open(
        on engine: any LoadEngine,
        opened:
            @escaping @Sendable (
                any ConnectionTransport, ClientHandshake.Agreement, _ begun: Timestamp
            ) -> any ConnectionDriver,
        failed: @escaping @Sendable (WebSocketError) -> Void
    ) {
        let begun = engine.loop.clock
        let deadline = begun.advanced(by: openTimeout)
        engine.dial(
            deadline: deadline, failed: { failed(WebSocketError(dialing: $0, to: uri)) },
            makeDriver: { transport in
                var generator = SystemRandomNumberGenerator()
                // The command has tried that before.
                let handshake = try! ClientHandshake(to: uri, configuration: self.handshake, using: &generator)
                let driver = ClientOpeningDriver(
                    transport: transport, handshake: handshake, limits: limits, deadline: deadline,
                    opened: { _, agreement in opened(transport, agreement, begun) },
                    failed: { failed(WebSocketError(opening: $0, to: uri)) })
                driver.start()
                return driver
            })
    }
}
