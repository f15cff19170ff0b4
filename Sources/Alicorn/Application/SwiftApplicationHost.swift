// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornNIO
import AlicornTransport
import AlicornWebSocket

/// Calls an application in Swift, in a task on the loop of the connection.
final class SwiftApplicationHost: ApplicationHost {
    private let application: any Application
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

    func serve(_ exchange: HTTPExchange) {
        let channel = HTTPChannel(exchange: exchange)
        exchange.runs(
            in: run(on: exchange.loop) { [self] in
                let events = EventChannel.http(channel)
                do {
                    try await application.handle(
                        .http(
                            HTTPScope(
                                request: channel.exchange.scope, state: state,
                                tls: TLSScope(channel.exchange.transport, tls))),
                        receive: Receive(channel: events), send: Send(channel: events))
                    events.applicationReturned()
                } catch {
                    events.applicationFailed(Self.report(error))
                }
            })
    }

    func serve(_ opening: WebSocketOpening) {
        let channel = WebSocketChannel(opening, surface)
        let events: EventChannel =
            surface.implementation == .nio ? .nioWebSocket(NIOWebSocketChannel(channel)) : .webSocket(channel)
        opening.runs(
            in: run(on: opening.loop) { [self] in
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

    /// Most applications never wait: they are done before this returns.
    private func run(
        on loop: ConnectionLoop, _ body: sending @escaping @isolated(any) () async -> Void
    ) -> Task<Void, Never> {
        if #available(macOS 26, iOS 26, tvOS 26, watchOS 26, visionOS 26, *) {
            Task.immediate(executorPreference: loop, operation: body)
        } else {
            Task(executorPreference: loop, operation: body)
        }
    }

    /// What the log says of an error; nothing of what is none (A-HE-06).
    private static func report(_ error: any Error) -> String? {
        let isDisconnect = error is ClientDisconnected || error.tellsOfEnd
        return isDisconnect ? nil : "\(type(of: error)): \(error)"
    }
}
