// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import ArgumentParser

/// See ``ServerSettings/Listening``.
struct AddressOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The host's name or IP address to listen on. [default: 127.0.0.1]", valueName: "address"))
    var host: String?

    @Option(help: ArgumentHelp("The port to listen on; 0 picks a free one. [default: 8000]", valueName: "port"))
    var port: String?

    @Option(help: ArgumentHelp("Listen on a Unix socket instead.", valueName: "path"), completion: .file())
    var uds: String?

    @Option(help: ArgumentHelp("Listen on an inherited socket instead, of this file descriptor.", valueName: "number"))
    var fd: String?

    @Option(
        help: ArgumentHelp(
            "Listen on this address: HOST:PORT, [IPV6]:PORT, unix:PATH or fd:N. Repeat it to listen on several.",
            valueName: "address"))
    var bind: [String] = []

    @Option(help: ArgumentHelp("Connections that may wait to be accepted. [default: 2048]", valueName: "count"))
    var backlog: String?

    @Option(help: ArgumentHelp("The permissions of a Unix socket's file. [default: 0o666]", valueName: "octal"))
    var udsPermissions: String?
}
