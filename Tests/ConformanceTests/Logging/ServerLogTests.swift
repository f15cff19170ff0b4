// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornWebSocket
import EngineTesting
import Logging
import Testing

@Suite("The server's log", .onEachEngine, .timeLimit(.minutes(1)))
struct ServerLogTests {
    @Test("D11, SRV-11: a normal close that ends a handler is no error, and not even news")
    func normalClose() async throws {
        let log = RecordedLog()
        let server = WebSocketServer.local(logger: log.logger) { connection in
            while true { _ = try await connection.receive() }
        }
        try await server.serving { port in
            try await WebSocketClient.connect(to: "ws://127.0.0.1:\(port)/") { try await $0.send("hello") }
        }
        #expect(log.lines.filter { $0.level >= .warning } == [])
        #expect(log.causes == [])
    }

    @Test("LOG-02: a handler that fails is one error with its cause")
    func failedHandler() async throws {
        struct Fault: Error {}
        let log = RecordedLog()
        let server = WebSocketServer.local(logger: log.logger) { _ in throw Fault() }
        try await server.serving { port in
            try await WebSocketClient.connect(to: "ws://127.0.0.1:\(port)/") { connection in
                _ = await #expect(throws: WebSocketError.self) { try await connection.receive() }
            }
        }
        let errors = log.lines.filter { $0.level >= .error }
        #expect(errors.map(\.message) == ["connection handler failed"])
        #expect(errors.first?.metadata["error"]?.contains("Fault") == true)
    }
}
