// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Foundation

/// A script of `scripts/lib` that tries the built `alicorn`, and judges it or makes something of it.
package enum PythonScript {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("scripts/lib")

    private static let python = Program("python3")

    /// Whether there is something to run it with.
    package static let canRun = python != nil

    /// Runs it to its end.
    ///
    /// - Parameters:
    ///   - name: without `.py`.
    ///   - arguments: but for the program.
    /// - Returns: its exit status, and all that it said.
    package static func run(_ name: String, _ arguments: String...) async throws -> (status: Int32, report: String) {
        let script = [
            folder.appendingPathComponent("\(name).py").path,
            "--program", RunningCommand.products.appendingPathComponent("alicorn").path,
        ]
        return try await python?.run(script + arguments) ?? (-1, "There is no python3.")
    }
}
