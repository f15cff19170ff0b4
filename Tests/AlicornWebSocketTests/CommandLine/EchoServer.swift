// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import EngineTesting

/// An `alicorn echo` on a port that the system picked.
struct EchoServer: Sendable {
    let command: RunningCommand
    let address: String

    static func start(_ arguments: [String] = []) async throws -> Self {
        try await start(RunningCommand(["echo", "--port", "0"] + arguments))
    }

    /// - Parameter preparation: what a shell does before.
    static func start(after preparation: String, _ arguments: [String]) async throws -> Self {
        try await start(RunningCommand(after: preparation, ["echo", "--port", "0"] + arguments))
    }

    private static func start(_ command: RunningCommand) async throws -> Self {
        let line = await command.nextLine() ?? ""
        guard line.hasPrefix("listening on ws://") else { throw Silence(line: line) }
        return Self(command: command, address: String(line.dropFirst("listening on ".count)))
    }

    struct Silence: Error {
        let line: String
    }

    var port: Int { Int(address.split(separator: ":").last ?? "") ?? 0 }
}
