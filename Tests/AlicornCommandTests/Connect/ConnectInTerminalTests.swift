// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import AlicornWebSocket
import Foundation
import Testing

@Suite(
    "alicorn connect, in a terminal", .enabled(if: TerminalSession.isThere, TerminalSession.skipped),
    .timeLimit(.minutes(2)))
struct ConnectInTerminalTests {
    /// Runs `connect` in a terminal, to a server that echoes and, when `pushes` says so, sends.
    private func session(
        columns: Int = 80, _ options: String = "", pushes: AsyncStream<String> = AsyncStream { $0.finish() },
        _ body: @Sendable @escaping (TerminalSession) async throws -> Void
    ) async throws {
        try await withTestServer(handler: { connection in
            async let pushing: Void = { for await text in pushes { try await connection.send(text) } }()
            for try await message in connection { try await connection.send(message) }
            try await pushing
        }) { server in
            try await TerminalSession.running(columns: columns) { terminal in
                try await terminal.enter("alicorn connect \(options) ws://127.0.0.1:\(server.port)/")
                try await terminal.wait(for: "the prompt") { $0.hasSuffix("\n>") }
                try await body(terminal)
            }
        }
    }

    @Test(
        "what is typed is sent, what comes is marked, and Ctrl-D ends with 0 and a terminal as before (CLI-02, CLI-05)")
    func conversation() async throws {
        try await session { terminal in
            #expect(try await terminal.screen().contains("Connected"))
            try await terminal.enter("hello")
            try await terminal.wait(for: "< hello")
            #expect(try await terminal.screen().hasSuffix("> hello\n< hello\n>"))
            try await terminal.enter("/binary 00ff")
            try await terminal.wait(for: "< (binary) 00ff")
            try await terminal.enter("/ping")
            try await terminal.wait(for: "the round trip") { $0.contains("The ping was answered after ") }
            try await terminal.press("C-d")
            try await terminal.wait(for: "the shell") { $0.hasSuffix("Connection closed: 1000 (OK).\n$") }
            try await terminal.enter("echo status $?")
            let screen = try await terminal.wait(for: "status 0")
            // The shell's echo is back.
            #expect(screen.contains("$ echo status $?\n"))
        }
    }

    @Test(
        "what comes stands above the line that is being typed, also when that takes several rows", arguments: [80, 20])
    func above(columns: Int) async throws {
        let (pushes, push) = AsyncStream.makeStream(of: String.self)
        let typed = "a line that is longer than twenty columns"
        try await session(columns: columns, pushes: pushes) { terminal in
            try await terminal.type(typed)
            let shown = columns == 80 ? "> \(typed)" : "> a line that is lon\nger than twenty colu\nmns"
            try await terminal.wait(for: typed) { $0.hasSuffix(shown) }
            push.yield("first")
            push.yield("second")
            push.finish()
            try await terminal.wait(for: "both above") { $0.hasSuffix("< first\n< second\n\(shown)") }
            try await terminal.press("C-u")
            try await terminal.wait(for: "nothing") { $0.hasSuffix("< second\n>") }
            try await terminal.press("C-d")
            try await terminal.wait(for: "the end") { $0.hasSuffix("\n$") }
        }
    }

    @Test("the line is edited, and those before come back (CLI-04)")
    func editing() async throws {
        try await session { terminal in
            try await terminal.type("wrold")
            try await terminal.press("Left", "Left", "BSpace")
            try await terminal.press("Left")
            try await terminal.type("o")
            try await terminal.wait(for: "> world")
            try await terminal.press("End", "C-u")
            try await terminal.enter("日本語 é")
            try await terminal.wait(for: "< 日本語 é")
            try await terminal.press("Up", "BSpace", "Home")
            try await terminal.enter("x")
            try await terminal.wait(for: "< x日本語")
            try await terminal.press("C-d")
            try await terminal.wait(for: "Connection closed: 1000 (OK).")
        }
    }

