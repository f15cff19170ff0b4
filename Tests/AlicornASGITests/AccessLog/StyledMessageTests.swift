// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import Testing

@Suite("Messages with styles")
struct StyledMessageTests {
    @Test("the bytes of uvicorn's color_message (U-LG-03)")
    func styles() {
        let started: StyledMessage = "Started server process [\(1, .cyan)]"
        #expect(started.plain == "Started server process [1]")
        #expect(started.styled == "Started server process [\u{1B}[36m1\u{1B}[0m]")
        let running: StyledMessage = "Uvicorn running on \("http://[::1]:8000", .bold) (Press CTRL+C to quit)"
        #expect(running.plain == "Uvicorn running on http://[::1]:8000 (Press CTRL+C to quit)")
        #expect(running.styled == "Uvicorn running on \u{1B}[1mhttp://[::1]:8000\u{1B}[0m (Press CTRL+C to quit)")
        let parent: StyledMessage = "Started parent process [\(1, .boldCyan)]"
        #expect(parent.styled == "Started parent process [\u{1B}[36m\u{1B}[1m1\u{1B}[0m]")
        let plain: StyledMessage = "Waiting for application startup."
        #expect(plain.plain == plain.styled)
    }

    @Test("what is interpolated can neither break the line nor style it")
    func interpolationIsEscaped() {
        let hostile = "a\n\u{1B}[2J\\n"
        let message: StyledMessage = "\(hostile) \(hostile, .red)"
        #expect(message.plain == "a\\n\\x1b[2J\\n a\\n\\x1b[2J\\n")
        #expect(message.styled == "a\\n\\x1b[2J\\n \u{1B}[31ma\\n\\x1b[2J\\n\u{1B}[0m")
    }
}
