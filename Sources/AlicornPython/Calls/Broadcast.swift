// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport
import CPython

/// One message to many connections: `alicorn.broadcast(connections, message)`, and the event `websocket.broadcast`.
///
/// Its frame is made once, it is compressed once for all whose parameters agree, and nobody is waited for: one that is gone is
/// passed over, and one that has too much unsent is cut.
enum Broadcast {
    /// Sends a `str` as text, anything with bytes as binary.
    static func send(_ message: Object, to connections: Object) throws(PythonError) {
        let shared = try share(message)
        // All are known before the first is sent to: to ask for them calls Python.
        var recipients: [Recipient] = []
        try connections.forEach { object throws(PythonError) in
            let recipient = try Recipient.named(by: object)
            guard recipient.isOnLoop else {
                throw raise(
                    PyExc_RuntimeError,
                    "broadcast() was called on another thread than that of a connection's event loop; have the loop call it, "
                        + "with loop.call_soon_threadsafe().")
            }
            recipients.append(recipient)
        }
        let frame = shared.frame
        for recipient in recipients { recipient.send(shared, frame.span) }
    }

    private static func share(_ message: Object) throws(PythonError) -> SharedMessage {
        if message.isA(TYPE_FLAG_STR) {
            // Text that has no UTF-8 is found out here.
            _ = try utf8(of: message)
        } else if !message.isA(TYPE_FLAG_BYTES) {
            let bytes = try BorrowedBytes(message, key: "message")
            let copy = [UInt8](copying: bytes.bytes)
            return SharedMessage(OwnedBytes(copy), as: .binary, compression: .automatic)
        }
        return SharedMessage(
            KeptBytes(message)!, as: message.isA(TYPE_FLAG_STR) ? .text : .binary, compression: .automatic)
    }

    private static let call: @convention(c) (Object?, UnsafePointer<Object?>?, Int) -> Object? = {
        _, arguments, count in
        guard count == 2, let arguments, let connections = arguments[0], let message = arguments[1] else {
            PyErr_SetString(PyExc_TypeError, "broadcast() takes the connections, and the message.")
            return nil
        }
        do throws(PythonError) { try send(message, to: connections) } catch { return nil }
        return returnedNone
    }

    // SAFETY: made once, and never changed.
    nonisolated(unsafe) private static let definition = keptDefinition(
        PyMethodDef("broadcast", METH_FASTCALL, address: address(of: call)))

    /// The function for Python.
    static func makeFunction() throws(PythonError) -> Owned { try Owned(PyCFunction_NewEx(definition, nil, nil)) }
}
