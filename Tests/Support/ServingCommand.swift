// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// A run of `alicorn hello` that listens.
package struct ServingCommand: Sendable {
    package let command: RunningCommand
    /// The port that the system picked; 0 when it listens on something else.
    package let port: Int
    /// What standard error said until it listened.
    package let startUp: [String]

    /// What came of a run.
    package struct Outcome: Sendable {
        package let end: RunningCommand.End
        /// The lines of standard output that nobody has read before.
        package let output: [String]
        /// The same of standard error.
        package let errors: [String]
    }

    package struct DidNotListen: Error, CustomStringConvertible {
        package let description: String
    }

    /// Starts it on a free port, and waits until it says that it listens: its log has to have lines of level info.
    ///
    /// - Parameters:
    ///   - arguments: options.
    ///   - environment: variables beside those of the tests.
    package static func start(
        _ arguments: String..., environment: [String: String] = [:]
    ) async throws -> Self {
        try await start(RunningCommand(["hello", "--port", "0"] + arguments, environment: environment))
    }

    /// Waits until a command says that it listens.
    package static func start(_ command: RunningCommand) async throws -> Self {
        var lines: [String] = []
        while let line = await command.nextErrorLine() {
            lines.append(line)
            guard line.contains("Uvicorn running on ") else { continue }
            let port = line.firstMatch(of: /:\/\/[^ ]*:(\d+)/).flatMap { Int($0.1) }
            return Self(command: command, port: port ?? 0, startUp: lines)
        }
        throw DidNotListen(description: lines.joined(separator: "\n"))
    }

    /// Waits until it has ended, with all that it said.
    package func outcome() async -> Outcome {
        let end = await command.end()
        let output = await command.lines.reduce(into: []) { $0.append($1) }
        let errors = await command.errorLines.reduce(into: []) { $0.append($1) }
        return Outcome(end: end, output: output, errors: errors)
    }

    /// Ends it in order, by SIGINT.
    package func stop() async -> Outcome {
        command.interrupt()
        return await outcome()
    }

    /// How its clients name it.
    package var address: String { "ws://127.0.0.1:\(port)/" }
}
