// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Foundation
import Synchronization
import Testing

/// A run of the built `alicorn`, as a user starts it.
final class RunningCommand: Sendable {
    /// The lines of standard output, as they come.
    let lines: AsyncStream<String>
    private let process: Running
    private let errors = Mutex("")
    private let exit: AsyncStream<Int32>

    private struct Running: @unchecked Sendable {
        // SAFETY: started in `init`; afterwards only sent signals and input, by the test that owns the run.
        let process: Process
        let input: FileHandle
    }

    convenience init(_ arguments: String...) throws { try self.init(arguments) }

    convenience init(_ arguments: [String]) throws {
        try self.init(executable: Self.products.appendingPathComponent("alicorn"), arguments)
    }

    /// Runs the command from a shell, after what `preparation` says: limits and descriptors are the shell's to set.
    convenience init(after preparation: String, _ arguments: [String]) throws {
        let command = Self.products.appendingPathComponent("alicorn").path
        try self.init(
            executable: URL(fileURLWithPath: "/bin/sh"),
            ["-c", #"\#(preparation); exec "$0" "$@""#, command] + arguments)
    }

    private init(executable: URL, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        let (input, output, error) = (Pipe(), Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = error
        self.process = Running(process: process, input: input.fileHandleForWriting)

        let (lines, note) = AsyncStream.makeStream(of: String.self)
        let (exit, noteExit) = AsyncStream.makeStream(of: Int32.self)
        (self.lines, self.exit) = (lines, exit)
        process.terminationHandler = { process in
            noteExit.yield(process.terminationStatus)
            noteExit.finish()
        }
        try process.run()
        let outputHandle = output.fileHandleForReading
        Thread.detachNewThread {
            var line = Data()
            while let data = try? outputHandle.read(upToCount: 1), !data.isEmpty {
                line += data
                guard data.first == UInt8(ascii: "\n") else { continue }
                note.yield(String(decoding: line.dropLast(), as: UTF8.self))
                line = Data()
            }
            note.finish()
        }
        let errorHandle = error.fileHandleForReading
        Thread.detachNewThread { [weak self] in
            while let data = try? errorHandle.read(upToCount: 1), !data.isEmpty {
                self?.errors.withLock { $0 += String(decoding: data, as: UTF8.self) }
            }
        }
    }

    deinit { if process.process.isRunning { process.process.terminate() } }

    /// Where the build puts the command beside the tests.
    static var products: URL {
        URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    }

    /// Whether the build has a sanitizer in it, whose memory and time measurements must not take for ours.
    static let isSanitized = ProcessInfo.processInfo.environment["ALICORN_SANITIZER"] != nil

    func write(_ text: String) throws { try process.input.write(contentsOf: Data(text.utf8)) }
    func closeInput() throws { try process.input.close() }
    func terminate() { process.process.terminate() }
    var identifier: Int32 { process.process.processIdentifier }

    /// The next line of standard output.
    func nextLine() async -> String? {
        var iterator = lines.makeAsyncIterator()
        return await iterator.next()
    }

    /// Waits until it has said something with that text in it on standard error.
    ///
    /// - Returns: the line.
    func complaintLine(containing text: String) async throws -> String {
        while true {
            let whole = complaint.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            if let line = whole.first(where: { $0.contains(text) }) { return String(line) }
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    /// Waits for the end.
    ///
    /// - Returns: the exit status.
    func status() async -> Int32 {
        var iterator = exit.makeAsyncIterator()
        return await iterator.next() ?? -1
    }

    /// What it has said on standard error so far.
    var complaint: String { errors.withLock { $0 } }

    /// Standard error is closed a moment after the process ends; it is complete when a whole line is there.
    func expectOneSentence(
        containing word: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        while !complaint.hasSuffix("\n") { await Task.yield() }
        let lines = complaint.split(separator: "\n")
        #expect(lines.count == 1, sourceLocation: sourceLocation)
        #expect(complaint.contains(word), "\(complaint)", sourceLocation: sourceLocation)
    }
}

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
