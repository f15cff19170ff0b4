// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import ArgumentParser

/// The option of all commands that may print in colours.
struct ColorOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Whether there are colours. $NO_COLOR counts.", valueName: "auto|always|never"))
    var color = ColorChoice.auto
}
