// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol
import AlicornTransport
import AlicornWebSocket

/// Makes the connections of accepted handshakes: those of the library, or of NIOWebSocket's codec.
///
/// One for all of them: each keeps it.
final class WebSocketSurface: Sendable {
    let configuration: ConnectionConfiguration
    let diagnosis: Diagnosis
    /// Whether applications hear of a lost connection by 1005, as from uvicorn (P-13).
    let lossIsWithoutCode: Bool
    /// What speaks WebSocket.
    let implementation: ServerSettings.Implementation

    init(
        configuration: ConnectionConfiguration, diagnosis: Diagnosis, lossIsWithoutCode: Bool,
        implementation: ServerSettings.Implementation
    ) {
        self.configuration = configuration
        self.diagnosis = diagnosis
        self.lossIsWithoutCode = lossIsWithoutCode
        self.implementation = implementation
    }

    /// The connection's driver, and while the log is at debug what writes down all that passes (U-LG-16 to U-LG-20).
    func observed(
        _ transport: any ConnectionTransport, _ make: (any ConnectionTransport) -> any ConnectionDriver
    ) -> any ConnectionDriver {
        diagnosis.observed(transport, as: .server, limits: configuration.limits, make)
    }

    /// A connection of NIOWebSocket's codec. On its loop.
    func makeNIOConnection(_ handshake: AcceptedHandshake) -> NIOWebSocketDriver {
        diagnosis.didAccept(handshake.request, on: handshake.transport)
        return NIOWebSocketDriver(
            handshake.transport, configuration, observer: diagnosis.observer(on: handshake.transport.loop))
    }

    /// On the connection's loop, in the task of the application that has accepted it.
    func makeConnection(_ handshake: AcceptedHandshake, isSecure: Bool) -> ConnectionAssembly.Parts {
        diagnosis.didAccept(handshake.request, on: handshake.transport)
        return ConnectionAssembly.makeConnection(
            role: .server, configuration: configuration, transform: handshake.transform,
            transport: handshake.transport, heads: handshake.heads, details: ConnectionDetails(isSecure: isSecure),
            diagnosis: diagnosis)
    }
}
