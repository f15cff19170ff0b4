// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import ArgumentParser

/// See ``ServerSettings/Limits``.
struct LimitOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Connections and running requests, beyond which requests are answered with 503. [default: none]",
            valueName: "count"))
    var limitConcurrency: String?

    @Option(help: ArgumentHelp("Requests after which the process ends. [default: none]", valueName: "count"))
    var limitMaxRequests: String?

    @Option(
        help: ArgumentHelp(
            "Add up to so many to --limit-max-requests, by chance, so that workers do not end together. [default: 0]",
            valueName: "count"))
    var limitMaxRequestsJitter: String?

    @Option(
        help: ArgumentHelp(
            "WebSocket connections, beyond which handshakes are answered with 503. [default: none]", valueName: "count")
    )
    var limitWebsockets: String?

    @Option(help: ArgumentHelp("Connections of one client. [default: none]", valueName: "count"))
    var limitConnectionsPerClient: String?

    @Option(help: ArgumentHelp("WebSocket handshakes per second, in all. [default: none]", valueName: "count"))
    var limitHandshakeRate: String?

    @Option(help: ArgumentHelp("WebSocket handshakes per second, of one client. [default: none]", valueName: "count"))
    var limitClientHandshakeRate: String?

    @Option(help: ArgumentHelp("The longest body of a request. [default: none]", valueName: "bytes"))
    var limitBody: String?

    @Option(help: ArgumentHelp("The longest head of a request. [default: 65536]", valueName: "bytes"))
    var limitHeaderSize: String?

    @Option(help: ArgumentHelp("The header fields that a request may have. [default: 100]", valueName: "count"))
    var limitHeaders: String?
}
