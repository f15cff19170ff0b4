// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornASGI
package import Logging

/// The server's log on standard output and standard error, in uvicorn's lines or as JSON (U-LG-01 to U-LG-06, P-27, P-35).
///
/// Everything goes to standard error, and the access log to standard output.
package struct ConsoleLog: ServerLog {
    /// What a log is made from.
    package struct Settings: Sendable {
        /// The least important lines that are wanted (U-C-30).
        package var level = ServerLogLevel.info
        /// Whether there is an access log (U-C-31).
        package var writesAccess = true
        /// What a line of the access log looks like, and nothing before it; as uvicorn's if `nil`.
        package var accessFormat: AccessLogFormat?
        /// Whether lines have colours (U-C-32). JSON has none.
        package var colors = Colors.automatic
        /// What lines are.
        package var format = Format.text
        /// Where WebSocket connections have their lines.
        package var webSocketAccess = WebSocketAccess.accessLog

        package init() {}
    }

    /// Whether lines have colours.
    package enum Colors: Sendable, Hashable {
        /// If standard output is a terminal, whatever standard error is.
        case automatic
        case off, on
    }

    /// What lines are.
    package enum Format: Sendable, Hashable {
        /// uvicorn's lines (U-LG-02).
        case text
        /// A JSON object on each line, with the fields `timestamp`, `level`, `logger` and `message`, and what else is known.
        case json
    }

    /// Where WebSocket connections have their lines.
    package enum WebSocketAccess: Sendable, Hashable {
        /// In the access log, with the requests (P-27).
        case accessLog
        /// In the server's own, which no switch of the access log silences, as uvicorn has it (U-LG-06).
        case serverLog
    }

    let settings: Settings
    let output: LogOutput
    let errors: LogOutput
    let rendering: LogLine.Rendering
    let now: @Sendable () -> WallTime

    /// Makes a log.
    ///
    /// - Parameters:
    ///   - output: takes the access log.
    ///   - errors: takes everything else.
    ///   - now: the clock of what has a time: JSON, and formats that ask for it.
    package init(
        _ settings: Settings = Settings(), output: LogOutput = .standardOutput, errors: LogOutput = .standardError,
        now: @escaping @Sendable () -> WallTime = { .now }
    ) {
        self.settings = settings
        self.output = output
        self.errors = errors
        self.now = now
        rendering =
            switch settings.colors {
            case .automatic: output.isTerminal ? .terminal : .plain
            case .off: .plain
            case .on: .terminal
            }
    }

    // MARK: - The server's lines

    package var level: ServerLogLevel { settings.level }

    package func write(_ level: ServerLogLevel, _ message: String) {
        write(level, plain: message) { $0.append(message) }
    }

    package func write(_ level: ServerLogLevel, styled message: StyledMessage) {
        write(level, plain: message.plain) { $0.append(message) }
    }

    private func write(_ level: ServerLogLevel, plain message: String, appending: (inout LogLine) -> Void) {
        guard level >= self.level else { return }
        switch settings.format {
        case .text:
            var line = LogLine(rendering)
            line.append(prefixOf: level)
            appending(&line)
            line.end()
            errors.write(line.bytes)
        case .json:
            var line = JSONLine(at: now(), level: level.name, logger: LoggerName.server, message: message)
            errors.write(line.end())
        }
    }

    // MARK: - swift-log

    /// A logger of that name for other parts of the server, such as `uvicorn.error`.
    package func logger(_ label: String) -> Logger { Logger(label: label) { handler(label: $0) } }

    /// What writes the lines of that logger; for `LoggingSystem.bootstrap` too.
    package func handler(label: String, metadataProvider: Logger.MetadataProvider? = nil) -> any LogHandler {
        guard label == LoggerName.access else {
            return ConsoleLogHandler(label: label, of: self, to: errors, metadataProvider)
        }
        guard settings.writesAccess else { return SwiftLogNoOpLogHandler() }
        return ConsoleLogHandler(label: label, of: self, to: output, metadataProvider)
    }
}

/// The loggers that people's filters know (U-LG-01).
enum LoggerName {
    static let server = "uvicorn.error"
    static let access = "uvicorn.access"
}

extension LogLine {
    /// Appends `INFO:     `, with the level in its colour (U-LG-02, U-LG-03).
    mutating func append(prefixOf level: ServerLogLevel) {
        append(in: level.style) { $0.append(level.name) }
        append(":")
        for _ in level.name.utf8.count..<9 { append(" ") }
    }
}

extension ServerLogLevel {
    fileprivate var style: TextStyle {
        switch self {
        case .trace: .blue
        case .debug: .cyan
        case .info: .green
        case .warning: .yellow
        case .error: .red
        case .critical: .brightRed
        }
    }
}
