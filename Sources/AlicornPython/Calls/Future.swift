// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import CPython

/// What an application's task waits for: to asyncio's tasks it is a future of their loop's, as it behaves like one.
///
/// One of asyncio's own would have the loop call the task with its next turn, and each message would cost such a turn. Of this
/// one ``PythonLoop`` knows whom to call, and does so at once when the loop has called us (decision 0016).
struct Future {
    private let host: PythonLoop
    private var callbacks = DoneCallbacks.none
    private var stage = Stage.pending
    /// What a task said that has cancelled it.
    private var message: Object?
    /// Whether the task that gets it is to wait for it: so they tell `await` from `yield`.
    fileprivate var isBlocking = true

    private enum Stage {
        case pending, done, cancelled
    }

    private init(_ host: PythonLoop) { self.host = host }
}

/// Its objects in Python.
private typealias FutureObject = UnsafeMutablePointer<Future>

extension Future {
    static func make(_ host: PythonLoop) throws(PythonError) -> Owned { Owned(taking: try type.make(Future(host))) }

    /// One that is done: who waits for it goes on with the loop's next turn.
    static func makeDone(_ host: PythonLoop) throws(PythonError) -> Owned {
        let future = try make(host)
        state(future.object).pointee.stage = .done
        return future
    }

    /// Whether nobody has to be told any more.
    static func isDone(_ object: Object) -> Bool { state(object).pointee.stage != .pending }

    /// Has whoever waits go on.
    static func finish(_ object: Object) {
        let state = state(object)
        guard state.pointee.stage == .pending else { return }
        state.pointee.stage = .done
        state.pointee.host.wake(object)
    }

    /// Calls whoever waits.
    static func call(_ object: Object) throws(PythonError) {
        try takeCallbacks(object) { callback throws(PythonError) in
            var arguments: (Object?, Object?, Object?) = (callback.context, callback.function, object)
            // SAFETY: the three lie behind one another, and are there for as long as the call.
            _ = try Owned(
                withUnsafePointer(to: &arguments) {
                    $0.withMemoryRebound(to: Object?.self, capacity: 3) {
                        PyObject_VectorcallMethod(Word.run.object, $0, 3, nil)
                    }
                })
        }
    }

    /// Has the loop call whoever waits.
    static func callSoon(_ object: Object) throws(PythonError) {
        let asyncio = state(object).pointee.host.host.asyncio
        try takeCallbacks(object) { callback throws(PythonError) in
            try asyncio.callSoon(callback.function, object, in: callback.context)
        }
    }

    private static func takeCallbacks(
        _ object: Object, _ body: (DoneCallback) throws(PythonError) -> Void
    ) throws(PythonError) {
        var rest = DoneCallbacks.none
        swap(&rest, &state(object).pointee.callbacks)
        while let callback = rest.next() {
            defer {
                Py_DecRef(callback.function)
                Py_DecRef(callback.context)
            }
            do throws(PythonError) { try body(callback) } catch {
                state(object).pointee.callbacks = rest
                throw error
            }
        }
    }

    fileprivate static func state(_ object: Object?) -> FutureObject {
        NativeType<Future>.state(of: object.unsafelyUnwrapped)
    }
}

// MARK: - As Python has it

extension Future {
    // SAFETY: set once, before anything else of the module runs.
    nonisolated(unsafe) private static var type: NativeType<Future>! = nil

    static func makeType() throws(PythonError) {
        type = try NativeType(
            "alicorn._alicorn.Future",
            slots: [
                (Py_tp_dealloc, address(of: freeSlot)), (Py_tp_traverse, address(of: traverseSlot)),
                (Py_tp_clear, address(of: clearSlot)),
            ],
            methods: [
                PyMethodDef("get_loop", METH_NOARGS, getLoop),
                PyMethodDef("add_done_callback", METH_FASTCALL | METH_KEYWORDS, address: address(of: addDoneCallback)),
                PyMethodDef("remove_done_callback", METH_O, removeDoneCallback),
                PyMethodDef("cancel", METH_FASTCALL | METH_KEYWORDS, address: address(of: cancel)),
                PyMethodDef("cancelled", METH_NOARGS, cancelled), PyMethodDef("done", METH_NOARGS, done),
                PyMethodDef("result", METH_NOARGS, result), PyMethodDef("exception", METH_NOARGS, result),
            ],
            getters: [
                PyGetSetDef(
                    name: ("_asyncio_future_blocking" as StaticString).cString, get: address(of: getBlocking),
                    set: address(of: setBlocking), documentation: nil, closure: nil)
            ])
    }

