// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import Logging

extension ServerSettings {
    /// Logs.
    public struct Logging: Sendable, Hashable {
        /// The least important lines that are written (U-C-30).
        public var level = Logger.Level.info
        /// Whether requests and connections are logged (U-C-31).
        public var access = true
        /// Whether lines are coloured; `nil` for as the terminal is (U-C-32).
        public var colors: Bool?
        /// How lines are written.
        public var format = LogFormat.text
        /// How lines of the access log are made; `nil` for as uvicorn does (P-35).
        public var accessFormat: String?

        mutating func read(_ options: inout OptionReader) {
            options.read("log-level", .level, into: &level)
            options.read("access-log", .boolean, into: &access)
            options.read("use-colors", .boolean, into: &colors)
            options.read("log-format", .choice, into: &format)
            options.read("access-log-format", .text, into: &accessFormat)
        }
    }

    /// How lines of a log are written.
    public enum LogFormat: String, Sendable, Hashable, CaseIterable {
        /// As uvicorn does (U-LG-02).
        case text
        /// An object of JSON on each line.
        case json
    }
}

extension OptionType where Value == Logger.Level {
    fileprivate static var level: Self {
        Self("one of critical, error, warning, info, debug, trace") { text in
            Logger.Level(rawValue: text.lowercased()).flatMap { $0 == .notice ? nil : $0 }
        }
    }
}
