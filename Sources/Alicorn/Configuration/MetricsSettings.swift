// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

extension ServerSettings {
    /// Metrics, in the format of Prometheus (P-35).
    public struct Metrics: Sendable, Hashable {
        /// The path on which they are served; `nil` for none, or for `/metrics` when there is a port.
        public var path: String?
        /// The port of their own on which they are served; `nil` for the application's.
        public var port: Int?
        /// The address of that port.
        public var host = "127.0.0.1"

        mutating func read(_ options: inout OptionReader) {
            options.read("metrics-path", .absolutePath, into: &path)
            options.read("metrics-port", .number(0...65_535), into: &port)
            options.read("metrics-host", .text, into: &host)
            if port != nil { path = path ?? "/metrics" }
        }
    }
}

extension OptionType where Value == String {
    fileprivate static var absolutePath: Self {
        Self("a path that begins with a slash", isText: true) { $0.hasPrefix("/") ? $0 : nil }
    }
}
