// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import CPython

/// What Python awaits of ours: a call of the application, which a task drives, or one event that the application receives or
/// sends. To Python all of them are coroutines: `asyncio.create_task(receive())` and `asyncio.wait_for(receive(), 1)` work.
struct Coroutine {
    enum Kind: UInt8 {
        case call, receive, send
    }

    enum Stage: UInt8 {
        case begun, waiting, ended
    }

    let kind: Kind
    var stage = Stage.begun
    /// Whose events, or which call.
    let call: any Call
    /// The event that is sent.
    var event: Object?
    /// What is awaited: the application's coroutine, or a ``Future``.
    var awaited: Object?

    init(_ kind: Kind, _ call: any Call, event: Object? = nil) {
        self.kind = kind
        self.call = call
        self.event = event
    }

    /// What a step has come to; the objects are references to be given on.
    enum Step {
        case yielded(Object)
        case returned(Object)
        case raised
    }
}

/// Its objects in Python.
typealias CoroutineObject = UnsafeMutablePointer<Coroutine>

extension Coroutine {
    /// The type in Python.
    // SAFETY: set once, before anything else of the module runs.
    nonisolated(unsafe) static var type: NativeType<Coroutine>! = nil

    static func makeType() throws(PythonError) {
        type = try NativeType(
            "alicorn._alicorn.Coroutine",
            slots: [
                (Py_am_await, address(of: selfIterator)), (Py_tp_iter, address(of: selfIterator)),
                (Py_am_send, address(of: sendSlot)), (Py_tp_iternext, address(of: nextSlot)),
                (Py_tp_dealloc, address(of: freeSlot)), (Py_tp_traverse, address(of: traverseSlot)),
                (Py_tp_clear, address(of: clearSlot)),
            ],
            methods: [
                PyMethodDef("send", METH_O, sendMethod),
                PyMethodDef("throw", METH_FASTCALL, address: address(of: throwMethod)),
                PyMethodDef("close", METH_NOARGS, closeMethod),
            ],
            getters: [
                PyGetSetDef(forwarding: "cr_running"), PyGetSetDef(forwarding: "cr_suspended"),
                PyGetSetDef(forwarding: "cr_frame"), PyGetSetDef(forwarding: "cr_await"),
                PyGetSetDef(forwarding: "cr_code"), PyGetSetDef(forwarding: "cr_origin"),
            ])
    }

    static func make(_ kind: Kind, _ call: any Call, event: Object? = nil) throws(PythonError) -> Owned {
        if let event { Py_IncRef(event) }
        return Owned(taking: try type.make(Coroutine(kind, call, event: event)))
    }

    private static let selfIterator: @convention(c) (Object?) -> Object? = { PyObject_SelfIter($0) }

    // MARK: - Steps

    /// Goes on, with what was awaited.
    fileprivate static func step(_ object: Object, _ value: Object) -> Step {
        let state = NativeType<Coroutine>.state(of: object)
        switch state.pointee.kind {
        case .call: return drive(state) { PyIter_Send(state.pointee.awaited, value, $0) }
        case .receive: return receive(state)
        case .send: return send(state)
        }
    }

    private static let sendSlot: @convention(c) (Object?, Object?, UnsafeMutablePointer<Object?>?) -> PySendResult = {
        object, value, result in
        switch step(object.unsafelyUnwrapped, value ?? none) {
        case .yielded(let yielded):
            result?.pointee = yielded
            return PYGEN_NEXT
        case .returned(let returned):
            result?.pointee = returned
            return PYGEN_RETURN
        case .raised:
            result?.pointee = nil
            return PYGEN_ERROR
        }
    }

    private static let nextSlot: @convention(c) (Object?) -> Object? = { object in
        result(of: step(object.unsafelyUnwrapped, none))
    }

    private static let sendMethod: Method = { object, value in
        let outcome = step(object.unsafelyUnwrapped, value ?? none)
        return told(outcome)
    }

    /// The result of a step for who has called a method: the end is an exception in any case.
    private static func told(_ step: Step) -> Object? {
        if case .returned(let value) = step, isNone(value) {
            Py_DecRef(value)
            PyErr_SetObject(PyExc_StopIteration, none)
            return nil
        }
        return result(of: step)
    }

    /// As an iterator's slot has it: no exception is a StopIteration without a value.
    private static func result(of step: Step) -> Object? {
        switch step {
        case .yielded(let yielded): return yielded
        case .returned(let returned):
            if !isNone(returned) { PyErr_SetObject(PyExc_StopIteration, returned) }
            Py_DecRef(returned)
            return nil
        case .raised: return nil
        }
    }

    // MARK: - Exceptions from outside

