// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTransport
import CPython

/// The type `Protocol` of the module: what asyncio's transports call, as an `asyncio.Protocol`.
final class ConnectionProtocol {
    private let server: PythonServer
    private var transport: AsyncioTransport?

    private init(_ server: PythonServer) { self.server = server }

    // SAFETY: set once, before anything else of the module runs.
    nonisolated(unsafe) private static var type: NativeType<ConnectionProtocol>! = nil

    static func makeType() throws(PythonError) {
        type = try NativeType(
            "alicorn._alicorn.Protocol",
            slots: NativeType<ConnectionProtocol>.memorySlots,
            methods: [
                PyMethodDef("connection_made", METH_O, connectionMade),
                PyMethodDef("data_received", METH_O, dataReceived),
                PyMethodDef("eof_received", METH_NOARGS, eofReceived),
                PyMethodDef("pause_writing", METH_NOARGS, pauseWriting),
                PyMethodDef("resume_writing", METH_NOARGS, resumeWriting),
                PyMethodDef("connection_lost", METH_O, connectionLost),
            ])
    }

    static func make(for server: PythonServer) throws(PythonError) -> Object {
        try type.make(ConnectionProtocol(server))
    }

    /// Does what asyncio has called for.
    private static func turn(_ object: Object?, _ body: (AsyncioTransport) -> Void) -> Object? {
        let connection: ConnectionProtocol = NativeType.state(of: object)
        guard let transport = connection.transport else { return returnedNone }
        do throws(PythonError) { try connection.server.turn { body(transport) } } catch { return nil }
        return returnedNone
    }

    private static let connectionMade: Method = { object, transport in
        let connection: ConnectionProtocol = NativeType.state(of: object)
        do throws(PythonError) { connection.transport = try connection.server.accept(transport!) } catch { return nil }
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
        NativeType<ConnectionProtocol>.state(of: object).transport = nil
        return result
    }
}
