// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

extension LogLine {
    /// Appends a record as uvicorn does it, and the end of a WebSocket connection in the same manner (U-LG-04, U-LG-06, P-27).
    ///
    /// - `127.0.0.1:50000 - "GET /path?query HTTP/1.1" 200 OK`
    /// - `127.0.0.1:50000 - "WebSocket /path?query" [accepted]`, or the status in the place of `[accepted]`
    /// - `127.0.0.1:50000 - "WebSocket /path?query" [closed 1011 "reason", 12.345 s, 5 received, 6 sent]`
    package mutating func append(_ record: AccessRecord) {
        append(record.client)
        switch record.event {
        case .request(let status):
            append(" - \"")
            append(in: .bold) { $0.append(requestLineOf: record) }
            append("\" ")
            append(in: Self.style(of: status)) { $0.append(status: status) }
        case .handshake(let status):
            append(" - \"WebSocket ")
            append(fullPathOf: record)
            append("\" ")
            if status == 101 { append("[accepted]") } else { append(decimal: status) }
        case .end(let code, let reason, let messagesReceived, let messagesSent):
            append(" - \"WebSocket ")
            append(fullPathOf: record)
            append("\" [closed ")
            append(decimal: code)
            if !reason.isEmpty {
                append(" \"")
                append(reason, .quotable)
                append("\"")
            }
            if let microseconds = record.microseconds {
                append(", ")
                append(decimal: microseconds / 1000, decimals: 3)
                append(" s")
            }
            append(", ")
            append(decimal: messagesReceived)
            append(" received, ")
            append(decimal: messagesSent)
            append(" sent]")
        }
    }

    /// Appends `GET /path?query HTTP/1.1`.
    mutating func append(requestLineOf record: AccessRecord, _ escaping: Escaping = .controls) {
        append(record.head.method, escaping)
        append(" ")
        append(fullPathOf: record, escaping)
        append(" ")
        append(versionOf: record)
    }

    /// Appends the path, escaped anew, and the query as sent: what loggers call `full_path` (U-LG-05).
    package mutating func append(fullPathOf record: AccessRecord, _ escaping: Escaping = .controls) {
        append(path: record.path)
        let query = record.query
        if !query.isEmpty {
            append("?")
            append(query, escaping)
        }
    }

    /// Appends `HTTP/1.1`.
    mutating func append(versionOf record: AccessRecord) {
        append("HTTP/1.")
        append(decimal: record.head.version.minor)
    }

    /// Appends the status and its phrase; with a blank between them though it has none, as uvicorn does.
    private mutating func append(status: Int) {
        append(decimal: status)
        append(" ")
        append(AccessRecord.phrase(of: status))
    }

    private static func style(of status: Int) -> TextStyle? {
        switch status / 100 {
        case 1: .brightWhite
        case 2: .green
        case 3: .yellow
        case 4: .red
        case 5: .brightRed
        default: nil
        }
    }
}

extension AccessRecord {
    /// The status of the response; 101 for a connection that has ended, as it was opened with that.
    package var status: Int {
        switch event {
        case .request(let status), .handshake(let status): status
        case .end: 101
        }
    }

    /// The duration in whole microseconds, none of them negative.
    package var microseconds: Int64? { duration.map { max(0, $0.clampedNanoseconds / 1000) } }

    /// The query as sent, without its question mark; empty where there is none.
    package var query: Substring {
        let target = head.target
        guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return "" }
        return target[target.utf8.index(after: mark)...]
    }

    /// The phrase that Python's `http.HTTPStatus` has for a status, or an empty one: those of WebDAV and others beside ours.
    static func phrase(of status: Int) -> String {
        switch status {
        case 102: "Processing"
        case 207: "Multi-Status"
        case 208: "Already Reported"
        case 226: "IM Used"
        case 305: "Use Proxy"
        case 418: "I'm a Teapot"
        case 423: "Locked"
        case 424: "Failed Dependency"
        case 506: "Variant Also Negotiates"
        case 508: "Loop Detected"
        case 510: "Not Extended"
        default: ReasonPhrase.standard(for: status)
        }
    }
}
