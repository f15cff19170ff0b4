// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

// Sends every message back.

import AlicornWebSocket

let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 8765
let server = WebSocketServer(host: "127.0.0.1", port: port) { connection in
    for try await message in connection {
        try await connection.send(message)
    }
}
try await server.run { print("listening on \($0)") }
