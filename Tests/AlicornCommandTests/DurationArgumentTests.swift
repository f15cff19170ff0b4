// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import EngineTesting
import Testing

@testable import AlicornCommand

@Suite("Lengths of time in options", .timeLimit(.minutes(2)))
struct DurationArgumentTests {
    @Test(
        "they are seconds, or have a unit",
        arguments: [
            ("90", 90.0), ("1.5s", 1.5), ("2m", 120), ("1h", 3600), ("0.25", 0.25), ("0", 0), ("1e6", 1_000_000),
        ])
    func units(_ text: String, _ seconds: Double) {
        #expect(DurationArgument(argument: text)?.duration == .seconds(seconds))
    }

    @Test(
        "what no clock can hold is refused",
        arguments: ["", "s", "-1", "inf", "nan", "1e300", "1e7", "300h", "2d", "1 m", "0x", "\u{661}"])
    func refused(_ text: String) {
        #expect(DurationArgument(argument: text) == nil)
    }

    @Test(
        "each command refuses it in a sentence, with status 2",
        arguments: [
            ["connect", "--timeout", "inf", "ws://a"], ["connect", "--ping-interval", "1e300", "ws://a"],
            ["connect", "--open-timeout", "1e30", "ws://a"], ["doctor", "--idle", "1e300", "ws://a"],
            ["listen", "--delay", "inf"], ["echo", "--close-timeout", "1e300"],
            ["bench", "--duration", "inf", "ws://a"],
        ])
    func commands(_ arguments: [String]) async throws {
        let command = try RunningCommand(arguments)
        let line = try #require(await command.nextErrorLine())
        #expect(line.hasPrefix("Error: The value '\(arguments[2])' is invalid for '\(arguments[1])"))
        #expect(await command.status() == 2)
    }
}
