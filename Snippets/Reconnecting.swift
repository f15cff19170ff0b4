// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

// The code of the article about reconnecting; scripts/check-snippets sees to it that it quotes nothing else.

import AlicornWebSocket

// snippet.loop
func follow() async throws {
    for try await connection in WebSocketClient.reconnecting(to: "wss://feed.example.com/") {
        do {
            try await connection.send("subscribe: prices")
            for try await message in connection { print(message) }
        } catch let error as WebSocketError where error.code == .closed {
            print("lost: \(error)")
        }
    }
}
// snippet.end

// snippet.forEach
func followSimply() async throws {
    try await WebSocketClient.reconnecting(to: "wss://feed.example.com/").forEach { connection in
        try await connection.send("subscribe: prices")
        for try await message in connection { print(message) }
    }
}
// snippet.end

// snippet.policy
func impatient() -> ReconnectionPolicy {
    var policy = ReconnectionPolicy()
    policy.maximumDelay = .seconds(10)
    policy.maximumAttempts = 20
    policy.isWorthRetrying = { error in
        error.closure?.received?.code != .policyViolation && ReconnectionPolicy.mayBeTransient(error)
    }
    return policy
}
// snippet.end

// snippet.state
func followAloud() async throws {
    let connections = WebSocketClient.reconnecting(to: "wss://feed.example.com/", policy: impatient()) { state in
        switch state {
        case .connecting(let attempt): print("connecting, attempt \(attempt)")
        case .connected(let connection): print("connected to \(connection.remoteAddress)")
        case .waiting(let delay, let reason): print("next attempt in \(delay): \(reason)")
        case .gaveUp(let reason): print("gave up: \(reason)")
        }
    }
    for try await connection in connections { await connection.waitUntilClosed() }
}
// snippet.end
