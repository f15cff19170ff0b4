// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What an application does with its connections.
struct ServerApplication: Sendable {
    /// Who serves open connections.
    enum Handlers: Sendable {
        case tasks(WebSocketServer.Handler)
        case callbacks(WebSocketServer.HandlerFactory)
    }

    /// Who is asked first, for every request.
    enum Responder: Sendable {
        case nobody
        case immediate(WebSocketServer.ImmediateResponder)
        case inTask(WebSocketServer.Responder)
    }

    /// Where a request goes that nobody has answered.
    enum Destination: Sendable {
        case handlers(Handlers)
        case routes(Routes)
    }

    let destination: Destination
    let responder: Responder
}
