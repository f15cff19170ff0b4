// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import CPython

/// Events: most of them are there, or go out, without waiting for the loop.
extension Coroutine {
    static func receive(_ state: CoroutineObject) -> Step {
        waiting(state) { call throws(PythonError) in
            if let event = try call.next() { return .done(event.give()) }
            return .wait(try call.waitReadable().give())
        }
    }

    static func send(_ state: CoroutineObject) -> Step {
        waiting(state) { call throws(PythonError) in
            let event = state.pointee.event.take()
            defer { if let event { Py_DecRef(event) } }
            let progress = call.host.turn { () -> Result<Progress, PythonError> in
                Result { () throws(PythonError) in
                    if let event { try call.send(event) }
                    return try call.goOn()
                }
            }
            switch try progress.get() {
            case .done: return .done(returnedNone)
            case .blocked: return .wait(try call.waitWritable().give())
            case .unfinished: return .wait(try Future.makeDone(call.host).give())
            }
        }
    }

    private enum Attempt {
        /// What comes of it.
        case done(Object)
        /// A future, after which it is to be tried again.
        case wait(Object)
    }

    /// Tries, and hands out what is to be waited for before it is tried again.
    @inline(__always)
    private static func waiting(
        _ state: CoroutineObject, _ attempt: (any Call) throws(PythonError) -> Attempt
    ) -> Step {
        guard state.pointee.stage != .ended else {
            _ = raise(PyExc_RuntimeError, "cannot reuse already awaited coroutine")
            return .raised
        }
        if let awaited = state.pointee.awaited.take() { Py_DecRef(awaited) }
        do throws(PythonError) {
            let call = state.pointee.call
            switch call.mustYield() ? .wait(try Future.makeDone(call.host).give()) : try attempt(call) {
            case .done(let result):
                state.pointee.stage = .ended
                return .returned(result)
            case .wait(let future):
                state.pointee.stage = .waiting
                state.pointee.awaited = future
                return .yielded(Owned(sharing: future).give())
            }
        } catch {
            state.pointee.end()
            return .raised
        }
    }
}

/// The functions `receive` and `send` that an application is called with: each belongs to a call's coroutine.
enum EventFunctions {
    // SAFETY: both are made once, and never changed.
    nonisolated(unsafe) static let receive = keptDefinition(
        PyMethodDef("receive", METH_NOARGS) { coroutine, _ in make(.receive, coroutine, nil) })
    nonisolated(unsafe) static let send = keptDefinition(
        PyMethodDef("send", METH_O) { coroutine, event in make(.send, coroutine, event) })

    private static func make(_ kind: Coroutine.Kind, _ coroutine: Object?, _ event: Object?) -> Object? {
        let call = NativeType<Coroutine>.state(of: coroutine.unsafelyUnwrapped).pointee.call
        return (try? Coroutine.make(kind, call, event: event))?.give()
    }
}
