// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import CPython

/// The loop of asyncio's that everything runs in. Confined to its thread.
final class Asyncio {
    private let loop: Object
    /// Makes a future of the loop.
    let createFuture: Object
    let cancelledError: Object
    private let createTask: Object
    private let taskType: Object
    private let keywords: Object
    private let loopKeyword: Object
    private let start: Start

    /// How a task does its first step.
    private enum Start {
        /// With the loop's next turn: there is a task factory, which is the application's to have.
        case later
        /// At once, as asyncio has it since 3.12.
        case eager
        /// At once, though asyncio knows of no such thing: what a new task asks the loop to call soon is called now.
        case caught
    }

    init(_ loop: Object) throws(PythonError) {
        let asyncio = try Owned(PyImport_ImportModule("asyncio"))
        createFuture = try Owned(PyObject_GetAttr(loop, Word.createFuture.object)).give()
        createTask = try Owned(PyObject_GetAttr(loop, Word.createTask.object)).give()
        cancelledError = try Owned(PyObject_GetAttrString(asyncio.object, "CancelledError")).give()
        taskType = try Owned(PyObject_GetAttrString(asyncio.object, "Task")).give()
        keywords = try Self.names(["loop", "eager_start"]).give()
        loopKeyword = try Self.names(["loop"]).give()
        let version = try Owned(PyImport_ImportModule("sys"))
        let number = try Owned(PyObject_GetAttrString(version.object, "hexversion"))
        let factory = try loop.call(try Owned(PyUnicode_InternFromString("get_task_factory")).give())
        if !isNone(factory.object) {
            start = .later
        } else if PyLong_AsLongLong(number.object) >= 0x030C_0000 {
            start = .eager
        } else {
            start = .caught
            try FirstSteps.watch(loop)
        }
        self.loop = Owned(sharing: loop).give()
    }

    deinit {
        for object in [loop, createFuture, cancelledError, createTask, taskType, keywords, loopKeyword] {
            Py_DecRef(object)
        }
    }

    private static func names(_ names: [StaticString]) throws(PythonError) -> Owned {
        let tuple = try Owned(PyTuple_New(names.count))
        for (index, name) in names.enumerated() {
            PyTuple_SetItem(tuple.object, index, PyUnicode_InternFromString(name.cString))
        }
        return tuple
    }

    /// A task that drives a coroutine.
    ///
    /// - Parameters:
    ///   - atOnce: whether no other task is in the middle of a step, so that this one may do its first now.
    ///   - entering: told that one is, and that it was.
    func makeTask(of coroutine: Object, atOnce: Bool, entering: (Bool) -> Void) throws(PythonError) -> Owned {
        guard atOnce else { return try makeTask(of: coroutine) }
        entering(false)
        defer { entering(true) }
        switch start {
        case .later: return try makeTask(of: coroutine)
        case .eager:
            return try Owned(PyObject_Vectorcall(taskType, [coroutine, loop, alicorn_true()], 1, keywords))
        case .caught:
            FirstSteps.begin()
            let task = try Owned(PyObject_Vectorcall(taskType, [coroutine, loop], 1, loopKeyword))
            try FirstSteps.end()
            return task
        }
    }

    private func makeTask(of coroutine: Object) throws(PythonError) -> Owned {
        try Owned(PyObject_Vectorcall(createTask, [coroutine], 1, nil))
    }
}
