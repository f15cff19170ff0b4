// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import ArgumentParser

@main
struct AlicornCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alicorn", abstract: "WebSocket for Swift, whole.", version: "0.1.0",
        subcommands: [DemoCommand.self, EchoCommand.self, ConnectCommand.self])
}
