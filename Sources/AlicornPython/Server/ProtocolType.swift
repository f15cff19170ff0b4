// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTransport
import CPython

/// The type `Protocol` of the module: what asyncio's transports call, as an `asyncio.Protocol`.
struct ConnectionProtocol {
    let server: PythonServer
    var transport: AsyncioTransport?

    // SAFETY: set once, before anything else of the module runs.
    nonisolated(unsafe) private static var type: NativeType<ConnectionProtocol>! = nil

    static func makeType() throws(PythonError) {
        type = try NativeType(
            "alicorn._alicorn.Protocol",
            slots: [
                (Py_tp_dealloc, unsafeBitCast(free, to: UnsafeMutableRawPointer.self)),
                (Py_tp_traverse, unsafeBitCast(traverse, to: UnsafeMutableRawPointer.self)),
            ],
            methods: [
                PyMethodDef("connection_made", METH_O, pointer(connectionMade)),
                PyMethodDef("data_received", METH_O, pointer(dataReceived)),
                PyMethodDef("eof_received", METH_NOARGS, pointer(eofReceived)),
                PyMethodDef("pause_writing", METH_NOARGS, pointer(pauseWriting)),
                PyMethodDef("resume_writing", METH_NOARGS, pointer(resumeWriting)),
                PyMethodDef("connection_lost", METH_O, pointer(connectionLost)),
            ])
    }

    static func make(for server: PythonServer) throws(PythonError) -> Object {
        try type.make(ConnectionProtocol(server: server))
    }

    private typealias Method = @convention(c) (Object?, Object?) -> Object?

    private static func pointer(_ method: Method) -> UnsafeMutableRawPointer {
        unsafeBitCast(method, to: UnsafeMutableRawPointer.self)
    }

    /// Does what asyncio has called for.
    private static func turn(_ object: Object?, _ body: (AsyncioTransport) -> Void) -> Object? {
        let state = NativeType<ConnectionProtocol>.state(of: object.unsafelyUnwrapped)
        if let transport = state.pointee.transport { state.pointee.server.turn { body(transport) } }
        return returnedNone
    }

    private static let connectionMade: Method = { object, transport in
        let state = NativeType<ConnectionProtocol>.state(of: object.unsafelyUnwrapped)
        do throws(PythonError) {
            state.pointee.transport = try state.pointee.server.accept(transport!)
        } catch {
            return nil
        }
        return returnedNone
    }
    private static let dataReceived: Method = { object, data in
        do throws(PythonError) {
            let bytes = try BorrowedBytes(data!, key: "data")
            return turn(object) { $0.received(bytes) }
        } catch {
            return nil
        }
    }
    private static let eofReceived: Method = { object, _ in turn(object) { $0.receivedEOF() } }
    private static let pauseWriting: Method = { object, _ in turn(object) { $0.becomeWritable(false) } }
    private static let resumeWriting: Method = { object, _ in turn(object) { $0.becomeWritable(true) } }
    private static let connectionLost: Method = { object, error in
        let result = turn(object) { $0.closed(error.flatMap { isNone($0) ? nil : typeName(of: $0) }) }
        NativeType<ConnectionProtocol>.state(of: object.unsafelyUnwrapped).pointee.transport = nil
        return result
    }

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
