// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornNIO
import AlicornTransport
import AlicornWebSocket

/// Calls an application in Swift, in tasks on the loops of the connections.
final class SwiftApplicationHost: ApplicationHost {
    let application: any Application
    private let state: ApplicationState
    private let surface: WebSocketSurface
    /// How connections are encrypted; `nil` for plain ones.
    private let tls: ServerTLS?

    init(_ application: any Application, state: ApplicationState, surface: WebSocketSurface, tls: ServerTLS? = nil) {
        self.application = application
        self.state = state
        self.surface = surface
        self.tls = tls
    }

    func makeLoop(_ loop: ConnectionLoop) -> any ApplicationLoop { SwiftApplicationLoop(self, on: loop) }

    /// What the application is told of a request.
    func scope(of exchange: HTTPExchange) -> Scope {
        .http(HTTPScope(request: exchange.scope, state: state, tls: TLSScope(exchange.transport, tls)))
    }

    fileprivate func serve(_ opening: WebSocketOpening, on loop: ConnectionLoop) {
        let channel = WebSocketChannel(opening, surface)
        let events: EventChannel =
            surface.implementation == .nio ? .nioWebSocket(NIOWebSocketChannel(channel)) : .webSocket(channel)
        opening.runs(
            in: loop.begin { [self] in
                channel.begin()
                do {
                    try await application.handle(
                        .webSocket(
                            WebSocketScope(
                                request: channel.opening.scope, channel: channel, state: state,
                                tls: TLSScope(channel.opening.transport, tls))),
                        receive: Receive(channel: events), send: Send(channel: events))
                    events.applicationReturned()
                } catch {
                    events.applicationFailed(Self.report(error))
                }
            })
    }

    /// What the log says of an error; nothing of what is none (A-HE-06).
    static func report(_ error: any Error) -> String? {
        let isDisconnect = error is ClientDisconnected || error.tellsOfEnd
        return isDisconnect ? nil : "\(type(of: error)): \(error)"
    }
}

/// Its part on one loop.
private final class SwiftApplicationLoop: ApplicationLoop {
    private let host: SwiftApplicationHost
    private let loop: ConnectionLoop
    private let tasks: RequestTasks

    init(_ host: SwiftApplicationHost, on loop: ConnectionLoop) {
        self.host = host
        self.loop = loop
        tasks = RequestTasks(for: host, on: loop)
    }

    func serve(_ exchange: HTTPExchange) { tasks.answer(exchange) }

    func serve(_ opening: WebSocketOpening) { host.serve(opening, on: loop) }

    func leave() { tasks.end() }
}
