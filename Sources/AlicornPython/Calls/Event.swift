// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol
import CPython

/// An event of the application's: a dictionary.
struct Event: ~Copyable {
    private let dictionary: Owned

    /// - Parameter object: a dictionary, or another mapping. That may make its values when it is asked for them, so it is
    ///   made a dictionary of: what that holds stays for as long as the event.
    init(_ object: Object) throws(PythonError) {
        dictionary = try object.isA(TYPE_FLAG_DICT) ? Owned(sharing: object) : Self.dictionary(of: object)
    }

    private static func dictionary(of mapping: Object) throws(PythonError) -> Owned {
        let dictionary = try Owned(PyDict_New())
        guard PyDict_Update(dictionary.object, mapping) == 0 else { throw PythonError() }
        return dictionary
    }

    /// What stands under a key; `nil` where there is nothing.
    func value(_ key: Word) throws(PythonError) -> Object? { try dictionary.object.item(key.object) }

    /// What stands under a key; `nil` for None and where there is nothing.
    func given(_ key: Word) throws(PythonError) -> Object? {
        guard let value = try value(key), !isNone(value) else { return nil }
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
        guard let value = try given(key) else { return nil }
        guard value.isA(TYPE_FLAG_INT) else {
            throw raise(PyExc_TypeError, "'\(key.rawValue)' must be int, not \(typeName(of: value)).")
        }
        let number = PyLong_AsLongLong(value)
        if number == -1, PyErr_Occurred() != nil { throw PythonError() }
        return Int(number)
    }

    /// The status of a response.
    func status() throws(PythonError) -> Int {
        guard let status = try number(.status) else { throw raise(PyExc_TypeError, "'status' must be int.") }
        return status
    }

    /// A text; `nil` for None and where there is none.
    func text(_ key: Word) throws(PythonError) -> String? {
        guard let value = try given(key) else { return nil }
        guard value.isA(TYPE_FLAG_STR) else {
            throw raise(PyExc_TypeError, "'\(key.rawValue)' must be str, not \(typeName(of: value)).")
        }
        return try string(of: value)
    }

    /// The header fields under `headers`: an iterable of pairs of bytes (A-HR-05).
    func fields() throws(PythonError) -> HeaderFields {
        var fields = HeaderFields()
        guard let headers = try given(.headers) else { return fields }
        try headers.forEach { pair throws(PythonError) in try Self.append(pair, to: &fields) }
        return fields
    }

    private static func append(_ pair: Object, to fields: inout HeaderFields) throws(PythonError) {
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

/// An event for the application: of a type, to which the caller adds.
func makeEvent(_ type: Word) throws(PythonError) -> Owned {
    let event = try Owned(PyDict_New())
    try event.object.set(.type, type.object)
    return event
}

/// Raises what Swift throws.
func translated(_ body: () throws -> Void) throws(PythonError) {
    do { try body() } catch let error as ASGIMisuse {
        throw raise(error)
    } catch let error as UnreadableFile {
        throw raise(PyExc_OSError, "\(error)")
    } catch {
        throw PythonError()
    }
}

/// What the application does wrong is a RuntimeError, as with uvicorn (U-H-28, U-H-44).
func raise(_ misuse: ASGIMisuse) -> PythonError { raise(PyExc_RuntimeError, "\(misuse)") }

/// The client is gone: an OSError (A-HE-06).
func raiseDisconnected() -> PythonError { raise(known.clientDisconnected, "The client has closed the connection.") }
