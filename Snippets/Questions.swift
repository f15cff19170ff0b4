// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

// The code of the articles with questions and answers; scripts/check-snippets sees to it that they quote nothing else.

import AlicornWebSocket

// snippet.loop
func answer(_ connection: WebSocketConnection) async throws {
    for try await message in connection {
        try await connection.send("you said \(message.text)")
    }
}
// snippet.end

// snippet.placement
func computing() -> WebSocketServer.Configuration {
    var configuration = WebSocketServer.Configuration()
    configuration.handlerPlacement = .globalPool
    return configuration
}
// snippet.end

// snippet.cookie
func withSession() -> WebSocketServer {
    WebSocketServer(
        host: "127.0.0.1", port: 8765,
        respond: { request in
            let isKnown = request.fields.first("Cookie")?.contains("session=") == true
            return isKnown ? nil : .text("log in first\n", status: 403)
        }
    ) { connection in
        try await connection.send("welcome to \(connection.request.target)")
    }
}
// snippet.end

// snippet.room
actor Room {
    private var members: [WebSocketConnection] = []

    func serve(_ connection: WebSocketConnection) async throws {
        members.append(connection)
        defer { members.removeAll { $0 === connection } }
        for try await message in connection {
            WebSocketConnection.broadcast(message, to: members)
        }
    }
}
// snippet.end

// snippet.reconnect
func follow(_ address: String) async throws {
    try await WebSocketClient.reconnecting(to: address).forEach { connection in
        try await connection.send("subscribe")
        for try await message in connection { print(message.text) }
    }
}
// snippet.end

// snippet.insecure
func connectWithoutVerification() async throws {
    var configuration = WebSocketClient.Configuration()
    configuration.tls = .insecureWithoutVerification()
    try await WebSocketClient.connect(to: "wss://localhost:8443/", configuration: configuration) { connection in
        print(try await connection.receive())
    }
}
// snippet.end

// snippet.both
func talk(_ connection: WebSocketConnection, saying lines: some AsyncSequence<String, any Error> & Sendable)
    async throws
{
    try await withThrowingTaskGroup { group in
        group.addTask { for try await message in connection { print(message.text) } }
        group.addTask { for try await line in lines { try await connection.send(line) } }
        // Whoever is done first, or fails, ends the other.
        try await group.next()
        group.cancelAll()
    }
}
// snippet.end

// snippet.why
func listen(_ connection: WebSocketConnection) async {
    do {
        for try await message in connection { print(message.text) }
    } catch let error as WebSocketError {
        print(error)  // Such as: the peer did not answer a keepalive ping in time; we closed with 1011
        switch error.closure?.cause {
        case .keepaliveTimeout: print("the network may be gone")
        case .violation(let violation): print("the peer's fault: \(violation)")
        default: break
        }
    } catch {
        print("not the connection's doing: \(error)")
    }
}
// snippet.end

// snippet.keepalive
func behindAnImpatientBalancer() -> WebSocketServer.Configuration {
    var configuration = WebSocketServer.Configuration()
    configuration.connection.limits.pingInterval = .seconds(8)
    configuration.connection.limits.pingTimeout = .seconds(15)
    return configuration
}
// snippet.end

// snippet.timeout
func receive(
    from connection: WebSocketConnection, within time: Duration
) async throws -> WebSocketMessage? {
    try await withThrowingTaskGroup { group in
        group.addTask { try await connection.receive() as WebSocketMessage? }
        group.addTask {
            try await Task.sleep(for: time)
            return nil
        }
        defer { group.cancelAll() }
        return try await group.next() ?? nil
    }
}
// snippet.end

_ = withSession()
