// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornASGI
import Testing

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

@Suite("The server's log")
struct ConsoleLogTests {
    /// The bytes of uvicorn 0.54.0 for the same message, without and with colours.
    static let lines: [(ServerLogLevel, plain: String, styled: String)] = [
        (.trace, "TRACE:    ", "\u{1B}[34mTRACE\u{1B}[0m:    "),
        (.debug, "DEBUG:    ", "\u{1B}[36mDEBUG\u{1B}[0m:    "),
        (.info, "INFO:     ", "\u{1B}[32mINFO\u{1B}[0m:     "),
        (.warning, "WARNING:  ", "\u{1B}[33mWARNING\u{1B}[0m:  "),
        (.error, "ERROR:    ", "\u{1B}[31mERROR\u{1B}[0m:    "),
        (.critical, "CRITICAL: ", "\u{1B}[91mCRITICAL\u{1B}[0m: "),
    ]

    @Test("its lines are uvicorn's, on standard error (U-LG-01 to U-LG-03)", arguments: lines)
    func matchesUvicorn(level: ServerLogLevel, plain: String, styled: String) {
        let piped = PipedLog { $0.level = .trace }
        piped.log.write(level, "Started server process [1]")
        piped.log.write(level, styled: "Started server process [\(1, .cyan)]")
        #expect(piped.takeErrors() == "\(plain)Started server process [1]\n\(plain)Started server process [1]\n")
        let colored = PipedLog {
            $0.level = .trace
            $0.colors = .on
        }
        colored.log.write(level, styled: "Started server process [\(1, .cyan)]")
        #expect(colored.takeErrors() == "\(styled)Started server process [\u{1B}[36m1\u{1B}[0m]\n")
        #expect(piped.takeOutput() + colored.takeOutput() == "")
    }

    @Test("lines below the level are not written (U-C-30)", arguments: ServerLogLevel.allCases)
    func level(level: ServerLogLevel) {
        let piped = PipedLog { $0.level = level }
        for level in ServerLogLevel.allCases {
            piped.log.write(level, level.name)
            piped.log.write(level, styled: "\(level.name)")
            piped.log.write(level, lazily: { level.name })
        }
        let expected = ServerLogLevel.allCases.filter { $0 >= level }.map(\.name)
        let written = piped.takeErrors().split(separator: "\n").map { $0.drop { $0 != " " }.drop { $0 == " " } }
        #expect(written.map(String.init) == expected.flatMap { [$0, $0, $0] })
    }

    @Test("standard output decides on colours for both, unless told otherwise (U-LG-03, U-C-32)")
    func colors() {
        let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        defer { close(terminal) }
        let errors = LogPipe()
        func written(_ colors: ConsoleLog.Colors, output: LogOutput) -> String {
            var settings = ConsoleLog.Settings()
            settings.colors = colors
            ConsoleLog(settings, output: output, errors: errors.output).write(.info, "x")
            return errors.take()
        }
        let (plain, styled) = ("INFO:     x\n", "\u{1B}[32mINFO\u{1B}[0m:     x\n")
        #expect(written(.automatic, output: LogOutput(descriptor: terminal)) == styled)
        #expect(written(.automatic, output: errors.output) == plain)
        #expect(written(.on, output: errors.output) == styled)
        #expect(written(.off, output: LogOutput(descriptor: terminal)) == plain)
    }

    @Test("a message is one line, whatever is in it")
    func oneLine() {
        let piped = PipedLog()
        piped.log.write(.error, "a\r\nINFO:     forged\u{1B}[2J \\x1b")
        #expect(piped.takeErrors() == "ERROR:    a\\r\\nINFO:     forged\\x1b[2J \\x1b\n")
    }

    @Test("as JSON a line is an object, without colours")
    func json() {
        let piped = PipedLog {
            $0.format = .json
            $0.colors = .on
        }
        piped.log.write(.warning, "no \"x\"")
        piped.log.write(.info, styled: "Started server process [\(1, .cyan)]")
        piped.log.write(.debug, "not wanted")
        #expect(
            piped.takeErrors() == """
                {"timestamp":"1994-11-06T08:49:37.007Z","level":"warning","logger":"uvicorn.error","message":"no \\"x\\""}
                {"timestamp":"1994-11-06T08:49:37.007Z","level":"info","logger":"uvicorn.error",\
                "message":"Started server process [1]"}

                """)
    }
}
