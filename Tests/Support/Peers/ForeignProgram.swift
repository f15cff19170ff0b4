// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Foundation
import Synchronization

/// A running program that is not ours. It ends with its test, whatever happens.
package final class ForeignProgram: Sendable {
    /// What came of a program.
    package struct Outcome: Sendable {
        package var status: Int32
        package var output: String
        package var errors: String
    }

    private let process: Mutex<Process>
    private let input = Pipe()
    private let output = Pipe()
    private let errors = Pipe()
    private let exits: AsyncStream<Int32>

    private init(_ command: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
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
    package static func run<Result: Sendable>(
        _ command: [String], _ body: (ForeignProgram) async throws -> Result
    ) async throws -> Result {
        let program = try ForeignProgram(command)
        defer { program.end() }
        return try await withTaskCancellationHandler {
            try await body(program)
        } onCancel: {
            program.end()
        }
    }

    /// The next line of its output; empty at the end.
    package func readLine() async -> String {
        await Self.blocking { [output] in
            var line = Data()
            while let byte = try? output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty, byte != Data("\n".utf8)
            {
                line += byte
            }
            return String(decoding: line, as: UTF8.self)
        }
    }

    /// Waits until it has ended by itself.
    package func outcome() async -> Outcome {
        try? input.fileHandleForWriting.close()
        async let output = Self.text(of: output)
        async let errors = Self.text(of: errors)
        let status = await exits.first { _ in true } ?? -1
        return await Outcome(status: status, output: output, errors: errors)
    }

    private func end() {
        try? input.fileHandleForWriting.close()
        // Threads of Dispatch's block the others, and who is started by one does so, too, unless it takes care: nginx does not.
        process.withLock { if $0.isRunning { kill($0.processIdentifier, SIGKILL) } }
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
