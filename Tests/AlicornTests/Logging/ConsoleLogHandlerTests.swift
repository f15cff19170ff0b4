// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornASGI
import Logging
import Testing

@Suite("What swift-log is given")
struct ConsoleLogHandlerTests {
    @Test("its levels are uvicorn's, and its lines too (U-LG-02)")
    func levels() {
        let piped = PipedLog { $0.level = .trace }
        let logger = piped.log.logger("uvicorn.error")
        for level in Logger.Level.allCases { logger.log(level: level, "x") }
        #expect(
            piped.takeErrors() == """
                TRACE:    x
                DEBUG:    x
                INFO:     x
                INFO:     x
                WARNING:  x
                ERROR:    x
                CRITICAL: x

                """)
    }

    @Test(
        "the log's level is the logger's (U-C-30)",
        arguments: [
            (.trace, .trace), (.debug, .debug), (.info, .info), (.warning, .warning), (.error, .error),
            (.critical, .critical),
        ] as [(ServerLogLevel, Logger.Level)])
    func level(of log: ServerLogLevel, logger: Logger.Level) {
        #expect(PipedLog { $0.level = log }.log.logger("uvicorn").logLevel == logger)
    }

    @Test(
        "all loggers write to standard error, but uvicorn.access (U-LG-01)",
        arguments: [
            ("uvicorn", false), ("uvicorn.error", false), ("uvicorn.asgi", false), ("x", false),
            ("uvicorn.access", true),
        ])
    func outputs(label: String, isOutput: Bool) {
        let piped = PipedLog()
        piped.log.logger(label).info("x")
        #expect(piped.takeOutput() == (isOutput ? "INFO:     x\n" : ""))
        #expect(piped.takeErrors() == (isOutput ? "" : "INFO:     x\n"))
        let silent = PipedLog { $0.writesAccess = false }
        silent.log.logger(label).info("x")
        #expect((silent.takeOutput() + silent.takeErrors()).isEmpty == isOutput)
    }

    @Test("metadata follows the message, in the order of its names; what is not a word is quoted")
    func metadata() {
        let piped = PipedLog()
        var logger = piped.log.logger("uvicorn.error")
        logger[metadataKey: "peer"] = "127.0.0.1:5000"
        logger[metadataKey: "b"] = "of the logger"
        logger.info(
            "refused",
            metadata: [
                "b": "", "cause": "no \"pong\"\n x=y", "a": ["1", "2"], "n": .stringConvertible(5), "e": "a=b",
                "back": "\\n", "é": "é",
            ])
        #expect(
            piped.takeErrors()
                == #"INFO:     refused a="[\"1\", \"2\"]" b="" back="\\n" cause="no \"pong\"\n x=y" e="a=b" n=5 "#
                + "peer=127.0.0.1:5000 é=\"é\"\n")
        #expect(logger[metadataKey: "peer"] == "127.0.0.1:5000")
    }

    @Test("what comes with an event goes before what a provider gives, and that before the logger's own")
    func precedence() {
        struct Fault: Error, CustomStringConvertible { let description = "it broke" }
        let piped = PipedLog()
        let provider = Logger.MetadataProvider { ["a": "provider", "b": "provider"] }
        var logger = Logger(label: "x") { piped.log.handler(label: $0, metadataProvider: provider) }
        for key in ["a", "b", "c"] { logger[metadataKey: key] = "logger" }
        logger.error("x", error: Fault(), metadata: ["a": "event"])
        let written = piped.takeErrors()
        #expect(written.hasPrefix("ERROR:    x a=event b=provider c=logger error.message=\"it broke\" error.type="))
        #expect(written.hasSuffix("Fault\n") || written.hasSuffix("Fault\"\n"))
    }

    @Test("nothing in a message, a name or a value begins a line or drives a terminal", arguments: [false, true])
    func hostile(isJSON: Bool) {
        let piped = PipedLog { $0.format = isJSON ? .json : .text }
        let hostile = "x\r\n\u{1B}[2J\u{9B}\u{2028}\u{7F}"
        piped.log.logger(hostile).info(
            "\(hostile)", metadata: [hostile: "\(hostile)", "nested": [[hostile: ["\(hostile)"]]]])
        let written = piped.takeErrors()
        #expect(written.hasSuffix("\n"))
        #expect(written.utf8.dropLast().allSatisfy { $0 >= 0x20 && $0 < 0x7F })
    }

    @Test("styled lines have a styled level alone")
    func colors() {
        let piped = PipedLog { $0.colors = .on }
        piped.log.logger("uvicorn.error").warning("x", metadata: ["a": "b"])
        #expect(piped.takeErrors() == "\u{1B}[33mWARNING\u{1B}[0m:  x a=b\n")
    }
}
