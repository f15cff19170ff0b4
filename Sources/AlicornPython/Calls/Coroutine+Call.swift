// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import CPython

/// A call of the application: its own coroutine is driven, and its end is the call's.
extension Coroutine {
    /// Does a step of the application's, and all that it sends goes out with it.
    static func drive(
        _ state: CoroutineObject, _ step: (UnsafeMutablePointer<Object?>) -> PySendResult
    ) -> Step {
        let call = state.pointee.call
        return call.host.turn {
            guard begin(state) else { return .raised }
            var result: Object?
            let outcome = step(&result)
            switch outcome {
            case PYGEN_NEXT: return .yielded(result.unsafelyUnwrapped)
            case PYGEN_RETURN: return finish(state, returned: result.unsafelyUnwrapped)
            default: return fail(state)
            }
        }
    }

    /// Calls the application, in the task, unless that was done.
    private static func begin(_ state: CoroutineObject) -> Bool {
        switch state.pointee.stage {
        case .waiting: return true
        case .ended:
            _ = raise(PyExc_RuntimeError, "cannot reuse already awaited coroutine")
            return false
        case .begun: break
        }
        state.pointee.stage = .waiting
        do throws(PythonError) {
            state.pointee.awaited = try state.pointee.call.begin(in: object(of: state)).give()
            return true
        } catch {
            _ = fail(state)
            return false
        }
    }

    /// The object that a state is of.
    private static func object(of state: CoroutineObject) -> Object {
        Object(UnsafeMutableRawPointer(state) - known.headSize)
    }

    private static func finish(_ state: CoroutineObject, returned: Object) -> Step {
        state.pointee.end()
        let call = state.pointee.call
        if isNone(returned) {
            didReturn(call)
        } else {
            call.host.log.complain(ofReturned: returned)
            didFail(call)
        }
        Py_DecRef(returned)
        return .returned(returnedNone)
    }

    /// The application has failed: the log says so, unless it is only that the client was gone, and the task has done its
    /// work. That it was cancelled is the task's to know, too.
    private static func fail(_ state: CoroutineObject) -> Step {
        var (type, value, traceback): (Object?, Object?, Object?) = (nil, nil, nil)
        PyErr_Fetch(&type, &value, &traceback)
        PyErr_NormalizeException(&type, &value, &traceback)
        state.pointee.end()
        let call = state.pointee.call
        let host = call.host
        if let value {
            if let traceback { PyException_SetTraceback(value, traceback) }
            let isExpected = call.isDisconnected && PyErr_GivenExceptionMatches(value, PyExc_OSError) != 0
            if !isExpected { host.log.write(exception: value) }
        }
        didFail(call)
        guard PyErr_GivenExceptionMatches(value, host.cancelledError) != 0 else {
            for object in [type, value, traceback] {
                if let object { Py_DecRef(object) }
            }
            return .returned(returnedNone)
        }
        PyErr_Restore(type, value, traceback)
        return .raised
    }

    static func didReturn(_ call: any Call) {
        call.returned()
        call.host.forget(call)
    }

    static func didFail(_ call: any Call) {
        call.failed()
        call.host.forget(call)
    }
}
