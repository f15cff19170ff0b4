// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import CPython

/// What the package passes: a dictionary, in which None and nothing are the same.
struct Options {
    private let dictionary: Object

    init(_ dictionary: Object) throws(PythonError) {
        guard dictionary.isA(TYPE_FLAG_DICT) else { throw raise(PyExc_TypeError, "The options must be a dict.") }
        self.dictionary = dictionary
    }

    func object(_ name: String) throws(PythonError) -> Object? {
        let key = try Owned(makeText(name))
        guard let value = try dictionary.item(key.object), !isNone(value) else { return nil }
        return value
    }

    func flag(_ name: String) throws(PythonError) -> Bool {
        guard let value = try object(name) else { return false }
        return PyObject_IsTrue(value) == 1
    }

    func number(_ name: String) throws(PythonError) -> Int? {
        guard let value = try object(name) else { return nil }
        let number = PyLong_AsLongLong(value)
        if number == -1, PyErr_Occurred() != nil { throw PythonError() }
        return Int(number)
    }

    /// Seconds.
    func duration(_ name: String) throws(PythonError) -> Duration? {
        guard let value = try object(name) else { return nil }
        let seconds = PyFloat_AsDouble(value)
        if seconds == -1, PyErr_Occurred() != nil { throw PythonError() }
        guard seconds >= 0, seconds < 1e9 else {
            throw raise(PyExc_ValueError, "\(name) must be from 0 to 1e9 seconds.")
        }
        return .nanoseconds(Int64(seconds * 1e9))
    }

    func text(_ name: String) throws(PythonError) -> String? {
        guard let value = try object(name) else { return nil }
        return try string(of: value)
    }

    func texts(_ name: String) throws(PythonError) -> [String]? {
        guard let value = try object(name) else { return nil }
        var texts: [String] = []
        try value.forEach { item throws(PythonError) in texts.append(try string(of: item)) }
        return texts
    }

    /// Pairs of texts; none where there is nothing.
    func pairs(_ name: String) throws(PythonError) -> [(String, String)] {
        guard let value = try object(name) else { return [] }
        var pairs: [(String, String)] = []
        try value.forEach { item throws(PythonError) in
            let pair = try Owned(PySequence_Tuple(item))
            guard PyTuple_Size(pair.object) == 2 else { throw raise(PyExc_ValueError, "\(name) must be pairs.") }
            pairs.append(
                (try string(of: PyTuple_GetItem(pair.object, 0)), try string(of: PyTuple_GetItem(pair.object, 1))))
        }
        return pairs
    }
}