    private static let getBlocking: @convention(c) (Object?, UnsafeMutableRawPointer?) -> Object? = { object, _ in
        truth(state(object).pointee.isBlocking)
    }

    private static let setBlocking: @convention(c) (Object?, Object?, UnsafeMutableRawPointer?) -> Int32 = {
        object, value, _ in
        state(object).pointee.isBlocking = value == alicorn_true()
        return 0
    }

    private static let getLoop: Method = { object, _ in
        Owned(sharing: state(object).pointee.host.host.asyncio.loopObject).give()
    }

    private static let done: Method = { object, _ in truth(isDone(object.unsafelyUnwrapped)) }
    private static let cancelled: Method = { object, _ in truth(state(object).pointee.stage == .cancelled) }

    /// None: there is nothing to be told but that it is done.
    private static let result: Method = { object, _ in
        let asyncio = state(object).pointee.host.host.asyncio
        switch state(object).pointee.stage {
        case .done: return returnedNone
        case .pending: PyErr_SetString(asyncio.invalidState, "Result is not set.")
        case .cancelled:
            if let message = state(object).pointee.message {
                PyErr_SetObject(asyncio.cancelledError, message)
            } else {
                PyErr_SetObject(asyncio.cancelledError, nil)
            }
        }
        return nil
    }

    private typealias Function = @convention(c) (Object?, UnsafePointer<Object?>?, Int, Object?) -> Object?

    /// `add_done_callback(function, *, context=None)`.
    private static let addDoneCallback: Function = { object, arguments, count, names in
        guard let object, let arguments, count == 1, let function = arguments[0] else {
            PyErr_SetString(PyExc_TypeError, "add_done_callback() takes a function.")
            return nil
        }
        do throws(PythonError) {
            let asyncio = state(object).pointee.host.host.asyncio
            let context: Owned
            if names != nil, let given = arguments[1], !isNone(given) {
                context = Owned(sharing: given)
            } else {
                context = try asyncio.copyContext()
            }
            if isDone(object) {
                try asyncio.callSoon(function, object, in: context.object)
            } else {
                state(object).pointee.callbacks.add((Owned(sharing: function).give(), context.give()))
            }
        } catch {
            return nil
        }
        return returnedNone
    }

    /// - Returns: how many there were.
    private static let removeDoneCallback: Method = { object, function in
        var (kept, removed) = (DoneCallbacks.none, [DoneCallback]())
        while let callback = state(object).pointee.callbacks.next() {
            if callback.function == function { removed.append(callback) } else { kept.add(callback) }
        }
        state(object).pointee.callbacks = kept
        for callback in removed {
            Py_DecRef(callback.function)
            Py_DecRef(callback.context)
        }
        return PyLong_FromLongLong(Int64(removed.count))
    }

    /// `cancel(msg=None)`.
    private static let cancel: Function = { object, arguments, count, names in
        guard let object, !isDone(object) else { return truth(false) }
        let isGiven = count > 0 || names != nil
        if isGiven, let message = arguments?[0], !isNone(message) {
            state(object).pointee.message = Owned(sharing: message).give()
        }
        state(object).pointee.stage = .cancelled
        do throws(PythonError) { try callSoon(object) } catch { return nil }
        return truth(true)
    }

    private static func truth(_ value: Bool) -> Object {
        Owned(sharing: value ? alicorn_true() : alicorn_false()).give()
    }

    // MARK: - Memory

    private mutating func letGo() {
        while let callback = callbacks.next() {
            Py_DecRef(callback.function)
            Py_DecRef(callback.context)
        }
        if let message = message.take() { Py_DecRef(message) }
    }

    private static let freeSlot: @convention(c) (Object?) -> Void = { object in
        guard let object else { return }
        PyObject_GC_UnTrack(UnsafeMutableRawPointer(object))
        state(object).pointee.letGo()
        NativeType<Future>.free(object)
    }

    private static let traverseSlot: @convention(c) (Object?, visitproc?, UnsafeMutableRawPointer?) -> Int32 = {
        object, visit, argument in
        guard let object, let visit else { return 0 }
        var result = visit(object.type, argument)
        var callbacks = state(object).pointee.callbacks
        while result == 0, let callback = callbacks.next() {
            result = visit(callback.function, argument)
            if result == 0 { result = visit(callback.context, argument) }
        }
        if result == 0, let message = state(object).pointee.message { result = visit(message, argument) }
        return result
    }

    private static let clearSlot: @convention(c) (Object?) -> Int32 = { object in
        state(object).pointee.letGo()
        return 0
    }
}
