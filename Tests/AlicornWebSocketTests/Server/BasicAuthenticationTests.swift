// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import AlicornWebSocket
import EngineTesting
import Testing

@Suite("Basic authentication", .onEachEngine, .timeLimit(.minutes(1)))
struct BasicAuthenticationTests {
    private static let allowed: [BasicCredentials] = {
        let pairs = [("ada", "lovelace"), ("grace", "hopper"), ("ünal", "paß:wort")]
        return pairs.compactMap { try? BasicCredentials(username: $0, password: $1) }
    }()

    private enum Way: CaseIterable { case list, function }

    private static func start(_ way: Way) async throws -> RunningServer {
        let authentication = try BasicAuthentication(realm: "the \"engine\"")
        return try await RunningServer(
            WebSocketServer(
                host: "127.0.0.1", port: 0, logger: RunningServer.silent,
                respond: { request in
                    if request.path == "/open" { return nil }
                    switch way {
                    case .list: return authentication.check(&request, credentials: allowed)
                    case .function:
                        return try await authentication.check(&request) { credentials in
                            await Task.yield()
                            if credentials.username == "throw" { throw CancellationError() }
                            return allowed.contains { credentials.matches($0) }
                        }
                    }
                },
                handler: { connection in try await connection.send(connection.username ?? "nobody") }))
    }

    @Test("who has right credentials gets in, and the handler knows who it is", arguments: Way.allCases)
    private func accepted(way: Way) async throws {
        let server = try await Self.start(way)
        for credentials in Self.allowed {
            let peer = try await ScriptedPeer.connect(port: server.port)
            try await peer.send(
                RunningServer.openingRequest("/", fields: "Authorization: \(credentials.authorization)\r\n"))
            #expect(try await peer.receiveHead().hasPrefix("HTTP/1.1 101 "))
            let name = Array(credentials.username.utf8)
            #expect(try await peer.receive(2 + name.count) == [0x81, UInt8(name.count)] + name)
            peer.resetWhenReleased()
        }
        let open = try await WebSocketClient.open(server.address + "open")
        #expect(try await open.receive() == "nobody")
        try await server.stop()
    }

    @Test(
        "who has not gets 401, how to authenticate, and what is wrong",
        arguments: [
            ("", "Missing credentials"), ("Authorization: Bearer abc\r\n", "Unsupported credentials"),
            ("Authorization: Basic !\r\n", "Invalid credentials"),
            ("Authorization: Basic YWRhOmJhZA==\r\n", "Invalid credentials"),
            ("Authorization: Basic bm9ib2R5OmxvdmVsYWNl\r\n", "Invalid credentials"),
        ], Way.allCases)
    private func refused(_ row: (fields: String, text: String), way: Way) async throws {
        let server = try await Self.start(way)
        let answer = try await server.answer("/", fields: row.fields)
        #expect(answer.hasPrefix("HTTP/1.1 401 Unauthorized\r\n"))
        #expect(answer.contains("WWW-Authenticate: Basic realm=\"the \\\"engine\\\"\", charset=\"UTF-8\"\r\n"))
        #expect(answer.hasSuffix("\r\n\r\n\(row.text)\n"))
        #expect(try await server.handshake(fields: row.fields).hasPrefix("HTTP/1.1 401 "))
        try await server.stop()
    }

    @Test("a function that throws is a 500")
    func failing() async throws {
        let server = try await Self.start(.function)
        #expect(
            try await server.answer("/", fields: "Authorization: Basic dGhyb3c6\r\n").hasPrefix("HTTP/1.1 500 "))
        try await server.stop()
    }

    @Test("a realm that cannot be sent is an error")
    func realm() {
        #expect(throws: InvalidHeaderField.self) { try BasicAuthentication(realm: "a\r\nb") }
        #expect(throws: InvalidHeaderField.self) { try BasicAuthentication(realm: "\u{1F984}") }
    }
}
