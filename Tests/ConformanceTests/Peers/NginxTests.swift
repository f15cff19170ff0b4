// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import AlicornWebSocket
import EngineTesting
import NIOCore
import Testing

/// A real nginx between our client and our server, with the configuration that the documentation prints.
@Suite(
    "Behind nginx", .onEachEngine, .enabled(if: Nginx.isThere, Nginx.skipped), .serialized, .timeLimit(.minutes(2)))
struct NginxTests {
    @Test("messages go both ways, long ones, too")
    func messages() async throws {
        try await throughNginx(to: WebSocketServer.local(handler: WebSocketServer.echo)) { connection in
            let long = WebSocketMessage.binary(ByteBuffer(bytes: (0..<1 << 20).map { _ in UInt8.random(in: 0...255) }))
            for message in [.text("hello"), .text(""), .binary(ByteBuffer(bytes: [0, 255])), long] as [WebSocketMessage]
            {
                try await connection.send(message)
                #expect(try await connection.receive() == message)
            }
        }
    }

    @Test("pings of both sides are answered")
    func ping() async throws {
        let server = WebSocketServer.local { connection in
            async let ping: Void = { try await connection.send("\(try await connection.ping() > .zero)") }()
            for try await _ in connection {}
            try await ping
        }
        try await throughNginx(to: server) { connection in
            let latency = try await connection.ping()
            #expect(latency > .zero)
            #expect(try await connection.receive() == "true")
        }
    }

    @Test("close codes and reasons go both ways")
    func closing() async throws {
        let (ends, end) = AsyncStream.makeStream(of: Closure?.self)
        let server = WebSocketServer.local { connection in
            if connection.request.target == "/close" {
                try await connection.close(4001, reason: "by the server")
            } else {
                for try await _ in connection {}
            }
        }
        try await throughNginx(to: server, target: "/close") { connection in
            let error = await #expect(throws: WebSocketError.self) { try await connection.receive() }
            #expect(error?.closure?.received?.code == 4001)
            #expect(error?.closure?.received?.reason == "by the server")
        }
        let noting = WebSocketServer.local { connection in
            try? await { for try await _ in connection {} }()
            end.yield(await connection.closure)
        }
        try await throughNginx(to: noting) { try await $0.close(4002, reason: "by the client") }
        let closure = await ends.first { _ in true } ?? nil
        #expect(closure?.received?.code == 4002)
        #expect(closure?.received?.reason == "by the client")
    }

    @Test("the server knows the host that was asked for, and the client's address, whatever the client says of it")
    func client() async throws {
        var trusting = WebSocketServer.Configuration()
        trusting.forwarding = TrustedForwarding(.xForwarded, from: try TrustedProxies(["127.0.0.1"]))
        let server = WebSocketServer.local(trusting) { connection in
            try await connection.send("\(connection.request.fields.first("Host") ?? "") \(connection.remoteAddress)")
        }
        // Not the address that nginx connects from, so that the two are told apart.
        var client = WebSocketClient.Configuration()
        client.localAddress = "127.0.0.2"
        for claim in [nil, "192.0.2.1"] as [String?] {
            client.additionalFields = claim.map { [HeaderField(name: "X-Forwarded-For", value: $0)] } ?? []
            try await throughNginx(to: server, client) { connection in
                let told = try await connection.receive()
                #expect(told == "127.0.0.1 127.0.0.2:0")
            }
        }
    }

    @Test(
        "without what passes the upgrade on, the handshake is refused, and the log says what is missing",
        arguments: [
            (["Upgrade $", "Connection $"], 426, "missing Upgrade header"),
            (["Upgrade $", "Connection $", "proxy_http_version"], 505, "HTTP/1.0"),
            (["Upgrade $"], 426, "missing Upgrade header"),
            (["Connection $"], 426, "invalid Connection header"),
        ] as [([String], Int, String)])
    func forgotten(lines: [String], status: Int, cause: String) async throws {
        let log = RecordedLog()
        let server = WebSocketServer.local(logger: log.logger, handler: WebSocketServer.echo)
        try await server.serving { port in
            try await Nginx.inFront(of: port, forgetting: lines) { nginx in
                let error = await #expect(throws: WebSocketError.self) {
                    try await WebSocketClient.connect(to: "ws://127.0.0.1:\(nginx.port)/") { _ in }
                }
                #expect(error?.code == .handshakeFailed)
                #expect(error?.response?.head.status == status)
            }
        }
        #expect(log.causes.count == 1, "\(log.lines)")
        #expect(log.causes.first?.contains(cause) == true, "\(log.causes)")
        let remedy = log.lines.lazy.compactMap { $0.metadata["remedy"] }.first
        #expect(remedy?.contains("proxy_set_header Upgrade $http_upgrade") == true)
    }

    private func throughNginx(
        to server: WebSocketServer, target: String = "/", _ configuration: WebSocketClient.Configuration = .init(),
        _ body: @escaping @Sendable (WebSocketConnection) async throws -> Void
    ) async throws {
        try await server.serving { port in
            try await Nginx.inFront(of: port) { nginx in
                try await WebSocketClient.connect(
                    to: "ws://127.0.0.1:\(nginx.port)\(target)", configuration: configuration, body)
            }
        }
    }
}
