// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

// The code of the articles about the server; scripts/check-snippets sees to it that they quote nothing else.

import AlicornDeflate
import AlicornWebSocket
import Logging
import NIOCore

// snippet.echo
func echo() async throws {
    let server = WebSocketServer(host: "127.0.0.1", port: 8765) { connection in
        for try await message in connection {
            try await connection.send(message)
        }
    }
    try await server.run { address in print("listening on \(address)") }
}
// snippet.end

// snippet.configured
func configured() throws -> WebSocketServer {
    var configuration = WebSocketServer.Configuration()
    configuration.subprotocols = try Subprotocols(["chat.v2", "chat.v1"])
    configuration.origins = Origins([try OriginPattern("https://example.com")])
    return WebSocketServer(
        host: "0.0.0.0", port: 8765, configuration: configuration, logger: Logger(label: "chat")
    ) { connection in
        try await connection.send("you speak \(connection.subprotocol ?? "nothing")")
    }
}
// snippet.end

// snippet.http
func withHealthCheck() -> WebSocketServer {
    WebSocketServer(
        host: "127.0.0.1", port: 8765,
        respond: { request in
            // `nil` lets a request go on to the opening handshake.
            request.target == "/health" ? .text("well\n") : nil
        }
    ) { connection in
        try await connection.send("hello")
    }
}
// snippet.end

// snippet.listening
func onUnixSocket() async throws {
    var configuration = WebSocketServer.Configuration()
    configuration.engine = .native
    let server = WebSocketServer(
        listeningOn: .unix(path: "/run/echo.sock"), configuration: configuration
    ) { connection in
        for try await message in connection { try await connection.send(message) }
    }
    try await server.run()
}
// snippet.end

// snippet.broadcast
func tell(_ news: String, to listeners: [WebSocketConnection]) {
    WebSocketConnection.broadcast(.text(news), to: listeners)
}
// snippet.end

// snippet.limits
func limits() -> WebSocketServer.Configuration {
    var configuration = WebSocketServer.Configuration()
    configuration.connection.limits.maximumMessageSize = 64 << 10
    configuration.connection.limits.pingInterval = .seconds(30)
    configuration.connection.limits.closeTimeout = .seconds(5)
    configuration.connection.openTimeout = .seconds(3)
    configuration.http.fields = 50
    configuration.stopTimeout = .seconds(30)
    return configuration
}
// snippet.end

// snippet.stop
func serveUntilCancelled(_ server: WebSocketServer) async throws {
    let serving = Task { try await server.run() }
    // ... and when it is time to stop:
    serving.cancel()
    try await serving.value
}
// snippet.end

// snippet.compression
func compression() -> WebSocketServer.Configuration {
    var configuration = WebSocketServer.Configuration()
    configuration.deflate = ServerPerMessageDeflate(
        serverNoContextTakeover: true, clientNoContextTakeover: true,
        settings: CompressionSettings(level: 1, threshold: 1024))
    return configuration
}
// snippet.end

// snippet.uncompressed
func sendSecret(_ secret: String, to connection: WebSocketConnection) async throws {
    try await connection.send(secret, compression: .never)
}
// snippet.end

// snippet.pull
func copy(_ source: WebSocketConnection, to target: WebSocketConnection) async throws {
    for try await message in source {
        try await target.send(message)
    }
}
// snippet.end

// snippet.post
func broadcast(_ message: WebSocketMessage, to connections: [WebSocketConnection]) {
    for connection in connections { connection.post(message) }
}
// snippet.end

try await echo()
