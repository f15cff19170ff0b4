// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What is watched, and what happens when it changes.
package struct ReloadConfiguration: Sendable {
    /// Absolute paths of directories, which are watched with all below them (`--reload-dir`).
    package var directories: [String]
    /// Which of the files there count.
    package var filter: ReloadFilter
    /// How long it is quiet before anything happens, as an editor or a checkout writes several files
    /// (`--reload-delay`).
    package var delay: Duration
    /// What the process that serves has from SIGTERM until connections are cut; it is killed
    /// ``SupervisorConfiguration/shutdownMargin`` later. A reload never waits longer (I-01).
    package var gracePeriod: Duration
    /// What makes the new program; `nil` to start the same again.
    package var build: BuildCommand?

    package init(
        directories: [String], filter: ReloadFilter = ReloadFilter(), delay: Duration = .milliseconds(250),
        gracePeriod: Duration, build: BuildCommand?
    ) {
        self.directories = directories
        self.filter = filter
        self.delay = delay
        self.gracePeriod = gracePeriod
        self.build = build
    }

    /// The first line of U-LG-14, which stands before those about listening.
    package var announcement: String {
        let list = directories.sorted().map { $0.contains("'") ? "\"\($0)\"" : "'\($0)'" }
        return "Will watch for changes in these directories: [\(list.joined(separator: ", "))]"
    }
}
