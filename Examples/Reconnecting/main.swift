// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

// Follows a server through its restarts.

import AlicornWebSocket

guard CommandLine.arguments.count == 2 else { fatalError("usage: Reconnecting ADDRESS") }
var policy = ReconnectionPolicy()
policy.firstDelay = .milliseconds(200)
policy.secondDelay = .milliseconds(200)
policy.maximumDelay = .seconds(10)

let connections = WebSocketClient.reconnecting(to: CommandLine.arguments[1], policy: policy) { state in
    switch state {
    case .connecting(let attempt): print("connecting, attempt \(attempt)")
    case .connected: print("connected")
    case .waiting(let delay, let reason): print("again in \(delay): \(reason)")
    case .gaveUp(let reason): print("gave up: \(reason)")
    }
}
// Returns when there is no use in trying any more, by throwing; that a connection ends is no error here.
try await connections.forEach { connection in
    try await connection.send("hello again")
    for try await message in connection { print("received \(message.text)") }
}
