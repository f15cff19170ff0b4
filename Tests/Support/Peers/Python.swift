// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Foundation
package import Testing

/// The Python that runs the peers: the one that `$ALICORN_PYTHON` names, or `python3`, with `websockets` 17.4.
package enum Python {
    /// Whether the peers can run.
    package static var isThere: Bool { absence == nil }

    /// Why the tests with peers are skipped.
    package static var skipped: Comment { Comment(rawValue: absence ?? "") }

    /// Why the peers cannot run, as a sentence.
    private static let absence = absence(of: "websockets", "17.4")

    /// Why the peers that speak HTTP are skipped; `nil` when they are not.
    package static let absenceOfHTTPX = absence(of: "httpx", "0.28.1").map { Comment(rawValue: $0) }

    /// Why a module is not there in that version, as a sentence.
    private static func absence(of module: String, _ wanted: String) -> String? {
        let probe = Process()
        let output = Pipe()
        probe.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        probe.arguments = [interpreter, "-c", "import \(module) as it; print(it.__version__)"]
        probe.standardOutput = output
        probe.standardError = FileHandle.nullDevice
        let advice = "so the tests with Python's peers are skipped; scripts/test installs it."
        guard (try? probe.run()) != nil else { return "There is no /usr/bin/env, \(advice)" }
        let version = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        probe.waitUntilExit()
        guard probe.terminationStatus == 0 else {
            return "\(interpreter) with \(module) \(wanted) is not there, \(advice)"
        }
        return version == "\(wanted)\n" ? nil : "\(interpreter) has another \(module) than \(wanted), \(advice)"
    }

    fileprivate static var interpreter: String { ProcessInfo.processInfo.environment["ALICORN_PYTHON"] ?? "python3" }
}

/// A Python program of this folder. It ends with its test, whatever happens.
package enum PythonProgram {
    /// Runs a program, and ends it when `body` returns, when it throws, and when the test is cancelled.
    package static func run<Result: Sendable>(
        _ name: String, _ arguments: [String] = [], _ body: (ForeignProgram) async throws -> Result
    ) async throws -> Result {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Python")
        let command = [Python.interpreter, folder.appendingPathComponent(name).path] + arguments
        return try await ForeignProgram.run(command, body)
    }
}
