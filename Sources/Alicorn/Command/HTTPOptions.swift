// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import ArgumentParser

/// See ``ServerSettings/HTTP``.
struct HTTPOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The path below which a proxy serves the application.", valueName: "path"))
    var rootPath: String?

    @Flag(inversion: .prefixedNo, exclusivity: .chooseLast, help: "Send a Server header. [default: true]")
    var serverHeader: Bool?

    @Flag(inversion: .prefixedNo, exclusivity: .chooseLast, help: "Send a Date header. [default: true]")
    var dateHeader: Bool?

    @Option(
        help: ArgumentHelp("Send this header with each response, too. Repeat it for several.", valueName: "name:value"))
    var header: [String] = []
}
