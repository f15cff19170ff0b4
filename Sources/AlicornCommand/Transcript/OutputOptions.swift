// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import ArgumentParser
import Foundation

/// How what happens is shown.
struct OutputOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How binary messages are shown.", valueName: "hex|base64"))
    var show = LineTranscript.Binary.hex

    @Flag(help: "Show messages that are JSON on several lines.")
    var pretty = false

    @Flag(help: "Show when each thing happened.")
    var timestamps = false

    @OptionGroup(title: "Output") var colors: ColorOptions

    @Flag(name: .shortAndLong, help: "Show all that passes: heads, frames, pings.")
    var verbose = false

    @Flag(help: "Read and write JSON, an object on each line; for programs.")
    var jsonl = false

    func validate() throws {
        guard !(jsonl && (pretty || timestamps)) else {
            throw ValidationError("--jsonl has its own form: leave --pretty and --timestamps out")
        }
    }

    /// The terminal to type in; `nil` where there is none, or where it is programs that are talked to.
    ///
    /// - Parameter history: what the arrow keys bring back; `nil` for what is typed from now on alone.
    func terminal(history: @autoclosure () -> LineHistory?) -> TerminalConsole? {
        jsonl ? nil : TerminalConsole(prompt: "> ", history: history())
    }

    /// - Parameters:
    ///   - peer: who is at the other end, where there are several.
    ///   - isForPeople: whether all is told, or messages alone.
    func transcript(on console: any Console, about peer: String? = nil, isForPeople: Bool) -> any Transcript {
        if jsonl { return JSONLinesTranscript(console: console, peer: peer) }
        return LineTranscript(
            console: console, peer: peer, isForPeople: isForPeople, hasColors: colors.color.isOn(),
            hasTimes: timestamps, isPretty: pretty, binary: show)
    }
}

extension LineTranscript.Binary: ExpressibleByArgument {}
