// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol
import AlicornTransport
import AlicornWebSocket

/// Makes the connections of accepted handshakes: those of the library, or of NIOWebSocket's codec.
struct WebSocketSurface: Sendable {
    let configuration: ConnectionConfiguration
    let diagnosis: Diagnosis
    /// Whether applications hear of a lost connection by 1005, as from uvicorn (P-13).
    let lossIsWithoutCode: Bool
    /// What speaks WebSocket.
    let implementation: ServerSettings.Implementation

    /// The connection's driver, and while the log is at debug what writes down all that passes (U-LG-16 to U-LG-20).
    func observed(
        _ transport: any ConnectionTransport, _ make: (any ConnectionTransport) -> any ConnectionDriver
    ) -> any ConnectionDriver {
        WireLog.makeDriver(on: transport, as: .server, limits: configuration.limits, diagnosis, make)
    }

    /// A connection of NIOWebSocket's codec. On its loop.
    func makeNIOConnection(_ opening: WebSocketOpening) -> NIOWebSocketDriver {
        diagnosis.didAccept(opening.scope.head, on: opening.transport)
        return NIOWebSocketDriver(
            opening.transport, configuration, observer: diagnosis.observer(on: opening.loop))
    }

    /// On the connection's loop, in the task of the application that has accepted it.
    func makeConnection(_ opening: WebSocketOpening, _ response: ResponseHead) -> ConnectionAssembly.Parts {
        diagnosis.didAccept(opening.scope.head, on: opening.transport)
        return ConnectionAssembly.makeConnection(
            role: .server, configuration: configuration, transform: opening.transform, transport: opening.transport,
            heads: OpeningHeads(request: opening.scope.head, response: response),
            details: ConnectionDetails(isSecure: opening.scope.isSecure), diagnosis: diagnosis)
    }
}
