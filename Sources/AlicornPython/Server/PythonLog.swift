// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol
import CPython

/// Python's `logging`: lines go to functions of the package's, which know the loggers.
final class PythonLog: ServerLog, @unchecked Sendable {
    // SAFETY: touched on the thread that Python runs on alone.
    let level: ServerLogLevel
    let writesAccess: Bool
    let writesWebSocketAccess: Bool
    private let line: Object
    private let access: Object
    private let exception: Object

    /// - Parameters:
    ///   - line: called with a level and a line.
    ///   - access: called with the parts of a line of the access log.
    ///   - exception: called with what has escaped from the application.
    init(_ settings: PythonSettings, line: Object, access: Object, exception: Object) {
        level = settings.logLevel
        writesAccess = settings.writesAccess
        writesWebSocketAccess = settings.logLevel <= .info
        self.line = Owned(sharing: line).give()
        self.access = Owned(sharing: access).give()
        self.exception = Owned(sharing: exception).give()
    }

    deinit { for object in [line, access, exception] { Py_DecRef(object) } }

    func write(_ level: ServerLogLevel, _ message: String) {
        guard level >= self.level else { return }
        report { () throws(PythonError) in
            let number = try Owned(PyLong_FromLongLong(Int64(level.rawValue)))
            let message = try Owned(makeText(message))
            _ = try Owned(PyObject_Vectorcall(line, [number.object, message.object], 2, nil))
        }
    }

    /// Writes what has escaped from the application, with its traceback.
    func write(exception: Object) {
        report { () throws(PythonError) in _ = try Owned(PyObject_Vectorcall(self.exception, [exception], 1, nil)) }
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
            var fullPath = LogLine()
            fullPath.append(fullPathOf: record)
            let client = try Owned(makeText(record.client))
            let path = try Owned(makeText(fullPath.words))
            switch record.event {
            case .request(let status):
                let method = try Owned(makeText(record.head.method))
                let version = record.head.version >= .http11 ? Word.version11.object : Word.version10.object
                let status = try Owned(PyLong_FromLongLong(Int64(status)))
                _ = try Owned(
                    PyObject_Vectorcall(
                        access, [client.object, method.object, path.object, version, status.object], 5, nil))
            case .handshake, .end:
                var words = LogLine()
                words.append(record)
                write(.info, words.words)
            }
        }
    }

    /// What the log itself fails with is none of the application's.
    private func report(_ body: () throws(PythonError) -> Void) {
        do throws(PythonError) { try body() } catch { PyErr_WriteUnraisable(line) }
    }
}

extension LogLine {
    /// The line as text: what is in it was text before.
    fileprivate var words: String { String(decoding: bytes, as: UTF8.self) }
}
