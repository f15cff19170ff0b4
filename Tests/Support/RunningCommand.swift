// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import Foundation
import Synchronization
package import Testing

/// A run of the built `alicorn`, as a user starts it. It ends with whoever holds it.
package final class RunningCommand: Sendable {
    /// The lines of standard output, as they come.
    package let lines: AsyncStream<String>
    /// The lines of standard error, as they come.
    package let errorLines: AsyncStream<String>
    private let process: Running
    private let errors: Complaint
    private let ends: AsyncStream<End>

    /// How a process ended.
    package enum End: Sendable, Hashable {
        case exited(Int32)
        /// By the signal of that number.
        case killed(Int32)
    }

    private struct Running: @unchecked Sendable {
        // SAFETY: started in `init`; afterwards only sent signals and input, by the test that owns the run.
        let process: Process
        let input: FileHandle
    }

    /// What was said on standard error.
    private final class Complaint: Sendable {
        let text = Mutex("")
    }

    package convenience init(_ arguments: String...) throws { try self.init(arguments) }

    /// - Parameters:
    ///   - environment: variables beside those of the tests.
    ///   - input: standard input; `nil` for what ``write(_:)`` writes.
    package convenience init(
        _ arguments: [String], environment: [String: String] = [:], input: FileHandle? = nil
    ) throws {
        try self.init(executable: Self.products.appendingPathComponent("alicorn"), arguments, environment, input)
    }

    /// Runs the command from a shell, after what `preparation` says: limits and descriptors are the shell's to set.
    package convenience init(after preparation: String, _ arguments: [String], input: FileHandle? = nil) throws {
        let command = Self.products.appendingPathComponent("alicorn").path
        try self.init(
            executable: URL(fileURLWithPath: "/bin/sh"),
            ["-c", #"\#(preparation); exec "$0" "$@""#, command] + arguments, [:], input)
    }

    private init(
        executable: URL, _ arguments: [String], _ environment: [String: String], _ given: FileHandle?
    ) throws {
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let (input, output, error) = (Pipe(), Pipe(), Pipe())
        if let given { process.standardInput = given } else { process.standardInput = input }
        process.standardOutput = output
        process.standardError = error
        self.process = Running(process: process, input: input.fileHandleForWriting)

        let (ends, noteEnd) = AsyncStream.makeStream(of: End.self)
        self.ends = ends
        process.terminationHandler = { process in
            let status = process.terminationStatus
            noteEnd.yield(process.terminationReason == .uncaughtSignal ? .killed(status) : .exited(status))
            noteEnd.finish()
        }
        try process.run()
        let complaint = Complaint()
        errors = complaint
        lines = Self.lines(of: output.fileHandleForReading) { _ in }
        errorLines = Self.lines(of: error.fileHandleForReading) { line in complaint.text.withLock { $0 += line } }
    }

    deinit { if process.process.isRunning { process.process.terminate() } }

    /// Reads lines until the end, on a thread of its own.
    ///
    /// - Parameter seen: called with each line and its line break.
    private static func lines(of handle: FileHandle, seen: @escaping @Sendable (String) -> Void) -> AsyncStream<String>
    {
        let (lines, note) = AsyncStream.makeStream(of: String.self)
        Thread.detachNewThread {
            var line = Data()
            while let data = try? handle.read(upToCount: 1), !data.isEmpty {
                line += data
                guard data.first == UInt8(ascii: "\n") else { continue }
                seen(String(decoding: line, as: UTF8.self))
                note.yield(String(decoding: line.dropLast(), as: UTF8.self))
                line = Data()
            }
            note.finish()
        }
        return lines
    }

    /// Where the build puts the command beside the tests.
    package static var products: URL {
        URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    }

    /// Whether the build has a sanitizer in it, whose memory and time measurements must not take for ours.
    package static let isSanitized = ProcessInfo.processInfo.environment["ALICORN_SANITIZER"] != nil

    package func write(_ text: String) throws { try process.input.write(contentsOf: Data(text.utf8)) }
    package func closeInput() throws { try process.input.close() }
    package func terminate() { process.process.terminate() }
    package func interrupt() { process.process.interrupt() }
    package var identifier: Int32 { process.process.processIdentifier }

    /// The next line of standard output; `nil` at its end.
    package func nextLine() async -> String? { await lines.first { _ in true } }

    /// The next line of standard error; `nil` at its end.
    package func nextErrorLine() async -> String? { await errorLines.first { _ in true } }

    /// The next line of standard error with that text in it.
    package func complaintLine(containing text: String) async throws -> String {
        while let line = await nextErrorLine() {
            if line.contains(text) { return line }
        }
        throw NeverSaid(text: text)
    }

    private struct NeverSaid: Error { let text: String }

    /// Waits for the end.
    package func end() async -> End { await ends.first { _ in true } ?? .exited(-1) }

    /// Waits for the end.
    ///
    /// - Returns: the exit status, or the number of the signal that ended it.
    package func status() async -> Int32 {
        switch await end() {
        case .exited(let status), .killed(let status): status
        }
    }

    /// The lines that it has said on standard error; all of them some time after it has ended.
    package var complaint: String { errors.text.withLock { $0 } }

    /// Standard error is closed a moment after the process ends; it is complete when a whole line is there.
    package func expectOneSentence(
        containing word: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        while !complaint.hasSuffix("\n") { await Task.yield() }
        let lines = complaint.split(separator: "\n")
        #expect(lines.count == 1, sourceLocation: sourceLocation)
        #expect(complaint.contains(word), "\(complaint)", sourceLocation: sourceLocation)
    }
}
