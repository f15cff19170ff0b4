// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import Foundation

/// A server of somebody else's that reads a file with its port, and says on standard output that it listens.
enum ConfiguredProgram {
    private struct NotStarted: Error, CustomStringConvertible {
        let description: String
    }

    /// Runs it while `body` runs.
    ///
    /// - Parameters:
    ///   - configuration: makes the file for a port.
    ///   - command: makes the command for a folder, which is gone afterwards, and the file in it.
    ///   - isReady: whether a line of its output says that it listens.
    static func run<Result: Sendable>(
        _ name: String, configuration: (_ port: Int) -> String, command: (_ folder: URL, _ file: URL) -> [String],
        isReady: (String) -> Bool, _ body: (_ port: Int) async throws -> Result
    ) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "alicorn-\(name)-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("\(name).conf")
        // Between letting go of a free port and the program's taking it, somebody else may.
        for _ in 0..<5 {
            let port = try ScriptedListener().port
            try configuration(port).write(to: file, atomically: true, encoding: .utf8)
            let result = try await ForeignProgram.run(command(folder, file)) { program -> Result? in
                guard await hasStarted(program, isReady) else { return nil }
                return try await body(port)
            }
            if let result { return result }
        }
        throw NotStarted(description: "\(name) does not start")
    }

    private static func hasStarted(_ program: ForeignProgram, _ isReady: (String) -> Bool) async -> Bool {
        while true {
            let line = await program.readLine()
            if line.isEmpty { return false }
            if isReady(line) { return true }
        }
    }
}
