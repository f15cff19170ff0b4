// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import CPython

/// The types of the events that an application may send.
enum EventType: String, CaseIterable {
    case responseStart = "http.response.start"
    case responseBody = "http.response.body"
    case responseTrailers = "http.response.trailers"
    case earlyHint = "http.response.early_hint"
    case pathSend = "http.response.pathsend"
    case zeroCopySend = "http.response.zerocopysend"
    case debug = "http.response.debug"
    case webSocketAccept = "websocket.accept"
    case webSocketSend = "websocket.send"
    case webSocketClose = "websocket.close"
    case webSocketBroadcast = "websocket.broadcast"
    case denialStart = "websocket.http.response.start"
    case denialBody = "websocket.http.response.body"

    /// The type of an event; `nil` for one that nobody knows.
    ///
    /// Most applications write the same few texts, which are the same objects each time.
    static func of(_ event: borrowing Event) throws(PythonError) -> Self? {
        let type = try event.required(.type)
        for (seen, kind) in lastSeen where seen == type { return kind }
        guard type.isA(TYPE_FLAG_STR) else {
            throw raise(PyExc_TypeError, "The event's 'type' must be str, not \(typeName(of: type)).")
        }
        let text = try string(of: type)
        guard let kind = Self(rawValue: text) else { return nil }
        if lastSeen.count < 64 { lastSeen.append((Owned(sharing: type).give(), kind)) }
        return kind
    }

    // SAFETY: touched on the thread that Python runs on alone.
    nonisolated(unsafe) private static var lastSeen: [(Object, Self)] = []
}
