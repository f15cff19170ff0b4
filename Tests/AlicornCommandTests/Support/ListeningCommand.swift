// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import EngineTesting
import Testing

/// An `alicorn listen` on a port that the system picked.
struct ListeningCommand {
    let command: RunningCommand
    let address: String

    static func start(_ options: [String] = []) async throws -> Self {
        let command = try RunningCommand(["listen", "--port", "0"] + options)
        let line = try #require(await command.nextLine())
        let address = try #require(line.split(separator: "listening on ").last)
        return Self(command: command, address: String(address))
    }

    var port: Int { Int(address.split(separator: ":").last ?? "") ?? 0 }

    /// The next line, without whom it is about.
    func nextLine() async -> String? {
        await command.nextLine().map { String($0.split(separator: " ", maxSplits: 1).last ?? "") }
    }

    func stop() async throws {
        command.terminate()
        #expect(await command.status() == 0)
    }
}
