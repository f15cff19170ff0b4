// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import CPython

/// An object of Python's, on whose reference somebody else counts.
typealias Object = OpaquePointer

/// An object of Python's with a reference of its own, which it gives up at its end.
///
/// Everything here runs on the thread that Python runs on, with its lock held: nobody else calls Python.
struct Owned: ~Copyable {
    let object: Object

    /// Takes over a reference.
    init(taking object: Object) { self.object = object }

    /// Takes over the reference that a call of Python's has returned.
    ///
    /// - Throws: ``PythonError`` when it has returned none, and set an exception.
    init(_ result: Object?) throws(PythonError) {
        guard let result else { throw PythonError() }
        object = result
    }

    /// Counts one more.
    init(sharing object: Object) {
        Py_IncRef(object)
        self.object = object
    }

    deinit { Py_DecRef(object) }

    /// Gives the reference to somebody else.
    consuming func give() -> Object {
        let object = object
        discard self
        return object
    }
}

/// Python has an exception set, which whoever called us from there is to hear of.
struct PythonError: Error {}

/// None, without a reference of its own.
var none: Object { alicorn_none() }

/// A reference to None, to be returned to Python.
var returnedNone: Object {
    Py_IncRef(none)
    return none
}

func isNone(_ object: Object) -> Bool { object == none }

/// Sets an exception of this type.
func raise(_ type: Object?, _ message: String) -> PythonError {
    PyErr_SetString(type, message)
    return PythonError()
}

extension Object {
    /// Calls a method without arguments.
    func call(_ name: Object?) throws(PythonError) -> Owned {
        var receiver: Object? = self
        return try Owned(PyObject_VectorcallMethod(name, &receiver, 1, nil))
    }

    /// Calls a method with one argument.
    func call(_ name: Object?, _ argument: Object) throws(PythonError) -> Owned {
        var arguments: (Object?, Object?) = (self, argument)
        // SAFETY: both lie behind one another, and are there for as long as the call.
        return try Owned(
            withUnsafePointer(to: &arguments) {
                $0.withMemoryRebound(to: Object?.self, capacity: 2) { PyObject_VectorcallMethod(name, $0, 2, nil) }
            })
    }

    /// Sets what stands under a key of a dictionary.
    func set(_ key: Word, _ value: Object) throws(PythonError) {
        guard PyDict_SetItem(self, key.object, value) == 0 else { throw PythonError() }
    }

    /// The same, for a value that was made for it.
    func set(_ key: Word, _ value: consuming Owned) throws(PythonError) { try set(key, value.object) }

    /// What stands under a key of a dictionary; `nil` where there is nothing.
    func item(_ key: Object) throws(PythonError) -> Object? {
        let value = PyDict_GetItemWithError(self, key)
        if value == nil, PyErr_Occurred() != nil { throw PythonError() }
        return value
    }

    /// Hands out what iterating over it gives, each with a reference for as long as the call.
    func forEach(_ body: (Object) throws(PythonError) -> Void) throws(PythonError) {
        let iterator = try Owned(PyObject_GetIter(self))
        while let item = PyIter_Next(iterator.object) {
            let item = Owned(taking: item)
            try body(item.object)
        }
        if PyErr_Occurred() != nil { throw PythonError() }
    }

    /// Whether the type has one of these flags: those of Python's own types say what an object is.
    func isA(_ flag: Int) -> Bool { PyType_GetFlags(type) & UInt(flag) != 0 }

    /// Its type.
    var type: Object {
        // SAFETY: it is the last part of every object's head, behind which no object is shorter.
        (UnsafeRawPointer(self) + (known.headSize - MemoryLayout<Object>.size)).load(as: Object.self)
    }
}

/// Makes text of what is valid UTF-8 by its type.
func makeText(_ string: String) -> Object? {
    var string = string
    return string.withUTF8 {
        $0.withMemoryRebound(to: CChar.self) { PyUnicode_FromStringAndSize($0.baseAddress, $0.count) }
    }
}

/// Makes bytes.
func makeBytes(_ span: Span<UInt8>) -> Object? {
    span.withUnsafeBytes { PyBytes_FromStringAndSize($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count) }
}

/// The bytes of a text in UTF-8, which the object keeps.
///
/// - Throws: ``PythonError`` for text with lone surrogates.
func utf8(of text: Object) throws(PythonError) -> UnsafeBufferPointer<UInt8> {
    var count = 0
    guard let start = PyUnicode_AsUTF8AndSize(text, &count) else { throw PythonError() }
    // SAFETY: Python's characters are bytes, and it says how many.
    return UnsafeBufferPointer(start: UnsafeRawPointer(start).assumingMemoryBound(to: UInt8.self), count: count)
}

/// What an object is as a String: for logs and errors.
func string(of text: Object) throws(PythonError) -> String { String(decoding: try utf8(of: text), as: UTF8.self) }

/// Bytes that an object lends: `bytes`, or whatever has a buffer.
struct BorrowedBytes: ~Copyable {
    private var view: Py_buffer?
    private let span: UnsafeRawBufferPointer

    /// - Parameter key: what a TypeError calls it.
    init(_ object: Object, key: StaticString) throws(PythonError) {
        if object.isA(TYPE_FLAG_BYTES) {
            span = UnsafeRawBufferPointer(start: PyBytes_AsString(object), count: PyBytes_Size(object))
            return
        }
        var view = Py_buffer()
        guard !object.isA(TYPE_FLAG_STR), PyObject_GetBuffer(object, &view, 0) == 0 else {
            PyErr_Clear()
            span = UnsafeRawBufferPointer(start: nil, count: 0)
            throw raise(PyExc_TypeError, "'\(key)' must be bytes, not \(typeName(of: object)).")
        }
        self.view = view
        span = UnsafeRawBufferPointer(start: view.buffer, count: view.length)
    }

    /// The bytes, for as long as this is there.
    var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get {
            // SAFETY: the object is kept by whoever has passed it, and its memory stays in place while the view is not released.
            let memory = UnsafeBufferPointer(
                start: span.baseAddress?.assumingMemoryBound(to: UInt8.self), count: span.count)
            return _overrideLifetime(memory.span, borrowing: self)
        }
    }

    deinit {
        // SAFETY: it was filled by PyObject_GetBuffer, and is released once.
        if var view { PyBuffer_Release(&view) }
    }
}

/// The name of an object's type, for errors.
func typeName(of object: Object) -> String {
    guard let name = PyObject_GetAttrString(object.type, "__name__") else {
        PyErr_Clear()
        return "?"
    }
    defer { Py_DecRef(name) }
    return (try? string(of: name)) ?? "?"
}
