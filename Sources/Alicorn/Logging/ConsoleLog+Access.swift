// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornASGI
import AlicornProtocol

/// The access log.
extension ConsoleLog {
    package var writesAccess: Bool { settings.writesAccess && level <= .info }

    package var writesWebSocketAccess: Bool {
        switch settings.webSocketAccess {
        case .accessLog: writesAccess
        case .serverLog: level <= .info
        }
    }

    /// Whether a request is to be written at the end of its response, with duration and bytes, and not at its start.
    package var accessNeedsEnd: Bool {
        guard writesAccess else { return false }
        return switch settings.format {
        case .text: settings.accessFormat?.needsEnd ?? false
        case .json: true
        }
    }

    package func write(access record: AccessRecord) {
        switch (record.event, settings.webSocketAccess) {
        case (.request, _), (_, .accessLog):
            if writesAccess { writeToAccessLog(record) }
        case (_, .serverLog):
            // A format is for the access log: these lines are as people's filters know them.
            if writesWebSocketAccess { write(record, as: nil, by: LoggerName.server, to: errors) }
        }
    }

    private func writeToAccessLog(_ record: AccessRecord) {
        let format = settings.accessFormat
        // As JSON, what opens and what ends are both told, whatever the message looks like.
        if settings.format == .text, let format, !format.writes(record.event) { return }
        write(record, as: format, by: LoggerName.access, to: output)
    }

    private func write(_ record: AccessRecord, as format: AccessLogFormat?, by logger: String, to output: LogOutput) {
        switch settings.format {
        case .text:
            var line = LogLine(rendering)
            if let format {
                line.append(record, as: format, at: now())
            } else {
                line.append(prefixOf: .info)
                line.append(record)
            }
            line.end()
            output.write(line.bytes)
        case .json:
            let time = now()
            var message = LogLine()
            if let format { message.append(record, as: format, at: time) } else { message.append(record) }
            var line = JSONLine(
                at: time, level: ServerLogLevel.info.name, logger: logger,
                message: String(decoding: message.bytes, as: UTF8.self))
            line.append(record)
            output.write(line.end())
        }
    }
}

extension JSONLine {
    /// Appends what is known of a request or connection, a field each.
    fileprivate mutating func append(_ record: AccessRecord) {
        append("event", record.event.name)
        if !record.client.isEmpty { append("client", record.client) }
        append("method", record.head.method)
        append("path", record.path)
        append("query", String(record.query))
        append("http_version", "1.\(record.head.version.minor)")
        append("status", record.status)
        if let microseconds = record.microseconds { append("duration_ms", microseconds: microseconds) }
        if let bytes = record.bytesSent { append("bytes", bytes) }
        if case .end(let code, let reason, let messagesReceived, let messagesSent) = record.event {
            append("close_code", Int(code))
            append("close_reason", reason)
            append("messages_received", messagesReceived)
            append("messages_sent", messagesSent)
        }
    }
}
