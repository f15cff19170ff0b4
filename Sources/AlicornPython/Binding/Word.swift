// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import CPython

/// Texts that Python is given again and again: each is one object, for ever.
enum Word: String, CaseIterable {
    // Methods and attributes.
    case `throw`, close, cancel, send
    case createTask = "create_task"
    case await = "__await__"
    case callSoon = "call_soon"
    case run, write, abort, copy, scope
    case pauseReading = "pause_reading"
    case resumeReading = "resume_reading"
    case getWriteBufferSize = "get_write_buffer_size"

    // Extensions.
    case tls, connection
    case webSocketBroadcast = "websocket.broadcast"
    case earlyHint = "http.response.early_hint"
    case pathSend = "http.response.pathsend"
    case responseTrailers = "http.response.trailers"
    case zeroCopySend = "http.response.zerocopysend"
    case denial = "websocket.http.response"

    // Versions.
    case version
    case specVersion = "spec_version"

    // Keys.
    case type, asgi, server, client, scheme, method, path, headers, state, extensions, subprotocols, subprotocol, status
    case trailers, body, links, info, file, offset, count, text, bytes, code, reason, connections
    case httpVersion = "http_version"
    case rootPath = "root_path"
    case rawPath = "raw_path"
    case queryString = "query_string"
    case moreTrailers = "more_trailers"
    case moreBody = "more_body"

    // Values.
    case empty = ""
    case http, https
    case webSocket = "websocket"
    case ws, wss
    case version10 = "1.0"
    case version11 = "1.1"
    case get = "GET"
    case httpRequest = "http.request"
    case httpDisconnect = "http.disconnect"
    case webSocketConnect = "websocket.connect"
    case webSocketReceive = "websocket.receive"
    case webSocketDisconnect = "websocket.disconnect"

    /// The text as Python has it.
    @inline(__always)
    var object: Object {
        // SAFETY: a case without values is its number, in one byte, and there is an object for each.
        words.unsafelyUnwrapped[Int(unsafeBitCast(self, to: UInt8.self))]
    }

    /// Makes the objects.
    static func makeAll() throws(PythonError) {
        let objects = UnsafeMutablePointer<Object>.allocate(capacity: allCases.count)
        for (index, word) in allCases.enumerated() {
            objects[index] = try Owned(word.rawValue.withCString { PyUnicode_InternFromString($0) }).give()
        }
        words = objects
    }
}

// SAFETY: set once, before anything else of the module runs.
nonisolated(unsafe) private var words: UnsafeMutablePointer<Object>?
