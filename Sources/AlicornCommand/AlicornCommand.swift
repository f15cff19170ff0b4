// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import ArgumentParser

@main
struct AlicornCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alicorn", abstract: "WebSocket for Swift, whole.",
        discussion: """
            An application server for HTTP and WebSocket, and tools to talk to servers and clients. Where no command is named it \
            is serve that is meant.

            The exit status is 0 when all went well, 2 for wrong options, and otherwise what the command's own help says.
            """,
        version: "0.1.0",
        subcommands: [
            ServeCommand.self, ConnectCommand.self, ListenCommand.self, DoctorCommand.self, BenchCommand.self,
            EchoCommand.self,
        ],
        defaultSubcommand: ServeCommand.self)

    static func main() async { await runFromCommandLine() }
}