    private static let throwMethod: @convention(c) (Object?, UnsafePointer<Object?>?, Int) -> Object? = {
        object, arguments, count in
        let state = NativeType<Coroutine>.state(of: object.unsafelyUnwrapped)
        guard let arguments, count > 0 else {
            PyErr_SetString(PyExc_TypeError, "throw() takes an exception.")
            return nil
        }
        guard state.pointee.kind == .call, state.pointee.stage == .waiting, let awaited = state.pointee.awaited else {
            // The call hears of it all the same: it will not begin.
            state.pointee.end()
            raise(arguments[0].unsafelyUnwrapped, count > 1 ? arguments[1] : nil)
            if state.pointee.kind == .call { didFail(state.pointee.call) }
            return nil
        }
        var forwarded: (Object?, Object?, Object?, Object?) = (
            awaited, arguments[0], count > 1 ? arguments[1] : nil, count > 2 ? arguments[2] : nil
        )
        let outcome = withUnsafePointer(to: &forwarded) {
            // SAFETY: four objects behind one another, of which as many as were given are looked at.
            $0.withMemoryRebound(to: Object?.self, capacity: 4) { forwarded in
                drive(state) { result in
                    result.pointee = PyObject_VectorcallMethod(
                        Word.throw.object, forwarded, min(count, 3) + 1, nil)
                    if result.pointee != nil { return PYGEN_NEXT }
                    return takeStopIteration(result) ? PYGEN_RETURN : PYGEN_ERROR
                }
            }
        }
        return told(outcome)
    }

    /// Raises what was thrown in: an exception, or a type and what to make one of.
    private static func raise(_ thrown: Object, _ value: Object?) {
        if thrown.isA(TYPE_FLAG_EXCEPTION) {
            PyErr_SetObject(thrown.type, thrown)
        } else {
            PyErr_SetObject(thrown, value ?? none)
        }
    }

    /// Whether the exception that is set is a return: its value takes the exception's place.
    private static func takeStopIteration(_ result: UnsafeMutablePointer<Object?>) -> Bool {
        guard PyErr_Occurred() == nil || PyErr_ExceptionMatches(PyExc_StopIteration) != 0 else { return false }
        var (type, value, traceback): (Object?, Object?, Object?) = (nil, nil, nil)
        PyErr_Fetch(&type, &value, &traceback)
        PyErr_NormalizeException(&type, &value, &traceback)
        result.pointee = value.flatMap { PyObject_GetAttrString($0, "value") } ?? returnedNone
        for object in [type, value, traceback] {
            if let object { Py_DecRef(object) }
        }
        return true
    }

    private static let closeMethod: Method = { object, _ in
        let state = NativeType<Coroutine>.state(of: object.unsafelyUnwrapped)
        let isRunning = state.pointee.kind == .call && state.pointee.stage == .waiting
        guard isRunning, let awaited = state.pointee.awaited.take() else {
            state.pointee.end()
            return returnedNone
        }
        state.pointee.end()
        let result = PyObject_VectorcallMethod(Word.close.object, [awaited], 1, nil)
        didReturn(state.pointee.call)
        Py_DecRef(awaited)
        guard let result else {
            // The iterator of another awaitable may have nothing to close.
            PyErr_Clear()
            return returnedNone
        }
        return result
    }

    /// Lets go of what was awaited and sent.
    mutating func end() {
        stage = .ended
        for object in [awaited.take(), event.take()] {
            if let object { Py_DecRef(object) }
        }
    }

    // MARK: - Memory

    private static let freeSlot: @convention(c) (Object?) -> Void = { object in
        guard let object else { return }
        PyObject_GC_UnTrack(UnsafeMutableRawPointer(object))
        NativeType<Coroutine>.state(of: object).pointee.end()
        NativeType<Coroutine>.free(object)
    }

    private static let traverseSlot: @convention(c) (Object?, visitproc?, UnsafeMutableRawPointer?) -> Int32 = {
        object, visit, argument in
        guard let object, let visit else { return 0 }
        var result = visit(object.type, argument)
        let state = NativeType<Coroutine>.state(of: object)
        for held in [state.pointee.event, state.pointee.awaited] where result == 0 {
            if let held { result = visit(held, argument) }
        }
        // Of a call's objects the one that drives it tells: each reference is to be seen once.
        if result == 0, state.pointee.kind == .call { result = state.pointee.call.traverse { visit($0, argument) } }
        return result
    }

    private static let clearSlot: @convention(c) (Object?) -> Int32 = { object in
        guard let object else { return 0 }
        let state = NativeType<Coroutine>.state(of: object)
        state.pointee.end()
        if state.pointee.kind == .call { state.pointee.call.clear() }
        return 0
    }
}

extension PyGetSetDef {
    /// An attribute of the coroutine of the application, which tools look at (anyio among them) to see what it does.
    fileprivate init(forwarding name: StaticString) {
        let get: @convention(c) (Object?, UnsafeMutableRawPointer?) -> Object? = { object, name in
            guard let object, let name else { return nil }
            let state = NativeType<Coroutine>.state(of: object)
            let attribute = name.assumingMemoryBound(to: CChar.self)
            if state.pointee.kind == .call, let awaited = state.pointee.awaited,
                let value = PyObject_GetAttrString(awaited, attribute)
            {
                return value
            }
            PyErr_Clear()
            return returnedNone
        }
        self.init(
            name: name.cString, get: address(of: get), set: nil, documentation: nil,
            closure: UnsafeMutableRawPointer(mutating: name.cString))
    }
}
