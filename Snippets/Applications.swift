// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

// The code of the articles about applications; scripts/check-snippets sees to it that they quote nothing else.

import Alicorn
import NIOCore

// snippet.first
func serveHello() async throws {
    var router = Router()
    try router.get("/") { _ in .text("Hello, World!") }
    try await Alicorn.main(router)
}
// snippet.end

// snippet.routes
struct User: Codable {
    var id: Int
    var name: String
}

func addUsers(to router: inout Router) throws {
    try router.get("/users/{id:int}") { context in
        let id: Int = try context.parameters("id")
        return try .json(User(id: id, name: context.query("name") ?? "nobody"))
    }
    try router.post("/users") { context in
        let user: User = try await context.body.decode()
        return try .json(user, status: 201)
    }
}
// snippet.end

// snippet.streams
func addStreams(to router: inout Router) throws {
    try router.post("/length") { context in
        var count = 0
        for try await piece in context.body { count += piece.readableBytes }
        return .text("\(count)")
    }
    try router.get("/ticks") { _ in
        try .stream(contentType: "text/event-stream") { writer in
            for number in 1... {
                try await writer.write("data: \(number)\n\n")
                try await Task.sleep(for: .seconds(1))
            }
        }
    }
}
// snippet.end

// snippet.files
func addFiles(to router: inout Router) throws {
    try router.files("/static", from: "/var/www", cachedFor: .seconds(3600))
    try router.get("/report") { context in try await .file("/var/reports/latest.pdf", for: context) }
}
// snippet.end

// snippet.middleware
func addServerTiming(to router: inout Router) {
    router.use { context, next in
        let clock = ContinuousClock()
        let start = clock.now
        var response = try await next(context)
        try response.headers.append(name: "server-timing", value: "app;dur=\((clock.now - start) / .milliseconds(1))")
        return response
    }
}
// snippet.end

// snippet.life
final class Database: Sendable {
    func close() async {}
}

func addDatabase(to router: inout Router) throws {
    router.onStart { state in state["database"] = Database() }
    router.onStop { state in await (state["database"] as? Database)?.close() }
    try router.get("/health") { context in
        context.state["database"] is Database ? .text("well\n") : .text("no database\n", status: 503)
    }
}
// snippet.end

// snippet.upgrade
func addEcho(to router: inout Router) throws {
    try router.webSocket("/echo") { context in
        guard context.headers.contains("Authorization") else { return .text("who are you?\n", status: 401) }
        return try await context.upgrade(subprotocol: context.subprotocols.first { $0 == "echo.v1" }) { connection in
            for try await message in connection { try await connection.send(message) }
        }
    }
}
// snippet.end

// snippet.events
struct Echo: Application {
    func handle(_ scope: Scope, receive: Receive, send: Send) async throws {
        guard case .webSocket(let scope) = scope else { throw UnsupportedScope(scope) }
        guard case .webSocketConnect = try await receive() else { return }
        guard scope.headers.contains("Authorization") else { return try await send(.webSocketClose()) }
        try await send(.webSocketAccept(subprotocol: scope.subprotocols.first { $0 == "echo.v1" }))
        while case .webSocketReceive(let message) = try await receive() { try await send(.webSocketSend(message)) }
    }
}
// snippet.end

// snippet.denial
func deny(_ send: Send) async throws {
    try await send(.webSocketResponseStart(status: 401))
    try await send(.webSocketResponseBody(ByteBuffer(string: "who are you?\n")))
}
// snippet.end

// snippet.goodbye
func addGoodbye(to router: inout Router, clients: Topic) {
    router.onGoodbye { _, _ in await clients.publish("the server restarts: connect again") }
}
// snippet.end

try await serveHello()
