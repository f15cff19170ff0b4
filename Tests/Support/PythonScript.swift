// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Foundation

/// A script of `scripts/lib` that tries the built `alicorn`, and judges it.
package enum PythonScript {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("scripts/lib")

    /// Whether there is something to run it with.
    package static let canRun = ["/usr/bin/python3", "/usr/local/bin/python3"]
        .contains { FileManager.default.isExecutableFile(atPath: $0) }

    /// Runs it to its end.
    ///
    /// - Parameters:
    ///   - name: without `.py`.
    ///   - arguments: but for the program.
    /// - Returns: its exit status, and all that it said.
    package static func run(_ name: String, _ arguments: String...) async throws -> (status: Int32, report: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            [
                "python3", folder.appendingPathComponent("\(name).py").path,
                "--program", RunningCommand.products.appendingPathComponent("alicorn").path,
            ] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        let (ends, note) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { note.yield($0.terminationStatus) }
        try process.run()
        let status = await ends.first { _ in true } ?? -1
        let report = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        return (status, report)
    }
}
