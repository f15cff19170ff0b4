// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornProtocol
import NIOCore

/// `alicorn hello`: a text, a JSON object, and echoes over HTTP and WebSocket; what benchmarks ask for.
struct HelloApplication: Application {
    func handle(_ scope: Scope, receive: Receive, send: Send) async throws {
        switch scope {
        case .http(let scope): try await answer(scope, receive, send)
        case .webSocket: try await echoMessages(receive, send)
        case .lifespan: try await live(receive, send)
        }
    }

    @inline(never)
    private func answer(_ scope: HTTPScope, _ receive: Receive, _ send: Send) async throws {
        switch (scope.method, scope.path) {
        case ("GET", "/"), ("HEAD", "/"):
            try await send(.httpResponseStart(status: 200, headers: Self.textFields))
            try await send(.httpResponseBody(Self.text))
        case ("GET", "/json"), ("HEAD", "/json"):
            try await send(.httpResponseStart(status: 200, headers: Self.jsonFields))
            try await send(.httpResponseBody(Self.json))
        case ("POST", "/echo"): try await echoBody(scope, receive, send)
        case (_, "/"), (_, "/json"), (_, "/echo"): try await send(text: "Method Not Allowed", status: 405)
        default: try await send(text: "Not Found", status: 404)
        }
    }

    /// Sends the body back as it comes.
    private func echoBody(_ scope: HTTPScope, _ receive: Receive, _ send: Send) async throws {
        var fields = HeaderFields()
        for name in ["content-type", "content-length"] {
            if let value = scope.headers.first(name) { try fields.append(name: name, value: value) }
        }
        try await send(.httpResponseStart(status: 200, headers: fields))
        while case .httpRequest(let body, let moreBody) = try await receive() {
            try await send(.httpResponseBody(body, moreBody: moreBody))
            if !moreBody { return }
        }
    }

    /// In a frame of its own, which idle connections hold.
    @inline(never)
    private func echoMessages(_ receive: Receive, _ send: Send) async throws {
        guard case .webSocketConnect = try await receive() else { return }
        try await send(.webSocketAccept())
        while case .webSocketReceive(let message) = try await receive() {
            try await send(.webSocketSend(message))
        }
    }

    @inline(never)
    private func live(_ receive: Receive, _ send: Send) async throws {
        _ = try await receive()
        try await send(.lifespanStartupComplete())
        _ = try await receive()
        try await send(.lifespanShutdownComplete)
    }

    // MARK: - What is sent again and again

    private static let text = ByteBuffer(string: "Hello, World!")
    private static let textFields = fields("text/plain; charset=utf-8", text)
    private static let json = ByteBuffer(string: #"{"message":"Hello, World!"}"#)
    private static let jsonFields = fields("application/json", json)

    private static func fields(_ contentType: String, _ body: ByteBuffer) -> HeaderFields {
        var fields = HeaderFields()
        try? fields.append(name: "content-type", value: contentType)
        try? fields.append(name: "content-length", value: "\(body.readableBytes)")
        return fields
    }
}

extension Send {
    /// A whole answer with a short text.
    fileprivate func callAsFunction(text: String, status: Int) async throws {
        var fields = HeaderFields()
        try fields.append(name: "content-type", value: "text/plain; charset=utf-8")
        try fields.append(name: "content-length", value: "\(text.utf8.count)")
        try await self(.httpResponseStart(status: status, headers: fields))
        try await self(.httpResponseBody(text))
    }
}
