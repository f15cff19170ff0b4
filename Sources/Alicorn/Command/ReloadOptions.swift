// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import ArgumentParser

/// See ``ServerSettings/Reloading``.
struct ReloadOptions: ParsableArguments {
    @Flag(help: "Build the application and start it again when its files change.")
    var reload = false

    @Option(
        help: ArgumentHelp(
            "A directory to watch instead of the current one. Repeat it for several.", valueName: "path"),
        completion: .directory)
    var reloadDir: [String] = []

    @Option(
        help: ArgumentHelp(
            "A pattern of files to watch, beside *.swift and Package.resolved. Repeat it for several.",
            valueName: "pattern"))
    var reloadInclude: [String] = []

    @Option(
        help: ArgumentHelp(
            "A pattern of files not to watch, beside what is hidden. Repeat it for several.", valueName: "pattern"))
    var reloadExclude: [String] = []

    @Option(
        help: ArgumentHelp(
            "How long it is to be quiet before anything happens. [default: 0.25]", valueName: "seconds"))
    var reloadDelay: String?
}
