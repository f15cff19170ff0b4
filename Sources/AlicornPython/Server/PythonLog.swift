// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol
import AlicornTransport
import CPython

/// Python's `logging`: lines go to functions of the package's, which know the loggers.
final class PythonLog: ServerLog, @unchecked Sendable {
    // SAFETY: touched on the thread that Python runs on alone.
    let level: ServerLogLevel
    let writesAccess: Bool
    let writesWebSocketAccess: Bool
    private let hasWebSocketsInAccessLog: Bool
    private let style: PythonSettings.AccessStyle
    private let line: Owned
    private let access: Owned
    private let record: Owned
    private let exception: Owned

    /// - Parameters:
    ///   - line: called with a level and a line.
    ///   - access: called with the parts of uvicorn's line of the access log.
    ///   - record: called with another line of the access log, and what is known as a dictionary, or None.
    ///   - exception: called with what has escaped from the application.
    init(_ settings: PythonSettings, line: Object, access: Object, record: Object, exception: Object) {
        level = settings.logLevel
        style = settings.accessStyle
        writesAccess = settings.writesAccess
        hasWebSocketsInAccessLog = settings.hasWebSocketsInAccessLog
        writesWebSocketAccess = hasWebSocketsInAccessLog ? settings.writesAccess : settings.logLevel <= .info
        self.line = Owned(sharing: line)
        self.access = Owned(sharing: access)
        self.record = Owned(sharing: record)
        self.exception = Owned(sharing: exception)
    }

    func write(_ level: ServerLogLevel, _ message: String) {
        guard level >= self.level else { return }
        report { () throws(PythonError) in
            let number = try Owned(PyLong_FromLongLong(Int64(level.rawValue)))
            let message = try Owned(makeText(message))
            _ = try Owned(PyObject_Vectorcall(line.object, [number.object, message.object], 2, nil))
        }
    }

    /// Writes why a WebSocket connection has ended: at debug where both sides wanted it.
    func write(endOf transport: any ConnectionTransport, _ closure: Closure) {
        write(
            closure.isExpected ? .debug : .info,
            lazily: { "WebSocket connection of \(transport.remoteEndpoint) ended: \(closure)." })
    }

    /// Writes what has escaped from the application, with its traceback.
    func write(exception: Object) {
        report { () throws(PythonError) in
            _ = try Owned(PyObject_Vectorcall(self.exception.object, [exception], 1, nil))
        }
    }

    /// Writes that the application has returned something (U-H-43).
    func complain(ofReturned returned: Object) {
        let words = PyObject_Str(returned)
        defer { if let words { Py_DecRef(words) } else { PyErr_Clear() } }
        let shown = words.flatMap { try? string(of: $0) } ?? "?"
        write(.error, "ASGI callable should return None, but returned '\(shown)'.")
    }

    func write(access record: AccessRecord) {
        report { () throws(PythonError) in
            switch record.event {
            case .request(let status) where style.isPlain: try write(record, status)
            case .request: try write(styled: record)
            case .handshake, .end:
                // A format is for the access log: elsewhere these lines are as people's filters know them.
                if hasWebSocketsInAccessLog {
                    try write(styled: record)
                } else {
                    write(.info, PythonSettings.AccessStyle.plainMessage(of: record))
                }
            }
        }
    }

    /// Uvicorn's parts, of which its formatters make the line (U-LG-04).
    private func write(_ record: AccessRecord, _ status: Int) throws(PythonError) {
        var fullPath = LogLine()
        fullPath.append(fullPathOf: record)
        let client = try Owned(makeText(record.client))
        let path = try Owned(makeText(fullPath.words))
        let method = try Owned(makeText(record.head.method))
        let version = record.head.version >= .http11 ? Word.version11.object : Word.version10.object
        let number = try Owned(PyLong_FromLongLong(Int64(status)))
        _ = try Owned(
            PyObject_Vectorcall(
                access.object, [client.object, method.object, path.object, version, number.object], 5, nil))
    }

    private func write(styled record: AccessRecord) throws(PythonError) {
        guard style.writes(record.event) else { return }
        let message = try Owned(makeText(style.message(of: record)))
        let fields = style.hasFields ? try record.fields() : Owned(sharing: none)
        _ = try Owned(PyObject_Vectorcall(self.record.object, [message.object, fields.object], 2, nil))
    }

    /// What the log itself fails with is none of the application's.
    private func report(_ body: () throws(PythonError) -> Void) {
        do throws(PythonError) { try body() } catch { PyErr_WriteUnraisable(line.object) }
    }
}

extension LogLine {
    /// The line as text: what is in it was text before.
    var words: String { String(decoding: bytes, as: UTF8.self) }
}
