// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import CPython

/// What of Python's is looked up once, when the module is made.
// SAFETY: set before anything else of the module runs, on the thread that Python runs on, like all that reads it.
nonisolated(unsafe) var known = Known()

/// Objects that are the same in every call. All of them stay until the process ends: nothing is given back to an interpreter
/// that is ending.
struct Known {
    /// How long the head of an object is, in bytes.
    fileprivate(set) var headSize = 0
    fileprivate(set) var emptyBytes: Object?
    /// What is raised out of `send` when the client is gone: an OSError (A-HE-06).
    fileprivate(set) var clientDisconnected: Object?

    fileprivate init() {}

    /// Looks all of it up.
    static func lookUp() throws(PythonError) {
        let size = try Owned(PyObject_GetAttrString(alicorn_base_type(), "__basicsize__"))
        known.headSize = Int(PyLong_AsLongLong(size.object))
        known.emptyBytes = try Owned(PyBytes_FromStringAndSize(nil, 0)).give()
        known.clientDisconnected = try Owned(
            PyErr_NewExceptionWithDoc(
                "alicorn.ClientDisconnected", "The client was gone when something was sent to it.", PyExc_OSError, nil)
        ).give()
    }
}
