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
            slots: NativeType<PythonServer>.memorySlots + [(Py_tp_new, address(of: new))],
            methods: [
                PyMethodDef("listen", METH_O, listen), PyMethodDef("poll", METH_NOARGS, poll),
                PyMethodDef("fileno", METH_NOARGS, descriptor),
                PyMethodDef("make_protocol", METH_NOARGS, makeProtocol),
                PyMethodDef("stop_listening", METH_NOARGS, stopListening),
                PyMethodDef("leave", METH_NOARGS, leave), PyMethodDef("cut", METH_NOARGS, cut),
                PyMethodDef("end", METH_NOARGS, end),
                PyMethodDef("connections", METH_NOARGS, connections),
                PyMethodDef("running", METH_NOARGS, running),
            ])
    }

    /// The type as Python has it.
    static var object: Object { type.type }

    /// `Server(application, loop, options, line, access, record, exception, full, describe_tls)`.
    private static let new: @convention(c) (Object?, Object?, Object?) -> Object? = { _, arguments, _ in
        guard let arguments, PyTuple_Size(arguments) == 9 else {
            PyErr_SetString(PyExc_TypeError, "Server() takes nine arguments.")
            return nil
        }
        let argument = { PyTuple_GetItem(arguments, $0)! }
        do throws(PythonError) {
            let settings = try PythonSettings(Options(argument(2)))
            let log = PythonLog(
                settings, line: argument(3), access: argument(4), record: argument(5), exception: argument(6))
            return try type.make(
                try PythonServer(argument(0), argument(1), settings, log, full: argument(7), describeTLS: argument(8)))
        } catch {
            return nil
        }
    }

    private static func server(_ object: Object?) -> PythonServer { NativeType.state(of: object) }

    private static let listen: Method = { object, descriptor in
        let number = PyLong_AsLongLong(descriptor)
        if number == -1, PyErr_Occurred() != nil { return nil }
        do throws(PythonError) { try server(object).listen(on: Int32(truncatingIfNeeded: number)) } catch { return nil }
        return returnedNone
    }
    private static let poll: Method = { object, _ in
        do throws(PythonError) { try server(object).poll() } catch { return nil }
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
}
