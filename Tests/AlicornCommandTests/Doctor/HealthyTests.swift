// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornWebSocket
import EngineTesting
import Testing

@testable import AlicornCommand

/// Servers that are as they should be.
@Suite("alicorn doctor: healthy servers", .timeLimit(.minutes(2)))
struct HealthyTests {
    @Test("Python's websockets", .enabled(if: Python.isThere, Python.skipped))
    func websockets() async throws {
        try await PythonProgram.run("peer_server.py") { program in
            let port = await program.readLine()
            let diagnosed = try await Diagnosed.examining(
                "ws://127.0.0.1:\(port)/echo?subprotocols=chat", idle: .milliseconds(50)
            ) { $0.subprotocols = ["chat"] }
            diagnosed.expectHealthy()
            #expect(diagnosed.steps.allSatisfy { $0.outcome == .passed })
        }
    }

    @Test("uvicorn", .enabled(if: Python.isThere, Python.skipped))
    func uvicorn() async throws {
        try await PythonProgram.run("uvicorn_server.py") { program in
            let port = await program.readLine()
            try await Diagnosed.examining("ws://127.0.0.1:\(port)/").expectHealthy()
        }
    }

    @Test("alicorn hello and alicorn listen")
    func ours() async throws {
        let serving = try await ServingCommand.start()
        try await Diagnosed.examining("ws://localhost:\(serving.port)/chat").expectHealthy()
        serving.command.terminate()
        _ = await serving.outcome()
        let listening = try await ListeningCommand.start()
        try await Diagnosed.examining("ws://127.0.0.1:\(listening.port)/").expectHealthy()
        try await listening.stop()
    }
}
