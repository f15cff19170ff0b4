// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import CPython

/// The loop of asyncio's that everything runs in. Confined to its thread.
final class Asyncio {
    /// Makes a future of the loop.
    private let callSoonMethod: Owned
    private let cancelledErrorType: Owned
    private let invalidStateType: Owned
    private let loop: Owned
    private let createTask: Owned
    private let taskType: Owned
    private let start: Start
    /// The context that the server was made in.
    private let context: Owned
    private let contextType: Owned
    private let copyContextFunction: Owned
    private let names: KeywordNames

    /// How a task does its first step.
    private enum Start {
        /// With the loop's next turn: there is a task factory, which is the application's to have.
        case later
        /// At once, as asyncio has it since 3.12.
        case eager
        /// At once, though asyncio knows of no such thing: what a new task asks the loop to call soon is called now.
        case caught
    }

    /// What context variables a task sees.
    enum Surroundings {
        /// Those of the server, in a copy.
        case server
        /// None (U-C-53).
        case empty
    }

    private final class KeywordNames {
        let context, loop, loopAndContext, eager, eagerAndContext: Owned

        init() throws(PythonError) {
            context = try Self.tuple(["context"])
            loop = try Self.tuple(["loop"])
            loopAndContext = try Self.tuple(["loop", "context"])
            eager = try Self.tuple(["loop", "eager_start"])
            eagerAndContext = try Self.tuple(["loop", "eager_start", "context"])
        }

        private static func tuple(_ names: [StaticString]) throws(PythonError) -> Owned {
            let tuple = try Owned(PyTuple_New(names.count))
            for (index, name) in names.enumerated() {
                PyTuple_SetItem(tuple.object, index, PyUnicode_InternFromString(name.cString))
            }
            return tuple
        }
    }

    init(_ loop: Object) throws(PythonError) {
        let asyncio = try Owned(PyImport_ImportModule("asyncio"))
        let contextvars = try Owned(PyImport_ImportModule("contextvars"))
        createTask = try Owned(PyObject_GetAttr(loop, Word.createTask.object))
        cancelledErrorType = try Owned(PyObject_GetAttrString(asyncio.object, "CancelledError"))
        invalidStateType = try Owned(PyObject_GetAttrString(asyncio.object, "InvalidStateError"))
        taskType = try Owned(PyObject_GetAttrString(asyncio.object, "Task"))
        contextType = try Owned(PyObject_GetAttrString(contextvars.object, "Context"))
        copyContextFunction = try Owned(PyObject_GetAttrString(contextvars.object, "copy_context"))
        context = try Owned(PyObject_CallNoArgs(copyContextFunction.object))
        names = try KeywordNames()
        start = try Self.start(of: loop)
        // After that: a loop that is watched has it watched, too.
        callSoonMethod = try Owned(PyObject_GetAttr(loop, Word.callSoon.object))
        self.loop = Owned(sharing: loop)
    }

    var cancelledError: Object { cancelledErrorType.object }
    var invalidState: Object { invalidStateType.object }

    var loopObject: Object { loop.object }

    /// Has the loop call a function with its next turn.
    func callSoon(_ function: Object, _ argument: Object, in context: Object) throws(PythonError) {
        _ = try Owned(
            PyObject_Vectorcall(callSoonMethod.object, [function, argument, context], 2, names.context.object))
    }

    /// The caller's context, in a copy.
    func copyContext() throws(PythonError) -> Owned { try Owned(PyObject_CallNoArgs(copyContextFunction.object)) }

    private static func start(of loop: Object) throws(PythonError) -> Start {
        let getter = try Owned(PyUnicode_InternFromString("get_task_factory"))
        let factory = try loop.call(getter.object)
        guard isNone(factory.object) else { return .later }
        let sys = try Owned(PyImport_ImportModule("sys"))
        let version = try Owned(PyObject_GetAttrString(sys.object, "hexversion"))
        if PyLong_AsLongLong(version.object) >= 0x030C_0000 { return .eager }
        try FirstSteps.watch(loop)
        return .caught
    }

    // MARK: - Tasks

    /// A task that drives a coroutine, and begins with one of the loop's next turns.
    ///
    /// It may be in the middle of another's step that it is made, whose context is none of its business.
    func makeTask(of coroutine: Object, in surroundings: Surroundings) throws(PythonError) -> Owned {
        let context =
            switch surroundings {
            case .server: try context.object.call(Word.copy.object)
            case .empty: try Owned(PyObject_CallNoArgs(contextType.object))
            }
        return try Owned(PyObject_Vectorcall(createTask.object, [coroutine, context.object], 1, names.context.object))
    }

    /// A task that has done its first step, if it can be had. Only while no other is in the middle of one.
    func beginTask(of coroutine: Object, in surroundings: Surroundings) throws(PythonError) -> Owned {
        switch start {
        case .later: return try makeTask(of: coroutine, in: surroundings)
        case .eager: return try beginEagerly(coroutine, surroundings)
        case .caught:
            FirstSteps.begin()
            let task = try makeCaught(coroutine, surroundings)
            try FirstSteps.end()
            return task
        }
    }

    private func beginEagerly(_ coroutine: Object, _ surroundings: Surroundings) throws(PythonError) -> Owned {
        switch surroundings {
        case .server:
            return try Owned(
                PyObject_Vectorcall(
                    taskType.object, [coroutine, loop.object, alicorn_true()], 1, names.eager.object))
        case .empty:
            let context = try Owned(PyObject_CallNoArgs(contextType.object))
            return try Owned(
                PyObject_Vectorcall(
                    taskType.object, [coroutine, loop.object, alicorn_true(), context.object], 1,
                    names.eagerAndContext.object))
        }
    }

    private func makeCaught(_ coroutine: Object, _ surroundings: Surroundings) throws(PythonError) -> Owned {
        switch surroundings {
        case .server:
            return try Owned(
                PyObject_Vectorcall(taskType.object, [coroutine, loop.object], 1, names.loop.object))
        case .empty:
            let context = try Owned(PyObject_CallNoArgs(contextType.object))
            return try Owned(
                PyObject_Vectorcall(
                    taskType.object, [coroutine, loop.object, context.object], 1, names.loopAndContext.object))
        }
    }
}
