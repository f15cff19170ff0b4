// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import CPython

/// Makes the module `alicorn._alicorn`: what Python calls first, once for each process.
@_cdecl("PyInit__alicorn")
public func initializeModule() -> OpaquePointer? {
    do throws(PythonError) {
        try Known.lookUp()
        try Word.makeAll()
        try Coroutine.makeType()
        try Future.makeType()
        try ServerType.make()
        try ConnectionProtocol.makeType()
        try Recipient.makeType()
        try PythonMetrics.makeType()
        let definition = UnsafeMutablePointer<PyModuleDef>.allocate(capacity: 1)
        definition.initialize(to: PyModuleDef())
        // SAFETY: an object that nobody frees: one reference stays.
        definition.pointee.object_head.0 = 1
        definition.pointee.name = ("alicorn._alicorn" as StaticString).cString
        definition.pointee.state_size = -1
        let module = try Owned(PyModule_Create2(definition, 3))
        let broadcast = try Broadcast.makeFunction()
        guard PyModule_AddObjectRef(module.object, "ClientDisconnected", known.clientDisconnected) == 0,
            PyModule_AddObjectRef(module.object, "Server", ServerType.object) == 0,
            PyModule_AddObjectRef(module.object, "Metrics", PythonMetrics.object) == 0,
            PyModule_AddObjectRef(module.object, "broadcast", broadcast.object) == 0
        else {
            throw PythonError()
        }
        return module.give()
    } catch {
        return nil
    }
}
