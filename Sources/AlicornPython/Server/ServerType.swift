// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import CPython

/// The type `Server` of the module, which the package's server stands on.
enum ServerType {
    // SAFETY: set once, before anything else of the module runs.
    nonisolated(unsafe) private static var type: NativeType<PythonServer>! = nil

    static func make() throws(PythonError) {
        type = try NativeType(
            "alicorn._alicorn.Server",
            slots: [
                (Py_tp_new, unsafeBitCast(new, to: UnsafeMutableRawPointer.self)),
                (Py_tp_dealloc, unsafeBitCast(free, to: UnsafeMutableRawPointer.self)),
                (Py_tp_traverse, unsafeBitCast(traverse, to: UnsafeMutableRawPointer.self)),
            ],
            methods: [
                PyMethodDef("listen", METH_O, pointer(listen)), PyMethodDef("poll", METH_NOARGS, pointer(poll)),
                PyMethodDef("fileno", METH_NOARGS, pointer(descriptor)),
                PyMethodDef("make_protocol", METH_NOARGS, pointer(makeProtocol)),
                PyMethodDef("stop_listening", METH_NOARGS, pointer(stopListening)),
                PyMethodDef("leave", METH_NOARGS, pointer(leave)), PyMethodDef("cut", METH_NOARGS, pointer(cut)),
                PyMethodDef("end", METH_NOARGS, pointer(end)),
                PyMethodDef("connections", METH_NOARGS, pointer(connections)),
                PyMethodDef("running", METH_NOARGS, pointer(running)),
            ])
    }

    /// The type as Python has it.
    static var object: Object { type.type }

    /// `Server(application, loop, options, line, access, exception, full, describe_tls)`.
    private static let new: @convention(c) (Object?, Object?, Object?) -> Object? = { _, arguments, _ in
        guard let arguments, PyTuple_Size(arguments) == 8 else {
            PyErr_SetString(PyExc_TypeError, "Server() takes eight arguments.")
            return nil
        }
        let argument = { PyTuple_GetItem(arguments, $0)! }
        do throws(PythonError) {
            let settings = try PythonSettings(Options(argument(2)))
            let log = PythonLog(settings, line: argument(3), access: argument(4), exception: argument(5))
            return try type.make(
                try PythonServer(argument(0), argument(1), settings, log, full: argument(6), describeTLS: argument(7)))
        } catch {
            return nil
        }
    }

    private typealias Method = @convention(c) (Object?, Object?) -> Object?

    private static func pointer(_ method: Method) -> UnsafeMutableRawPointer {
        unsafeBitCast(method, to: UnsafeMutableRawPointer.self)
    }

    private static func server(_ object: Object?) -> PythonServer {
        NativeType<PythonServer>.state(of: object.unsafelyUnwrapped).pointee
    }

    private static let listen: Method = { object, descriptor in
        let number = PyLong_AsLongLong(descriptor)
        if number == -1, PyErr_Occurred() != nil { return nil }
        do throws(PythonError) { try server(object).listen(on: Int32(truncatingIfNeeded: number)) } catch { return nil }
        return returnedNone
    }
    private static let poll: Method = { object, _ in
        server(object).poll()
        return returnedNone
    }
    private static let descriptor: Method = { object, _ in PyLong_FromLongLong(Int64(server(object).descriptor)) }
    private static let makeProtocol: Method = { object, _ in try? ConnectionProtocol.make(for: server(object)) }
    private static let stopListening: Method = { object, _ in
        server(object).stopListening()
        return returnedNone
    }
    private static let leave: Method = { object, _ in
        server(object).leave()
        return returnedNone
    }
    private static let cut: Method = { object, _ in
        server(object).cut()
        return returnedNone
    }
    private static let end: Method = { object, _ in
        server(object).end()
        return returnedNone
    }
    private static let connections: Method = { object, _ in PyLong_FromLongLong(Int64(server(object).connections)) }
    private static let running: Method = { object, _ in PyLong_FromLongLong(Int64(server(object).running)) }

    private static let free: @convention(c) (Object?) -> Void = { object in
        guard let object else { return }
        PyObject_GC_UnTrack(UnsafeMutableRawPointer(object))
        type.free(object)
    }
    private static let traverse: @convention(c) (Object?, visitproc?, UnsafeMutableRawPointer?) -> Int32 = {
        object, visit, argument in
        guard let object, let visit else { return 0 }
        return visit(object.type, argument)
    }
}
