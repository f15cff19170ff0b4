// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

extension ServerSettings {
    /// How long is waited. What is `nil` may take for ever.
    public struct Timeouts: Sendable, Hashable {
        /// How long a request's head may take from its first byte (P-19).
        public var head: Duration? = .seconds(30)
        /// How long a request's body may make no progress (P-19).
        public var body: Duration? = .seconds(60)
        /// How long a connection may wait for its next request (U-C-43).
        public var keepAlive: Duration = .seconds(5)
        /// How long a stop waits for connections and the application; uvicorn waits for ever (U-C-44, P-38).
        public var gracefulShutdown: Duration? = .seconds(10)
        /// How long a worker may take to answer its supervisor (U-C-45).
        public var workerHealthcheck: Duration = .seconds(5)

        mutating func read(_ options: inout OptionReader) {
            options.read("timeout-head", .orNone(.secondsAboveZero), into: &head)
            options.read("timeout-body", .orNone(.secondsAboveZero), into: &body)
            options.read("timeout-keep-alive", .seconds, into: &keepAlive)
            options.read("timeout-graceful-shutdown", .orNone(.seconds), into: &gracefulShutdown)
            options.read("timeout-worker-healthcheck", .secondsAboveZero, into: &workerHealthcheck)
        }
    }
}