    @Test("Ctrl-Z gives the terminal to the shell, and fg takes it again with the line that was being typed")
    func stopping() async throws {
        try await session { terminal in
            for round in ["first", "second"] {
                try await terminal.type(round)
                // The terminal forgets what nobody has read when a signal is typed.
                try await terminal.wait(for: "> \(round)")
                try await terminal.press("C-z")
                try await terminal.wait(for: "the shell") { $0.contains("Stopped") && $0.hasSuffix("\n$") }
                // Echoed and read as lines, as before.
                try await terminal.enter("stty -a | grep -o -e '[-]*icanon' -e '[-]*echo '")
                try await terminal.wait(for: "modes") { $0.hasSuffix("'\nicanon\necho\n$") }
                try await terminal.enter("fg")
                try await terminal.wait(for: "the line") { $0.hasSuffix("\n> \(round)") }
                try await terminal.enter(" line")
                try await terminal.wait(for: "< \(round) line")
            }
            try await terminal.press("C-d")
            try await terminal.wait(for: "Connection closed: 1000 (OK).")
        }
    }

    @Test("lines come back in the next run, but those that begin with a blank")
    func history() async throws {
        try await withTestServer(handler: { for try await _ in $0 {} }) { server in
            try await TerminalSession.running { terminal in
                func run(_ options: String = "", _ body: () async throws -> Void) async throws {
                    try await terminal.enter("clear; alicorn connect \(options) ws://127.0.0.1:\(server.port)/")
                    try await terminal.wait(for: "the prompt") { $0.contains("Connected") && $0.hasSuffix("\n>") }
                    try await body()
                    try await terminal.press("C-u", "C-d")
                    try await terminal.wait(for: "Connection closed: 1000 (OK).")
                }
                try await run { for line in ["kept", " not for keeping"] { try await terminal.enter(line) } }
                let file = terminal.folder.appendingPathComponent("state/alicorn/history")
                #expect(try String(contentsOf: file, encoding: .utf8) == "kept\n")
                let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
                #expect(mode == 0o600)
                try await run {
                    try await terminal.press("Up")
                    try await terminal.wait(for: "> kept")
                }
                try await run("--no-history") {
                    try await terminal.press("Up")
                    try await terminal.enter("only now")
                    try await terminal.wait(for: "the line") { $0.hasSuffix("> only now\n>") }
                }
                #expect(try String(contentsOf: file, encoding: .utf8) == "kept\n")
            }
        }
    }

    @Test("what a server sends does not work the terminal (CLI-03)")
    func hostile() async throws {
        let (pushes, push) = AsyncStream.makeStream(of: String.self)
        try await session(pushes: pushes) { terminal in
            push.yield("\u{1B}[2Jgone\u{7}\r\u{9B}31m")
            push.finish()
            try await terminal.wait(for: #"< \x1b[2Jgone\x07\r\x9b31m"#)
            try await terminal.press("C-c")
            try await terminal.wait(for: "Connection closed: 1000 (OK).")
            try await terminal.enter("echo status $?")
            try await terminal.wait(for: "status 0")
        }
    }

    @Test("a terminal that can do nothing is read as it comes, and has the commands all the same")
    func dumb() async throws {
        try await withTestServer(handler: { connection in
            for try await message in connection { try await connection.send(message) }
        }) { server in
            try await TerminalSession.running { terminal in
                try await terminal.enter("TERM=dumb alicorn connect ws://127.0.0.1:\(server.port)/")
                try await terminal.wait(for: "Ctrl-D ends.")
                try await terminal.enter("hello")
                try await terminal.wait(for: "< hello")
                try await terminal.enter("/quit")
                try await terminal.wait(for: "Connection closed: 1000 (OK).")
            }
        }
    }

    @Test("colours, times and JSON on several lines")
    func shown() async throws {
        try await session("--pretty --timestamps --color never") { terminal in
            try await terminal.enter(#"{"b":1,"a":[]}"#)
            let screen = try await terminal.wait(for: "the object") { $0.contains("\"a\": []\n}") }
            #expect(
                try #/\d\d:\d\d:\d\d\.\d{3} < \{\n"b": 1,\n"a": \[\]\n\}/#.firstMatch(in: screen) != nil, "\(screen)")
            try await terminal.enter("/sing")
            try await terminal.wait(for: "the complaint") { $0.contains("there is no /sing: /help lists the commands") }
            try await terminal.enter("/close 4000 bye")
            try await terminal.wait(for: "the end") { $0.contains("Connection closed: ") && $0.hasSuffix("$") }
            try await terminal.enter("echo status $?")
            try await terminal.wait(for: "status 3")
        }
    }
}
