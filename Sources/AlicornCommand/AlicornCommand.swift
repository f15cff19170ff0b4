// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import ArgumentParser

@main
struct AlicornCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alicorn", abstract: "WebSocket for Swift, whole.", version: "0.1.0",
        subcommands: [ServeCommand.self, ConnectCommand.self, ListenCommand.self, EchoCommand.self, BenchCommand.self],
        defaultSubcommand: ServeCommand.self)

    static func main() async { await runFromCommandLine() }
}
