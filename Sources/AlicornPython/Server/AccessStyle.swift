// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol
import CPython

extension PythonSettings {
    /// What lines of the access log say.
    struct AccessStyle {
        /// `nil` for uvicorn's.
        let format: AccessLogFormat?
        /// Whether each has all that is known as fields, for a line of JSON.
        let hasFields: Bool

        /// Whether they are uvicorn's.
        var isPlain: Bool { format == nil && !hasFields }

        /// Whether they say what is known at the end of a request alone.
        var needsEnd: Bool { hasFields || format?.needsEnd ?? false }

        /// Whether there is one for an event; as fields, what opens and what ends are both told.
        func writes(_ event: AccessRecord.Event) -> Bool { hasFields || format?.writes(event) ?? true }

        func message(of record: AccessRecord) -> String {
            guard let format else { return Self.plainMessage(of: record) }
            var line = LogLine()
            line.append(record, as: format, at: .now)
            return line.words
        }

        /// What uvicorn writes.
        static func plainMessage(of record: AccessRecord) -> String {
            var line = LogLine()
            line.append(record)
            return line.words
        }
    }
}

extension AccessRecord {
    /// What is known of a request or connection, under the names that the server for applications in Swift uses.
    func fields() throws(PythonError) -> Owned {
        let fields = try Owned(PyDict_New())
        let dictionary = fields.object
        func set(_ name: StaticString, _ value: consuming Owned) throws(PythonError) {
            guard PyDict_SetItemString(dictionary, name.cString, value.object) == 0 else { throw PythonError() }
        }
        func text(_ text: String) throws(PythonError) -> Owned { try Owned(makeText(text)) }
        func number(_ number: Int) throws(PythonError) -> Owned { try Owned(PyLong_FromLongLong(Int64(number))) }
        try set("event", text(event.name))
        if !client.isEmpty { try set("client", text(client)) }
        try set("method", text(head.method))
        try set("path", text(path))
        try set("query", text(String(query)))
        try set("http_version", text("1.\(head.version.minor)"))
        try set("status", number(status))
        if let microseconds { try set("duration_ms", Owned(PyFloat_FromDouble(Double(microseconds) / 1000))) }
        if let bytesSent { try set("bytes", number(bytesSent)) }
        if case .end(let code, let reason, let messagesReceived, let messagesSent) = event {
            try set("close_code", number(Int(code)))
            try set("close_reason", text(reason))
            try set("messages_received", number(messagesReceived))
            try set("messages_sent", number(messagesSent))
        }
        return fields
    }
}
