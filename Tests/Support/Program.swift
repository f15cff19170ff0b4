// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Foundation

/// A program of the system, which a test runs to its end.
package struct Program: Sendable {
    private let executable: URL

    /// - Returns: `nil` where there is none of that name.
    package init?(_ name: String) {
        let found = ["/usr/bin", "/bin", "/usr/local/bin", "/opt/homebrew/bin"].map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
        guard let found else { return nil }
        executable = URL(fileURLWithPath: found)
    }

    /// Runs it, without input.
    ///
    /// - Returns: its exit status, and all that it said.
    package func run(
        _ arguments: [String], environment: [String: String] = [:]
    ) async throws -> (status: Int32, report: String) {
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let output = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        let (ends, noteEnd) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { noteEnd.yield($0.terminationStatus) }
        try process.run()
        // While it runs: what it says may be more than a pipe holds.
        let (reports, noteReport) = AsyncStream.makeStream(of: Data.self)
        let handle = output.fileHandleForReading
        Thread.detachNewThread { noteReport.yield((try? handle.readToEnd()) ?? Data()) }
        let report = await reports.first { _ in true } ?? Data()
        return (await ends.first { _ in true } ?? -1, String(decoding: report, as: UTF8.self))
    }
}
