// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import ArgumentParser

/// See ``ServerSettings/Timeouts``.
struct TimeoutOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How long the head of a request may take, or none. [default: 30]", valueName: "seconds"))
    var timeoutHead: String?

    @Option(
        help: ArgumentHelp(
            "How long the body of a request may make no progress, or none. [default: 60]", valueName: "seconds"))
    var timeoutBody: String?

    @Option(
        help: ArgumentHelp("How long a connection may wait for its next request. [default: 5]", valueName: "seconds"))
    var timeoutKeepAlive: String?

    @Option(
        help: ArgumentHelp(
            "How long a stop waits for connections and the application, or none for as long as they take. [default: 10]",
            valueName: "seconds"))
    var timeoutGracefulShutdown: String?

    @Option(
        help: ArgumentHelp("How long a worker may take to show that it is alive. [default: 5]", valueName: "seconds"))
    var timeoutWorkerHealthcheck: String?
}
