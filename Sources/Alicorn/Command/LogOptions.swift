// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import ArgumentParser

/// See ``ServerSettings/Logging``.
struct LogOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The least important lines to write: critical, error, warning, info, debug or trace. [default: info]",
            valueName: "level"))
    var logLevel: String?

    @Flag(inversion: .prefixedNo, exclusivity: .chooseLast, help: "Log requests and connections. [default: true]")
    var accessLog: Bool?

    @Flag(inversion: .prefixedNo, exclusivity: .chooseLast, help: "Colour the log; as the terminal is, unless given.")
    var useColors: Bool?

    @Option(
        help: ArgumentHelp(
            "Lines as uvicorn writes them, or JSON on each line. [default: text]", valueName: "text|json"))
    var logFormat: String?

    @Option(help: ArgumentHelp("What a line of the access log says; as for uvicorn unless given.", valueName: "format"))
    var accessLogFormat: String?
}
