// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import EngineTesting
import Foundation
import Testing

/// A shell in a real terminal, tmux, which types and looks at the screen.
final class TerminalSession: Sendable {
    /// Whether there is a tmux.
    static let isThere = path != nil

    /// Why the tests with it are skipped.
    static let skipped: Comment =
        "There is no tmux, so the tests with it are skipped; scripts/test installs it where it can."

    private static let path = ["/usr/bin/tmux", "/usr/local/bin/tmux", "/opt/homebrew/bin/tmux"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    private let name = "alicorn-\(UUID().uuidString)"
    /// For files of this session's alone.
    let folder: URL

    struct NeverSeen: Error, CustomStringConvertible {
        let description: String
    }

    private init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Runs `body` with a shell that waits for input.
    static func running(columns: Int = 80, rows: Int = 24, _ body: (TerminalSession) async throws -> Void) async throws
    {
        let session = try TerminalSession()
        defer { try? FileManager.default.removeItem(at: session.folder) }
        // In the foreground: whoever starts a process here hears of its end only when its children have ended, too.
        let server = session.process(["-D", "-f", "/dev/null"])
        try server.run()
        // All other signals are blocked in who is started by a thread of Dispatch's.
        defer { kill(server.processIdentifier, SIGKILL) }
        try await session.open(columns: columns, rows: rows)
        try await session.wait(for: "$")
        try await body(session)
    }

    private func open(columns: Int, rows: Int) async throws {
        let shell = """
            env PS1='$ ' LC_ALL=C.UTF-8 XDG_STATE_HOME='\(folder.path)/state' \
            PATH='\(RunningCommand.products.path)':"$PATH" /bin/sh
            """
        let deadline = ContinuousClock.now + .seconds(20)
        // The server may not listen yet.
        while try await run(["new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", shell]).status != 0 {
            guard ContinuousClock.now < deadline else { throw NeverSeen(description: "tmux does not start") }
        }
    }

    /// Types text, and then Enter.
    func enter(_ text: String) async throws {
        try await type(text)
        try await press("Enter")
    }

    func type(_ text: String) async throws { try await tmux("send-keys", "-l", "--", text) }

    /// Presses keys by tmux's names for them, such as `C-d`.
    func press(_ keys: String...) async throws { for key in keys { try await tmux("send-keys", key) } }

    /// What is on the screen, without what is blank at its ends.
    func screen() async throws -> String {
        try await tmux("capture-pane", "-p").split(separator: "\n", omittingEmptySubsequences: false)
            .map { String($0).trimmingCharacters(in: .whitespaces) }.joined(separator: "\n")
            .trimmingCharacters(in: .newlines)
    }

    /// Waits until the screen is as `condition` wants it.
    @discardableResult
    func wait(for what: String, _ condition: (String) -> Bool) async throws -> String {
        let deadline = ContinuousClock.now + .seconds(20)
        var last = ""
        while ContinuousClock.now < deadline {
            last = try await screen()
            if condition(last) { return last }
            // Each look is a process of its own, which takes from who is looked at.
            try await Task.sleep(for: .milliseconds(20))
        }
        throw NeverSeen(description: "\(what) was not on the screen in time, but this:\n\(last)")
    }

    /// Waits until the screen has that text at the end of a line.
    @discardableResult
    func wait(for text: String) async throws -> String {
        try await wait(for: text) { screen in screen.split(separator: "\n").contains { $0.hasSuffix(text) } }
    }

    @discardableResult
    private func tmux(_ arguments: String...) async throws -> String { try await run(arguments).output }

    /// Runs a command of the server's.
    private func run(_ arguments: [String]) async throws -> (status: Int32, output: String) {
        let process = process(["-N"] + arguments)
        let output = Pipe()
        process.standardOutput = output
        let (ends, end) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { end.yield($0.terminationStatus) }
        try process.run()
        let status = await ends.first { _ in true } ?? -1
        // A screen fits into a pipe.
        return (status, String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self))
    }

    private func process(_ arguments: [String]) -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.path ?? "tmux")
        process.arguments = ["-L", name] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["TMUX_TMPDIR": folder.path, "LC_ALL": "C.UTF-8"]) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        return process
    }
}
