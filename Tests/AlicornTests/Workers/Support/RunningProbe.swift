// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import Foundation
import Synchronization

/// A run of `worker-probe`, which is a supervisor or a reloader with its workers.
final class RunningProbe: Sendable {
    private let process: Running
    private let output = Output()

    private struct Running: @unchecked Sendable {
        // SAFETY: started in `init`; afterwards only sent signals, by the test that owns the run.
        let process: Process
    }

    init(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("worker-probe")
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        self.process = Running(process: process)
        let output = output
        let note = FileHandle(
            fileDescriptor: fcntl(pipe.fileHandleForWriting.fileDescriptor, F_DUPFD_CLOEXEC, 0), closeOnDealloc: true)
        process.terminationHandler = { process in
            // By the same way: behind all that the process has written.
            try? note.write(contentsOf: Data("exit \(process.terminationStatus)\n".utf8))
            try? note.close()
        }
        try process.run()
        let handle = pipe.fileHandleForReading
        Thread.detachNewThread {
            var line = Data()
            while let data = try? handle.read(upToCount: 1), !data.isEmpty {
                line += data
                guard data.first == UInt8(ascii: "\n") else { continue }
                output.add(String(decoding: line.dropLast(), as: UTF8.self))
                line = Data()
            }
            // All processes that write there are gone.
            output.add("silence")
        }
    }

    deinit { if process.process.isRunning { process.process.terminate() } }

    /// A supervisor whose workers serve.
    static func supervisor(
        workers: Int, healthCheck: Int = 5, grace: Int = 5, socket: String = "0", startUp: String = ""
    ) async throws -> RunningProbe {
        let probe = try RunningProbe(["supervise", "\(workers)", "\(healthCheck)", "\(grace)", socket, startUp])
        await probe.line("ready")
        return probe
    }

    var pid: Int32 { process.process.processIdentifier }

    func send(_ signal: ProcessSignal) { kill(pid, signal.number) }

    /// What it and its workers have written so far.
    var lines: [String] { output.state.withLock { $0.lines } }

    /// Waits for the next line, from those that no call has taken, that begins with this; takes it and those before.
    @discardableResult
    func line(_ beginning: String) async -> String {
        await withCheckedContinuation { output.wait(for: beginning, $0) }
    }

    /// The port on which it listens.
    var port: UInt16 {
        let words = lines.first { $0.hasPrefix("listening") }?.split(separator: " ") ?? []
        return words.count > 1 ? UInt16(words[1]) ?? 0 : 0
    }

    /// Waits for its end.
    ///
    /// - Returns: the status that it exits with.
    func status() async -> Int32 { Int32(await line("exit ").dropFirst(5)) ?? -1 }

    private final class Output: Sendable {
        struct State {
            var lines: [String] = []
            var taken = 0
            var waiting: (beginning: String, continuation: CheckedContinuation<String, Never>)?

            /// Wakes who waits, if what it waits for is there.
            mutating func resume() {
                guard let waiting, let index = lines[taken...].firstIndex(where: { $0.hasPrefix(waiting.beginning) })
                else { return }
                taken = index + 1
                self.waiting = nil
                waiting.continuation.resume(returning: lines[index])
            }
        }

        let state = Mutex(State())

        func add(_ line: String) {
            state.withLock { state in
                state.lines.append(line)
                state.resume()
            }
        }

        func wait(for beginning: String, _ continuation: CheckedContinuation<String, Never>) {
            state.withLock { state in
                state.waiting = (beginning, continuation)
                state.resume()
            }
        }
    }
}
