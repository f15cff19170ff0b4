// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

extension LogLine {
    /// Appends a record in a format.
    ///
    /// - Parameter time: what the format shows as the time of the line.
    package mutating func append(_ record: AccessRecord, as format: AccessLogFormat, at time: WallTime) {
        for piece in format.pieces {
            switch piece {
            case .literal(let text): append(text)
            case .atom(let atom): append(atom, of: record, at: time)
            case .requestField(let name): append(known: record.head.fields.first(name))
            case .responseField(let name): append(known: record.responseFields.first(name))
            }
        }
    }

    private mutating func append(_ atom: AccessLogFormat.Atom, of record: AccessRecord, at time: WallTime) {
        switch atom {
        case .client: append(known: record.client.isEmpty ? nil : record.client)
        case .identity: append("-")
        case .user: append(known: (try? BasicCredentials(in: record.head))?.username)
        case .time: append(commonLogFormat: time)
        case .requestLine: append(requestLineOf: record, .quotable)
        case .method: append(record.head.method, .quotable)
        case .path: append(path: record.path)
        case .query: append(record.query, .quotable)
        case .version: append(versionOf: record)
        case .status: append(decimal: record.status)
        case .phrase: append(AccessRecord.phrase(of: record.status))
        case .bytes, .length: append(known: record.bytesSent)
        case .referer: append(known: record.head.fields.first("Referer"))
        case .userAgent: append(known: record.head.fields.first("User-Agent"))
        case .wholeSeconds: append(known: record.microseconds.map { $0 / 1_000_000 })
        case .milliseconds: append(known: record.microseconds.map { $0 / 1000 })
        case .microseconds: append(known: record.microseconds)
        case .seconds:
            if let microseconds = record.microseconds {
                append(decimal: microseconds, decimals: 6)
            } else {
                append("-")
            }
        case .closeCode: append(known: record.ending?.code)
        case .closeReason: append(known: record.ending?.reason)
        case .messagesReceived: append(known: record.ending?.messagesReceived)
        case .messagesSent: append(known: record.ending?.messagesSent)
        }
    }

    private mutating func append(known text: String?) { append(text ?? "-", .quotable) }

    private mutating func append(known number: (some BinaryInteger)?) {
        if let number { append(decimal: number) } else { append("-") }
    }
}

extension AccessRecord {
    fileprivate var ending: (code: UInt16, reason: String, messagesReceived: Int, messagesSent: Int)? {
        guard case .end(let code, let reason, let messagesReceived, let messagesSent) = event else { return nil }
        return (code, reason, messagesReceived, messagesSent)
    }
}
