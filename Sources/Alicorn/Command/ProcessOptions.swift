// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import ArgumentParser

/// See ``ServerSettings/Processes``.
struct ProcessOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Processes that serve. $WEB_CONCURRENCY counts when nothing else is given. [default: 1]", valueName: "count"
        ))
    var workers: String?

    @Option(help: ArgumentHelp("Event loops in each process; one for each core unless given.", valueName: "count"))
    var threads: String?

    @Option(
        help: ArgumentHelp(
            "What carries connections: SwiftNIO, Alicorn's own, which is for Linux and has no TLS, or the best that will "
                + "do. [default: auto]", valueName: "auto|nio|native"))
    var engine: String?
}
