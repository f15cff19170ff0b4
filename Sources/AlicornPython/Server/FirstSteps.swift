// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import CPython

/// Lets a task do its first step at once before 3.12: a new task asks its loop by `call_soon` to call it, and that is caught.
///
/// It rests on the tasks of 3.11 doing so while they are made. Where none is caught the task goes on as any other.
enum FirstSteps {
    /// What was caught: a step, and the context to take it in.
    private struct Step {
        let function: Object
        let context: Object?
    }

    // SAFETY: touched on the thread that Python runs on alone, between `begin` and `end`.
    nonisolated(unsafe) private static var isCatching = false
    nonisolated(unsafe) private static var step: Step?

    /// Puts itself before the loop's `call_soon`.
    static func watch(_ loop: Object) throws(PythonError) {
        let callSoon = try Owned(PyObject_GetAttr(loop, Word.callSoon.object))
        let watching = try Owned(PyCFunction_NewEx(definition, callSoon.object, nil))
        let isWatched =
            callSoon.object.type == watching.object.type
            && PyCFunction_GetFunction(callSoon.object) == definition.pointee.function
        guard !isWatched else { return }
        guard PyObject_SetAttr(loop, Word.callSoon.object, watching.object) == 0 else {
            // A loop that does not let itself be watched has its tasks begin later.
            PyErr_Clear()
            return
        }
    }

    static func begin() { isCatching = true }

    /// Takes the step that was caught.
    static func end() throws(PythonError) {
        isCatching = false
        guard let step = step.take() else { return }
        defer {
            Py_DecRef(step.function)
            if let context = step.context { Py_DecRef(context) }
        }
        if let context = step.context {
            _ = try context.call(Word.run.object, step.function)
        } else {
            _ = try Owned(PyObject_CallNoArgs(step.function))
        }
    }

    private typealias Function =
        @convention(c) (Object?, UnsafePointer<Object?>?, Int, Object?) -> Object?

    private static let callSoon: Function = { original, arguments, count, names in
        guard isCatching, count == 1, let function = arguments?[0] else {
            return PyObject_Vectorcall(original, arguments, count, names)
        }
        isCatching = false
        Py_IncRef(function)
        let context = names == nil ? nil : arguments?[1]
        if let context { Py_IncRef(context) }
        step = Step(function: function, context: context)
        return returnedNone
    }

    // SAFETY: made once, and never changed.
    nonisolated(unsafe) private static let definition = keptDefinition(
        PyMethodDef("call_soon", METH_FASTCALL | METH_KEYWORDS, address: address(of: callSoon)))
}
