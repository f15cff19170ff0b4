// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import ArgumentParser

/// See ``ServerSettings/Metrics``.
struct MetricsOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Serve metrics for Prometheus on this path, such as /metrics.", valueName: "path"))
    var metricsPath: String?

    @Option(help: ArgumentHelp("Serve metrics on a port of their own.", valueName: "port"))
    var metricsPort: String?

    @Option(help: ArgumentHelp("The address of the metrics' port. [default: 127.0.0.1]", valueName: "address"))
    var metricsHost: String?
}
