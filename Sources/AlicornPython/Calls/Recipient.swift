// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTransport
import CPython

/// A WebSocket connection as an application names it when it sends to many: `scope["extensions"]["websocket.broadcast"]
/// ["connection"]`, an object without anything of its own. Confined to the loop.
final class Recipient {
    /// `nil` before it is accepted, and once its call has ended: an application may keep its name.
    private var connection: (driver: WebSocketDriver, host: PythonLoop)?

    func open(_ driver: WebSocketDriver, host: PythonLoop) { connection = (driver, host) }

    func end() { connection = nil }

    // SAFETY: set once, before anything else of the module runs.
    nonisolated(unsafe) private static var type: NativeType<Recipient>! = nil

    static func makeType() throws(PythonError) {
        type = try NativeType("alicorn.Connection", slots: NativeType<Recipient>.memorySlots)
    }

    /// The object for Python.
    func makeObject() throws(PythonError) -> Owned { Owned(taking: try Self.type.make(self)) }

    /// What an object stands for: itself, or the connection of a scope, or of an object that has one, as those of Starlette,
    /// Litestar and Channels do.
    static func named(by object: Object) throws(PythonError) -> Recipient {
        if object.type == type.type { return NativeType.state(of: object) }
        if object.isA(TYPE_FLAG_DICT) {
            if let extensions = try object.entry(.extensions), let entry = try extensions.entry(.webSocketBroadcast),
                let connection = try entry.entry(.connection), connection.type == type.type
            {
                return NativeType.state(of: connection)
            }
        } else if let scope = PyObject_GetAttr(object, Word.scope.object) {
            let scope = Owned(taking: scope)
            if scope.object.isA(TYPE_FLAG_DICT) { return try named(by: scope.object) }
        } else {
            PyErr_Clear()
        }
        throw raise(
            PyExc_TypeError,
            "A connection must be that of the extension 'websocket.broadcast', the scope of a WebSocket connection, or an "
                + "object with such a scope, not \(typeName(of: object)).")
    }

    /// Sends, unless it is gone.
    ///
    /// - Parameter frame: the message's own.
    func send(_ message: SharedMessage, _ frame: Span<UInt8>) {
        guard let (driver, host) = connection else { return }
        // One that is closing takes no more, as one that is gone.
        host.turn { try? driver.send(message, frame) }
    }

    /// Whether the caller is not on another thread than that of the connection's loop.
    var isOnLoop: Bool { connection?.driver.isOnLoop ?? true }
}

extension Object {
    /// What stands under a key, if this is a dictionary.
    fileprivate func entry(_ key: Word) throws(PythonError) -> Object? {
        isA(TYPE_FLAG_DICT) ? try item(key.object) : nil
    }
}
