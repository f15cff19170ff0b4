// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import AlicornWebSocket
import EngineTesting
import Testing

@Suite("Limits on clients, on real sockets", .onEachEngine, .timeLimit(.minutes(1)))
struct ClientLimitsTests {
    @Test("a connection beyond the limit is answered with 503, and there is room again when another has ended")
    func connections() async throws {
        let server = try await RunningServer(.with { $0.clients.connections = 2 })
        let first = try await WebSocketClient.open(server.address)
        let second = try await WebSocketClient.open(server.address)
        let answer = try await server.answer("/")
        #expect(answer.hasPrefix("HTTP/1.1 503 ") && answer.contains("Retry-After: 10\r\n"))
        #expect(answer.contains("Connection: close\r\n"))
        try await first.close()
        try await Self.openSoon(server).close()
        try await second.close()
        try await server.stop()
    }

    @Test("connections far beyond the limit are cut")
    func cut() async throws {
        let server = try await RunningServer(.with { $0.clients.connections = 1 })
        var peers: [ScriptedPeer] = []
        for _ in 0..<17 { peers.append(try await ScriptedPeer.connect(port: server.port)) }
        let last = try await ScriptedPeer.connect(port: server.port)
        let received = try? await last.receiveAll()
        #expect(received == nil || received == [], "a reset, or an end")
        peers.removeAll()
        try await Self.openSoon(server).close()
        try await server.stop()
    }

    @Test(
        "a client's connections beyond its limit are answered with 429, and their ends make room, also with callbacks")
    func connectionsPerClient() async throws {
        final class Silence: WebSocketHandler {
            func received(_ kind: MessageKind, _ bytes: Span<UInt8>, on connection: CallbackConnection) {}
        }
        let configuration = WebSocketServer.Configuration.with { $0.clients.connectionsPerClient = 2 }
        let respond: WebSocketServer.ImmediateResponder = { $0.isHandshake ? nil : .text("page\n") }
        for server in [
            try await RunningServer(
                WebSocketServer(
                    host: "127.0.0.1", port: 0, configuration: configuration, logger: RunningServer.silent,
                    respond: respond, handler: RunningServer.echo)),
            try await RunningServer(
                WebSocketServer(
                    host: "127.0.0.1", port: 0, configuration: configuration, logger: RunningServer.silent,
                    respond: respond, callbacks: { _ in Silence() })),
        ] {
            let first = try await WebSocketClient.open(server.address)
            let second = try await ScriptedPeer.connect(port: server.port)
            try await second.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await second.receiveHead().hasPrefix("HTTP/1.1 200 "))
            #expect(try await server.handshake().hasPrefix("HTTP/1.1 429 "), "one that speaks HTTP counts too")
            second.finishWriting()
            _ = try await second.receiveAll()
            try await Self.openSoon(server).close()
            try await first.close()
            try await server.stop()
        }
    }

    @Test("handshakes beyond the rate are answered with 429 before the responder is asked, plain requests are not")
    func handshakes() async throws {
        let server = try await RunningServer(
            WebSocketServer(
                host: "127.0.0.1", port: 0,
                configuration: .with { $0.clients.handshakesPerClient = EventRate(2, per: .seconds(3600)) },
                logger: RunningServer.silent,
                respond: { request in request.isHandshake ? nil : .text("page\n") }, handler: RunningServer.echo))
        for _ in 0..<2 { #expect(try await server.handshake().hasPrefix("HTTP/1.1 101 ")) }
        let refused = try await server.handshake()
        #expect(refused.hasPrefix("HTTP/1.1 429 ") && refused.contains("Connection: close\r\n"))
        let seconds = refused.split(separator: "Retry-After: ").last?.prefix(while: \.isNumber)
        #expect((1700...1800).contains(seconds.flatMap { Int($0) } ?? 0))
        #expect(try await server.answer("/").hasSuffix("page\n"))
        try await server.stop()
    }

    /// Opens a connection as soon as the server has room for one.
    private static func openSoon(_ server: RunningServer) async throws -> WebSocketConnection {
        while true {
            do {
                return try await WebSocketClient.open(server.address)
            } catch let error as WebSocketError where error.code != .invalidAddress {
                try Task.checkCancellation()
            }
        }
    }
}
