// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import ArgumentParser
import Foundation

/// How a command ends that did not simply return: what it prints, and its status.
public struct CommandEnd: Sendable, Hashable {
    /// 0 after help or a version, 2 for a usage error (U-C-05, U-XC-08), that of an `ExitCode`, else 1.
    public let status: Int32
    /// For standard output: help and versions.
    public let output: String
    /// For standard error.
    public let complaint: String

    /// Judges what parsing or running a command threw.
    ///
    /// - Parameter command: the command that was parsed, whose usage is shown.
    public init<Command: ParsableCommand>(_ error: any Error, of command: Command.Type) {
        if let settings = error as? InvalidSettings {
            status = InvalidSettings.exitStatus
            output = ""
            complaint = settings.problems.map { "Error: \($0)\n" }.joined()
            return
        }
        // Thrown by a command that runs, so that the usage of the one that was parsed would be another's.
        if let error = error as? ValidationError {
            status = InvalidSettings.exitStatus
            output = ""
            complaint = "Error: \(error.message)\n"
            return
        }
        let code = command.exitCode(for: error)
        let message = command.fullMessage(for: error)
        let text = message.isEmpty ? "" : message + "\n"
        // Its own status for usage errors is 64 (EX_USAGE), where those who watch a uvicorn expect 2.
        status = code == .validationFailure && !(error is ExitCode) ? InvalidSettings.exitStatus : code.rawValue
        output = code == .success ? text : ""
        complaint = code == .success ? "" : text
    }

    /// Prints, and ends the process.
    public func exit() -> Never {
        // Who does not listen any more does not keep the process from its end.
        try? FileHandle.standardOutput.write(contentsOf: Data(output.utf8))
        try? FileHandle.standardError.write(contentsOf: Data(complaint.utf8))
        Foundation.exit(status)
    }
}

extension AsyncParsableCommand {
    /// Parses the command line, runs the command that it names, and when that fails ends the process as ``CommandEnd``
    /// says. For the `main()` of a program, instead of ArgumentParser's own.
    public static func runFromCommandLine() async {
        do {
            var command = try await asyncParseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            CommandEnd(error, of: Self.self).exit()
        }
    }
}
