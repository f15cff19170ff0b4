// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import AlicornWebSocket
import Logging
import Testing

@Suite("A server for the length of a test", .timeLimit(.minutes(1)))
struct TestServerTests {
    private struct Fault: Error {}

    @Test("it listens on a port of its own while the closure runs, and has stopped behind it")
    func scope() async throws {
        let port = try await withTestServer(handler: { try await $0.send("hello") }) { server in
            try await WebSocketClient.connect(to: server.address(of: "/room")) { connection in
                let greeting = try await connection.receive()
                #expect(greeting == "hello")
                #expect(connection.request.target == "/room")
            }
            return server.port
        }
        let error = await #expect(throws: WebSocketError.self) {
            try await WebSocketClient.connect(to: "ws://127.0.0.1:\(port)/") { _ in }
        }
        #expect(error?.code == .connectionFailed)
    }

    @Test("the server is the one it was given: its configuration, its answers over plain HTTP, its callbacks")
    func ownServer() async throws {
        var configuration = WebSocketServer.Configuration()
        configuration.subprotocols = try Subprotocols(["chat"])
        let server = WebSocketServer(
            host: "192.0.2.1", port: 80, configuration: configuration, logger: .silent,
            respond: { $0.target == "/health" ? .text("well") : nil }, callbacks: { _ in Greeter() })
        try await withTestServer(server) { server in
            let peer = try await ScriptedPeer.connect(port: server.port)
            try await peer.send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await peer.receiveHead().hasPrefix("HTTP/1.1 200 OK\r\n"))
            var client = WebSocketClient.Configuration()
            client.subprotocols = ["chat"]
            try await WebSocketClient.connect(to: server.address, configuration: client) { connection in
                let greeting = try await connection.receive()
                #expect(greeting == "chat")
            }
        }
    }

    @Test("a handler that throws fails the test, whatever the client made of it")
    func handlerFailure() async throws {
        let failure = await #expect(throws: TestServer.Failure.self) {
            try await withTestServer(handler: { _ in throw Fault() }) { server in
                try await WebSocketClient.connect(to: server.address) { _ = try await $0.receive() }
            }
        }
        #expect(failure?.messages.count == 1)
        #expect(failure?.description.contains("Fault") == true)
        #expect((failure?.underlying as? WebSocketError)?.closure?.received?.code == .internalError)
    }

    @Test("a responder that throws fails the test")
    func responderFailure() async throws {
        let respond: WebSocketServer.Responder = { _ in throw Fault() }
        let server = WebSocketServer(host: "127.0.0.1", port: 0, logger: .silent, respond: respond) { _ in }
        let failure = await #expect(throws: TestServer.Failure.self) {
            try await withTestServer(server) { server in
                let peer = try await ScriptedPeer.connect(port: server.port)
                try await peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await peer.receiveHead().hasPrefix("HTTP/1.1 500 "))
            }
        }
        #expect(failure?.underlying == nil)
    }

    @Test("what the closure throws is thrown, and the server has stopped")
    func bodyFailure() async throws {
        await #expect(throws: Fault.self) {
            try await withTestServer(handler: { for try await _ in $0 {} }) { _ in throw Fault() }
        }
    }

    @Test("a server that cannot start says why")
    func cannotStart() async throws {
        var configuration = WebSocketServer.Configuration()
        configuration.serverHeader = "a\r\nb"
        let server = WebSocketServer(host: "127.0.0.1", port: 0, configuration: configuration, logger: .silent) { _ in }
        await #expect(throws: HandshakeMisuse.self) { try await withTestServer(server) { _ in } }
    }

    private final class Greeter: WebSocketHandler {
        func opened(_ connection: CallbackConnection) { try? connection.send(connection.subprotocol ?? "none") }
        func received(_ kind: MessageKind, _ bytes: Span<UInt8>, on connection: CallbackConnection) {}
    }
}

extension Logger {
    /// Drops everything.
    static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}
