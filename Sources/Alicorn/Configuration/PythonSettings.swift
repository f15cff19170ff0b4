// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

extension ServerSettings {
    /// What matters to applications in Python alone: it is kept for those who host them.
    public struct Python: Sendable, Hashable {
        /// The directory in which the application is looked for; the current one if empty (U-C-51).
        public var applicationDirectory = ""
        /// Whether what is named makes the application (U-C-54).
        public var isFactory = false
        /// How the application is called (U-C-27).
        public var interface = Interface.auto
        /// A file with variables for the application (U-C-28).
        public var environmentFile: String?
        /// A file that configures the logs (U-C-29).
        public var logConfiguration: String?
        /// The event loop (U-C-17).
        public var loop = "auto"
        /// uvicorn's implementation of HTTP; any means ours (U-C-18).
        public var http = "auto"
        /// Whether uvicorn is to speak HTTP/2 (U-C-19).
        public var http2 = false
        /// The limit on a request's head that uvicorn has with h11, in bytes (U-C-52).
        public var maximumIncompleteEvent: Int?
        /// Whether each request has a context of its own (U-C-53).
        public var resetsContextVariables = false
        /// Whether an application is cancelled whose client goes while it works.
        public var cancelsOnDisconnect = false
        /// The options of this group that were given, as they are written: `--factory`.
        public var given: [String] = []

        mutating func read(_ options: inout OptionReader) {
            let others = options.given
            options.read("app-dir", .text, into: &applicationDirectory)
            options.read("factory", .boolean, into: &isFactory)
            options.read("interface", .choice, into: &interface)
            options.read("env-file", .readableFile, into: &environmentFile)
            options.read("log-config", .readableFile, into: &logConfiguration)
            options.read("loop", .word("auto", "asyncio", "uvloop", "zuvloop", "none"), into: &loop)
            options.read("http", .word("auto", "h11", "httptools", "zttp"), into: &http)
            options.read("http2", .boolean, into: &http2)
            options.read("h11-max-incomplete-event-size", .bytes(atLeast: 1), into: &maximumIncompleteEvent)
            options.read("reset-contextvars", .boolean, into: &resetsContextVariables)
            options.read("cancel-on-disconnect", .boolean, into: &cancelsOnDisconnect)
            given = options.given.subtracting(others).sorted().map { "--\($0)" }
        }
    }

    /// How an application in Python is called.
    public enum Interface: String, Sendable, Hashable, CaseIterable {
        /// As it looks.
        case auto
        /// ASGI, with one call.
        case asgi3
        /// ASGI, with two calls.
        case asgi2
        /// WSGI.
        case wsgi
    }
}
