// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornWebSocket
import EngineTesting
import Testing

@Suite("WebSocket connections of a router", .onEachEngine)
struct RequestContextTests {
    private struct Failed: Error {}

    private func serve(_ handler: @escaping Router.Handler) async throws -> ServedApplication {
        var router = Router()
        try router.webSocket("/{room}", handler: handler)
        return try await ServedApplication(router)
    }

    @Test("the connection is the library's, with the subprotocol and the fields that were chosen, and ends with 1000")
    func upgrade() async throws {
        let served = try await serve { context in
            let room: String = try context.parameters("room")
            return try await context.upgrade(
                subprotocol: context.subprotocols.last, headers: [HeaderField(name: "x-room", value: room)]
            ) { connection in
                try await connection.send("\(room) of \(context.method) \(context.path)")
                try await connection.send(connection.receive())
            }
        }
        var configuration = WebSocketClient.Configuration()
        configuration.subprotocols = ["a", "b"]
        let connection = try await WebSocketClient.open("\(served.webSocketAddress)blue", configuration: configuration)
        #expect(connection.subprotocol == "b")
        #expect(connection.response.fields.first("x-room") == "blue")
        #expect(try await connection.receive() == "blue of GET /blue")
        try await connection.send("hello")
        #expect(try await connection.receive() == "hello")
        await connection.waitUntilClosed()
        let closure = await connection.closure
        #expect(closure?.received?.code == .normalClosure)
        try await served.stop()
    }

    @Test("a handler that throws ends its connection with 1011")
    func failing() async throws {
        let served = try await serve { context in try await context.upgrade { _ in throw Failed() } }
        let connection = try await WebSocketClient.open("\(served.webSocketAddress)a")
        await connection.waitUntilClosed()
        let closure = await connection.closure
        #expect(closure?.received?.code == .internalError)
        try await served.stop()
    }

    @Test("to upgrade from another task comes to the same")
    func otherTask() async throws {
        let served = try await serve { context in
            try await Task.detached {
                try await context.upgrade { connection in try await connection.send("hello") }
            }.value
        }
        let connection = try await WebSocketClient.open("\(served.webSocketAddress)a")
        #expect(try await connection.receive() == "hello")
        try await served.stop()
    }

    @Test("any other answer denies the connection, of whatever kind its body is (A-EX-01)")
    func denial() async throws {
        let file = try TemporaryFile("of a file", format: "txt")
        let served = try await serve { context in
            switch try context.parameters("room") as String {
            case "text": return .text("who are you?", status: 401)
            case "stream":
                return try .stream(status: 403, contentType: "text/plain") { try await $0.write("in pieces") }
            default: return try await .file(file.path, for: context)
            }
        }
        for (target, status, body) in [
            ("/text", 401, "who are you?"), ("/stream", 403, "in pieces"), ("/file", 200, "of a file"),
        ] {
            let response = try await served.open(target)
            #expect(response.status == status)
            #expect(response.body.contains(body))
        }
        try await served.stop()
    }
}
