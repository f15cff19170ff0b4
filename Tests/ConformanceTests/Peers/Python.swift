// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Foundation
import Synchronization
import Testing

/// The Python that runs the peers: the one that `$ALICORN_PYTHON` names, or `python3`, with `websockets` 17.4.
enum Python {
    /// Whether the peers can run.
    static var isThere: Bool { absence == nil }

    /// Why the tests with peers are skipped.
    static var skipped: Comment { Comment(rawValue: absence ?? "") }

    /// Why the peers cannot run, as a sentence.
    private static let absence: String? = {
        let probe = Process()
        let output = Pipe()
        probe.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        probe.arguments = [interpreter, "-c", "import websockets; print(websockets.__version__)"]
        probe.standardOutput = output
        probe.standardError = FileHandle.nullDevice
        let advice = "so the tests with Python's peers are skipped; scripts/test installs it."
        guard (try? probe.run()) != nil else { return "There is no /usr/bin/env, \(advice)" }
        let version = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        probe.waitUntilExit()
        guard probe.terminationStatus == 0 else { return "\(interpreter) with websockets 17.4 is not there, \(advice)" }
        return version == "17.4\n" ? nil : "\(interpreter) has another websockets than 17.4, \(advice)"
    }()

    fileprivate static var interpreter: String { ProcessInfo.processInfo.environment["ALICORN_PYTHON"] ?? "python3" }
}

/// A running Python program of this folder. It ends with its test, whatever happens.
final class PythonProgram: Sendable {
    /// What came of a program.
    struct Outcome: Sendable {
        var status: Int32
        var output: String
        var errors: String
    }

    private let process: Mutex<Process>
    private let input = Pipe()
    private let output = Pipe()
    private let errors = Pipe()
    private let exits: AsyncStream<Int32>

    private init(_ name: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Python")
        process.arguments = [Python.interpreter, folder.appendingPathComponent(name).path] + arguments
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors
        let (exits, continuation) = AsyncStream.makeStream(of: Int32.self)
        self.exits = exits
        process.terminationHandler = {
            continuation.yield($0.terminationStatus)
            continuation.finish()
        }
        try process.run()
        self.process = Mutex(process)
    }

    /// Runs a program, and ends it when `body` returns, when it throws, and when the test is cancelled.
    static func run<Result: Sendable>(
        _ name: String, _ arguments: [String] = [], _ body: (PythonProgram) async throws -> Result
    ) async throws -> Result {
        let program = try PythonProgram(name, arguments)
        defer { program.end() }
        return try await withTaskCancellationHandler {
            try await body(program)
        } onCancel: {
            program.end()
        }
    }

    /// The next line of its output.
    func readLine() async -> String {
        await Self.blocking { [output] in
            var line = Data()
            while let byte = try? output.fileHandleForReading.read(upToCount: 1), byte != Data("\n".utf8) {
                line += byte
            }
            return String(decoding: line, as: UTF8.self)
        }
    }

    /// Waits until it has ended by itself.
    func outcome() async -> Outcome {
        try? input.fileHandleForWriting.close()
        async let output = Self.text(of: output)
        async let errors = Self.text(of: errors)
        let status = await exits.first { _ in true } ?? -1
        return await Outcome(status: status, output: output, errors: errors)
    }

    private func end() {
        try? input.fileHandleForWriting.close()
        process.withLock { if $0.isRunning { $0.terminate() } }
    }

    private static func text(of pipe: Pipe) async -> String {
        await blocking { String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self) }
    }

    /// Runs what blocks where it keeps no task from running.
    private static func blocking(_ body: @escaping @Sendable () -> String) async -> String {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: body()) }
        }
    }
}
