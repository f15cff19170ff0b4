// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

// The code of the articles about the client; scripts/check-snippets sees to it that they quote nothing else.

import AlicornWebSocket

// snippet.connect
func greet() async throws {
    try await WebSocketClient.connect(to: "ws://127.0.0.1:8765/") { connection in
        try await connection.send("hello")
        print(try await connection.receive())
    }
}
// snippet.end

// snippet.configured
func subscribe() async throws {
    var configuration = WebSocketClient.Configuration()
    configuration.subprotocols = ["feed.v2", "feed.v1"]
    configuration.additionalFields = [HeaderField(name: "Authorization", value: "Bearer ...")]
    configuration.connection.limits.maximumMessageSize = 16 << 20
    try await WebSocketClient.connect(to: "ws://127.0.0.1:8765/feed", configuration: configuration) { connection in
        for try await message in connection {
            if message.isText { print(message.text) } else { print(message.buffer.readableBytes, "bytes") }
        }
    }
}
// snippet.end

// snippet.open
func openAndClose() async throws {
    let connection = try await WebSocketClient.open("ws://127.0.0.1:8765/")
    try await connection.send("hello")
    try await connection.close(.goingAway, reason: "that was all")
    if let closure = await connection.closure { print(closure) }
}
// snippet.end

// snippet.errors
func talk() async {
    do {
        try await greet()
    } catch let error as WebSocketError where error.code == .handshakeFailed {
        print("the server does not want us: \(error)")
    } catch let error as WebSocketError where error.code == .closed {
        // Who closed, with which codes, and in which order.
        print("closed with \(error.closure?.code.description ?? "nothing"): \(error)")
    } catch {
        print("something else: \(error)")
    }
}
// snippet.end

// snippet.ping
func measure(_ connection: WebSocketConnection) async throws {
    let latency = try await connection.ping()
    print("there and back in \(latency)")
}
// snippet.end

await talk()
