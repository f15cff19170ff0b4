// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

extension ServerSettings {
    /// Processes and threads.
    public struct Processes: Sendable, Hashable {
        /// How many processes serve (U-C-16).
        public var workers = 1
        /// Event loops in each process; `nil` for one for each core.
        public var threads: Int?
        /// What carries connections.
        public var engine = Engine.auto

        mutating func read(_ options: inout OptionReader) {
            options.read("workers", .number(1...4096), orVariable: "WEB_CONCURRENCY", into: &workers)
            options.read("threads", .number(1...4096), into: &threads)
            options.read("engine", .choice, into: &engine)
        }
    }

    /// What carries connections.
    public enum Engine: String, Sendable, Hashable, CaseIterable {
        /// The best that exists here and can do what is wanted.
        case auto
        /// SwiftNIO: everywhere, and with TLS.
        case nio
        /// Alicorn's own: Linux, without TLS.
        case native
    }
}
