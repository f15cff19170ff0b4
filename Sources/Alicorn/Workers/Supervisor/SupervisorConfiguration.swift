// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// How many worker processes there are, and how long they may take.
package struct SupervisorConfiguration: Sendable {
    /// The processes to begin with, 1 to ``maximumWorkers`` (`--workers`).
    package var workers: Int
    /// Within this time a worker that serves answers whether it is healthy, and a new one is ready when workers are
    /// replaced one by one (`--timeout-worker-healthcheck`, U-MP-03, U-MP-05).
    package var healthCheckTimeout: Duration
    /// What a worker has from SIGTERM until connections are cut (`--timeout-graceful-shutdown`). It is killed when it
    /// is still there ``shutdownMargin`` later.
    package var gracePeriod: Duration
    /// Within this time a worker that was started is ready, else it is replaced. uvicorn would wait for ever.
    package var startTimeout: Duration

    /// Creates a configuration with uvicorn's default for health checks.
    package init(
        workers: Int, gracePeriod: Duration, healthCheckTimeout: Duration = .seconds(5),
        startTimeout: Duration = .seconds(300)
    ) {
        self.workers = min(max(workers, 1), Self.maximumWorkers)
        self.gracePeriod = gracePeriod
        self.healthCheckTimeout = healthCheckTimeout
        self.startTimeout = startTimeout
    }

    /// More processes than any machine has cores would only be a mistake.
    package static let maximumWorkers = 1024
    /// For what a worker does beside waiting for connections: the application's shutdown, and leaving.
    package static let shutdownMargin = Duration.seconds(5)
}
