// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornDeflate
import AlicornWebSocket
import EngineTesting
import Testing

/// Python's `websockets` as the client of our server.
@Suite("Python's client", .onEachEngine, .enabled(if: Python.isThere, Python.skipped), .serialized)
struct PythonClientTests {
    static let scenarios =
        [
            "text", "binary", "16-mebibytes", "fragmented", "pipelined", "without-deflate", "deflate",
            "deflate-server-no-context-takeover", "deflate-client-no-context-takeover", "deflate-no-context-takeover",
            "deflate-any-client-max-window-bits", "pings", "close-codes", "close-without-code", "too-big",
            "subprotocols", "origin",
        ] + (9...15).flatMap { ["deflate-server-max-window-bits-\($0)", "deflate-client-max-window-bits-\($0)"] }

    @Test("every scenario that the client knows is played")
    func completeness() async throws {
        let outcome = try await PythonProgram.run("peer_client.py", ["--list"]) { await $0.outcome() }
        #expect(Set(outcome.output.split(separator: "\n").map(String.init)) == Set(Self.scenarios))
    }

    @Test("our server plays the scenario", .timeLimit(.minutes(3)), arguments: scenarios)
    func scenario(_ name: String) async throws {
        let server = try WebSocketServer.local(configuration(), handler: WebSocketServer.echo)
        try await server.serving { try await play([name], on: $0) }
    }

    @Test("our server plays all scenarios by callbacks", .timeLimit(.minutes(5)))
    func callbacks() async throws {
        let server = try WebSocketServer.local(configuration(), callbacks: { _ in EchoHandler() })
        try await server.serving { try await play(Self.scenarios, on: $0) }
    }

    @Test("BRD-04: it reads what was compressed for many between what was compressed for it", .timeLimit(.minutes(3)))
    func broadcast() async throws {
        let server = try WebSocketServer.local(configuration()) { connection in
            var isShared = false
            for try await message in connection {
                if isShared {
                    await WebSocketConnection.broadcast(message, to: [connection], whenSlow: .wait())
                } else {
                    try await connection.send(message)
                }
                isShared.toggle()
            }
        }
        let scenarios = Self.scenarios.filter { $0.hasPrefix("deflate") || $0 == "text" || $0 == "pipelined" }
        try await server.serving { try await play(scenarios, on: $0) }
    }

    private func play(_ scenarios: [String], on port: Int) async throws {
        let arguments = ["ws://127.0.0.1:\(port)/"] + scenarios
        let outcome = try await PythonProgram.run("peer_client.py", arguments) { await $0.outcome() }
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output == "ok\n")
    }

    /// What the client's scenarios expect of the server.
    private func configuration() throws -> WebSocketServer.Configuration {
        var configuration = WebSocketServer.Configuration()
        configuration.connection.limits.maximumMessageSize = 16 << 20
        configuration.subprotocols = try Subprotocols(["superchat"], policy: .requiredWhenOffered)
        configuration.origins = Origins([try OriginPattern("https://example.com")], check: .whenSent)
        configuration.deflate = ServerPerMessageDeflate(serverMaxWindowBits: nil, clientMaxWindowBits: nil)
        return configuration
    }
}
