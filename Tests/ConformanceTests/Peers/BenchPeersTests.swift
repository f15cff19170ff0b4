// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import EngineTesting
import Testing

@Suite("alicorn bench and servers of others", .timeLimit(.minutes(2)))
struct BenchPeersTests {
    /// A short run, which has to end well.
    private func run(_ arguments: [String]) async throws -> String {
        let command = try RunningCommand(
            ["bench", "--connections", "4", "--duration", "0.3", "--warm-up", "0", "--json"] + arguments)
        let line = try #require(await command.nextLine())
        #expect(await command.status() == 0, "\(line)")
        #expect(line.contains(#""errors":0,"#))
        #expect(!line.contains(#""measured":0,"#))
        return line
    }

    @Test(
        "Python's server, with compression and without", .enabled(if: Python.isThere, Python.skipped),
        arguments: [[], ["--deflate", "--size", "2000"], ["--payload", "text", "--size", "70000"]])
    func python(options: [String]) async throws {
        try await PythonProgram.run("peer_server.py") { server in
            _ = try await run(["ws://127.0.0.1:\(await server.readLine())/echo"] + options)
        }
    }

    @Test("over TLS", .enabled(if: TestAuthority.absence == nil, TestAuthority.absence))
    func tls() async throws {
        let authority = try TestAuthority.first()
        let files = try authority.issue("IP:127.0.0.1", days: 1)
        let server = try RunningCommand(
            "listen", "--echo", "--port", "0", "--jsonl", "--cert", files.certificate, "--key", files.key)
        let listening = try #require(await server.nextLine())
        let address = try #require(listening.firstMatch(of: /wss:\/\/[0-9.:]+/)?.0)
        for options in [[], ["--threads", "2", "--rate", "100"], ["--mode", "handshake"]] {
            _ = try await run(["\(address)/", "--ca", authority.rootFile] + options)
        }
        let refused = try RunningCommand("bench", "\(address)/", "--connections", "2")
        #expect(await refused.status() == 1)
        try await refused.expectOneSentence(containing: "certificate")
        server.terminate()
        #expect(await server.status() == 0)
    }
}
