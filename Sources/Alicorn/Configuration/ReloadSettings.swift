// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

extension ServerSettings {
    /// Whether the application is built and started again when its files change.
    public struct Reloading: Sendable, Hashable {
        /// Whether it is (U-C-11).
        public var isOn = false
        /// The directories that are watched; the current one if there are none (U-C-12).
        public var directories: [String] = []
        /// Patterns of files that are watched, beside `*.swift`, `Package.swift` and `Package.resolved` (U-C-13).
        public var includes: [String] = []
        /// Patterns of files that are not watched, beside what is hidden (U-C-14).
        public var excludes: [String] = []
        /// How long it is to be quiet before anything happens (U-C-15).
        public var delay: Duration = .milliseconds(250)

        mutating func read(_ options: inout OptionReader) {
            options.read("reload", .boolean, into: &isOn)
            options.read("reload-dir", each: .directory, by: .colons, plural: "reload-dirs", into: &directories)
            options.read("reload-include", each: .text, by: .spaces, plural: "reload-includes", into: &includes)
            options.read("reload-exclude", each: .text, by: .spaces, plural: "reload-excludes", into: &excludes)
            options.read("reload-delay", .seconds, into: &delay)
        }
    }
}
