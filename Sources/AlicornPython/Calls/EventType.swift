// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol
import CPython

/// The types of the events that an application may send.
enum EventType: String, CaseIterable {
    case responseStart = "http.response.start"
    case responseBody = "http.response.body"
    case responseTrailers = "http.response.trailers"
    case earlyHint = "http.response.early_hint"
    case pathSend = "http.response.pathsend"
    case zeroCopySend = "http.response.zerocopysend"
    case debug = "http.response.debug"
    case webSocketAccept = "websocket.accept"
    case webSocketSend = "websocket.send"
    case webSocketClose = "websocket.close"
    case denialStart = "websocket.http.response.start"
    case denialBody = "websocket.http.response.body"

    /// The type of an event; `nil` for one that nobody knows.
    ///
    /// Most applications write the same few texts, which are the same objects each time.
    static func of(_ event: borrowing Event) throws(PythonError) -> Self? {
        let type = try event.required(.type)
        for (seen, kind) in lastSeen where seen == type { return kind }
        guard type.isA(TYPE_FLAG_STR) else {
            throw raise(PyExc_TypeError, "The event's 'type' must be str, not \(typeName(of: type)).")
        }
        let text = try string(of: type)
        guard let kind = Self(rawValue: text) else { return nil }
        if lastSeen.count < 64 { lastSeen.append((Owned(sharing: type).give(), kind)) }
        return kind
    }

    // SAFETY: touched on the thread that Python runs on alone.
    nonisolated(unsafe) private static var lastSeen: [(Object, Self)] = []
}

/// An event of the application's: a dictionary, or something that is like one.
struct Event: ~Copyable {
    let object: Object
    private let isDictionary: Bool

    init(_ object: Object) {
        self.object = object
        isDictionary = object.isA(TYPE_FLAG_DICT)
    }

    /// What stands under a key; `nil` where there is nothing.
    func value(_ key: Word) throws(PythonError) -> Object? {
        if isDictionary {
            let value = PyDict_GetItemWithError(object, key.object)
            if value == nil, PyErr_Occurred() != nil { throw PythonError() }
            return value
        }
        guard let value = PyObject_GetItem(object, key.object) else {
            guard PyErr_ExceptionMatches(PyExc_KeyError) != 0 else { throw PythonError() }
            PyErr_Clear()
            return nil
        }
        // What holds it is the event: for as long as that is there, it is too.
        Py_DecRef(value)
        return value
    }

    func required(_ key: Word) throws(PythonError) -> Object {
        guard let value = try value(key) else {
            PyErr_SetObject(PyExc_KeyError, key.object)
            throw PythonError()
        }
        return value
    }

    /// Whether a key says so; `false` where there is none.
    func flag(_ key: Word) throws(PythonError) -> Bool {
        guard let value = try value(key) else { return false }
        if value == alicorn_false() { return false }
        if value == alicorn_true() { return true }
        let truth = PyObject_IsTrue(value)
        guard truth >= 0 else { throw PythonError() }
        return truth == 1
    }

    /// A whole number; `nil` for None and where there is none.
    func number(_ key: Word) throws(PythonError) -> Int? {
        guard let value = try value(key), !isNone(value) else { return nil }
        guard value.isA(TYPE_FLAG_INT) else {
            throw raise(PyExc_TypeError, "'\(key.rawValue)' must be int, not \(typeName(of: value)).")
        }
        let number = PyLong_AsLongLong(value)
        if number == -1, PyErr_Occurred() != nil { throw PythonError() }
        return Int(number)
    }

    /// A text; `nil` for None and where there is none.
    func text(_ key: Word) throws(PythonError) -> String? {
        guard let value = try value(key), !isNone(value) else { return nil }
        guard value.isA(TYPE_FLAG_STR) else {
            throw raise(PyExc_TypeError, "'\(key.rawValue)' must be str, not \(typeName(of: value)).")
        }
        return try string(of: value)
    }

    /// The header fields under `headers`: an iterable of pairs of bytes (A-HR-05).
    func fields() throws(PythonError) -> HeaderFields {
        var fields = HeaderFields()
        guard let headers = try value(.headers), !isNone(headers) else { return fields }
        if headers.isA(TYPE_FLAG_LIST) {
            // Its length is looked at each time: bytes of somebody's own may run code.
            var index = 0
            while index < PyList_Size(headers) {
                try append(PyList_GetItem(headers, index), to: &fields)
                index += 1
            }
            return fields
        }
        let iterator = try Owned(PyObject_GetIter(headers))
        while let pair = PyIter_Next(iterator.object) {
            let pair = Owned(taking: pair)
            try append(pair.object, to: &fields)
        }
        if PyErr_Occurred() != nil { throw PythonError() }
        return fields
    }

    private func append(_ pair: Object, to fields: inout HeaderFields) throws(PythonError) {
        let pair = try pair.isA(TYPE_FLAG_TUPLE) ? Owned(sharing: pair) : Owned(PySequence_Tuple(pair))
        guard PyTuple_Size(pair.object) == 2 else {
            throw raise(PyExc_ValueError, "Each header must be a pair of a name and a value, both bytes.")
        }
        let name = try BorrowedBytes(PyTuple_GetItem(pair.object, 0), key: "header name")
        let value = try BorrowedBytes(PyTuple_GetItem(pair.object, 1), key: "header value")
        do throws(InvalidHeaderField) {
            try fields.append(lowercasing: name.bytes, value: value.bytes)
        } catch {
            throw raise(ASGIMisuse.header(error))
        }
    }
}

/// What the application does wrong is a RuntimeError, as with uvicorn (U-H-28, U-H-44).
func raise(_ misuse: ASGIMisuse) -> PythonError { raise(PyExc_RuntimeError, "\(misuse)") }

/// The client is gone: an OSError (A-HE-06).
func raiseDisconnected() -> PythonError { raise(known.clientDisconnected, "The client has closed the connection.") }
