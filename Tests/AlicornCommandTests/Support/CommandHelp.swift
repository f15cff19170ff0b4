// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import ArgumentParser

@testable import AlicornCommand

/// A command, and the options that its help lists.
struct CommandHelp {
    let name: String
    /// With their dashes.
    let options: [String]

    /// Those of all commands that there are.
    static let all: [CommandHelp] = AlicornCommand.configuration.subcommands.map { command in
        let help = AlicornCommand.helpMessage(for: command, columns: 10_000)
        let options = help.split(separator: "\n").filter { $0.hasPrefix("  -") }.flatMap { line in
            // The help stands behind two blanks, a value in angles, names behind commas and slashes.
            line.dropFirst(2).prefix { $0 != "<" }.split(separator: "  ")[0].split { ", /".contains($0) }.map(
                String.init)
        }
        return CommandHelp(name: command.configuration.commandName ?? "", options: options)
    }
}
