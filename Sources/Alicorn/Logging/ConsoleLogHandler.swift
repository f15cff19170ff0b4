// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import Logging

/// Writes what swift-log is given as the server's own lines, with metadata behind the message: `INFO:     … peer=127.0.0.1:5000`.
struct ConsoleLogHandler: LogHandler {
    private let label: String
    private let console: ConsoleLog
    private let output: LogOutput
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    var logLevel: Logger.Level

    init(label: String, of console: ConsoleLog, to output: LogOutput, _ provider: Logger.MetadataProvider?) {
        self.label = label
        self.console = console
        self.output = output
        metadataProvider = provider
        logLevel = Logger.Level(console.level)
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let metadata = metadata(of: event)
        switch console.settings.format {
        case .text:
            var line = LogLine(console.rendering)
            line.append(prefixOf: ServerLogLevel(event.level))
            line.append(event.message.description)
            line.append(metadata)
            line.end()
            output.write(line.bytes)
        case .json:
            var line = JSONLine(
                at: console.now(), level: event.level.rawValue, logger: label, message: event.message.description)
            line.append(metadata)
            output.write(line.end())
        }
    }

    /// What comes with an event is nearer to it than what the logger has.
    private func metadata(of event: LogEvent) -> Logger.Metadata {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let own = event.metadata { all.merge(own) { $1 } }
        if let error = event.error {
            all["error.message"] = "\(error)"
            all["error.type"] = "\(String(reflecting: type(of: error)))"
        }
        return all
    }
}

extension LogLine {
    /// Appends ` name=value` for each, in the order of the names; a value with blanks or signs in it stands between quotation
    /// marks, so that it cannot pass for more than one.
    fileprivate mutating func append(_ metadata: Logger.Metadata) {
        for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
            append(" ")
            append(name)
            append("=")
            append(value: value.description)
        }
    }

    private mutating func append(value: String) {
        let isWord = value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !Self.signs.contains($0) }
        if isWord, !value.isEmpty { return append(value) }
        append("\"")
        append(value, .quotable)
        append("\"")
    }

    private static let signs = Array("\"=\\".utf8)
}

extension Logger.Level {
    fileprivate init(_ level: ServerLogLevel) {
        self =
            switch level {
            case .trace: .trace
            case .debug: .debug
            case .info: .info
            case .warning: .warning
            case .error: .error
            case .critical: .critical
            }
    }
}

extension ServerLogLevel {
    /// Python has no notice: it is an INFO.
    init(_ level: Logger.Level) {
        self =
            switch level {
            case .trace: .trace
            case .debug: .debug
            case .info, .notice: .info
            case .warning: .warning
            case .error: .error
            case .critical: .critical
            }
    }
}
