// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

// Answers requests with their body in capitals, and numbers the messages of WebSocket connections, on ASGI's own events.

import Alicorn

struct Capitals: Application {
    func handle(_ scope: Scope, receive: Receive, send: Send) async throws {
        switch scope {
        case .http: try await answer(receive, send)
        case .webSocket: try await count(receive, send)
        case .lifespan: throw UnsupportedScope(scope)
        }
    }

    private func answer(_ receive: Receive, _ send: Send) async throws {
        var headers = HeaderFields()
        try headers.append(name: "content-type", value: "text/plain; charset=utf-8")
        try await send(.httpResponseStart(status: 200, headers: headers))
        while case .httpRequest(let body, let moreBody) = try await receive() {
            try await send(.httpResponseBody(String(buffer: body).uppercased(), moreBody: moreBody))
            if !moreBody { return }
        }
    }

    private func count(_ receive: Receive, _ send: Send) async throws {
        guard case .webSocketConnect = try await receive() else { return }
        try await send(.webSocketAccept())
        var number = 0
        while case .webSocketReceive(let message) = try await receive() {
            number += 1
            try await send(.webSocketSend(.text("\(number): \(message)")))
        }
    }
}

try await Alicorn.main(Capitals())
