// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import EngineTesting
import Testing

@testable import AlicornCommand

@Suite("alicorn bench in a terminal", .timeLimit(.minutes(2)))
struct LiveLineTests {
    @Test(
        "a line tells each second what is going on, and is gone at the end",
        .enabled(if: TerminalSession.isThere, TerminalSession.skipped))
    func live() async throws {
        let server = try await ListeningCommand.start(["--echo"])
        try await TerminalSession.running(columns: 120, rows: 40) { terminal in
            try await terminal.enter(
                "alicorn bench \(server.address) --rate 100 --connections 3 --duration 600 --warm-up 0")
            try await terminal.wait(for: "figures of a second") { screen in
                screen.contains("messages/s  p99 ") && screen.contains("3 connections  0 errors")
            }
            try await terminal.press("C-c")
            let screen = try await terminal.wait(for: "$")
            #expect(!screen.contains("messages/s  p99"))
            #expect(screen.contains("own CPU"))
        }
        server.command.terminate()
        _ = await server.command.status()
    }
}
