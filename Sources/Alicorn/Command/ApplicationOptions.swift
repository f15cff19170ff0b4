// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import ArgumentParser

/// See ``ServerSettings/Application``.
struct ApplicationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Whether the application is told of start and end; auto serves also one that does not know of it. [default: auto]",
            valueName: "auto|on|off"))
    var lifespan: String?

    @Option(
        help: ArgumentHelp(
            "uvicorn restores its close code 1005 for lost connections and its lines on WebSocket access. [default: none]",
            valueName: "none|uvicorn"))
    var compat: String?
}
