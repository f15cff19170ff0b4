// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import Logging
import Synchronization

/// Keeps what is logged, for looking at it afterwards.
package final class RecordedLog: Sendable {
    package struct Line: Sendable, Equatable, CustomStringConvertible {
        package var level: Logger.Level
        package var message: String
        package var metadata: [String: String]

        package var description: String { "\(level): \(message) \(metadata)" }
    }

    private struct State {
        var lines: [Line] = []
        var waiting: [(message: String, continuation: CheckedContinuation<Line, Never>)] = []
    }

    private let recorded = Mutex(State())
    private let level: Logger.Level

    package init(level: Logger.Level = .trace) { self.level = level }

    package var lines: [Line] { recorded.withLock { $0.lines } }

    /// The first line with that message, which may be yet to come.
    package func first(_ message: String) async -> Line {
        await withCheckedContinuation { continuation in
            let line = recorded.withLock { state in
                let line = state.lines.first { $0.message == message }
                if line == nil { state.waiting.append((message, continuation)) }
                return line
            }
            if let line { continuation.resume(returning: line) }
        }
    }

    private func add(_ line: Line) {
        let told = recorded.withLock { state in
            state.lines.append(line)
            let told = state.waiting.filter { $0.message == line.message }
            state.waiting.removeAll { $0.message == line.message }
            return told
        }
        for one in told { one.continuation.resume(returning: line) }
    }

    /// The lines that name the cause of something that went wrong.
    package var causes: [String] { lines.filter { $0.level >= .info }.compactMap { $0.metadata["cause"] } }

    package var logger: Logger {
        Logger(label: "test") { _ in Handler(log: self, logLevel: level) }
    }

    private struct Handler: LogHandler {
        let log: RecordedLog
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            log.add(Line(level: event.level, message: "\(event.message)", metadata: all.mapValues { "\($0)" }))
        }
    }
}
