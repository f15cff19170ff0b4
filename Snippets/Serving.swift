// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

// The code of the articles about routes, clients and the end of a server.

import AlicornWebSocket
import Logging
import NIOCore

#if Lifecycle
import ServiceLifecycle
#endif

// snippet.addresses
func onSeveralAddresses() async throws {
    let server = WebSocketServer(
        listeningOn: .tcp(host: "127.0.0.1", port: 8765), .tcp(host: "::1", port: 8765),
        .unix(path: "/run/echo.sock", permissions: 0o660)
    ) { connection in
        for try await message in connection { try await connection.send(message) }
    }
    try await server.run { address in print("listening on \(address)") }
}
// snippet.end

// snippet.routes
func withRoutes() async throws {
    var routes = Routes()
    try routes.webSocket("/rooms/{id:int}") { connection, parameters in
        let id: Int = try parameters("id")
        try await connection.send("welcome to room \(id)")
    }
    try routes.get("/health") { _, _ in .text("well\n") }
    try routes.on("POST", "/rooms/{id:int}/close") { _, parameters in
        .text("room \(parameters["id"] ?? "") is closed\n", status: 202)
    }
    try routes.redirect("/chat/{rest:path}", to: "/rooms/{rest}")
    try await WebSocketServer(listeningOn: .tcp(host: "127.0.0.1", port: 8765), routes: routes).run()
}
// snippet.end

// snippet.responder
func withResponder(_ routes: Routes) -> WebSocketServer {
    WebSocketServer(
        listeningOn: .tcp(host: "127.0.0.1", port: 8765),
        respond: { request in
            guard request.fields.first("X-Api-Key") == "secret" else { return .text("no\n", status: 403) }
            // Who comes after it sees what it changes.
            request.username = "the one with the key"
            return nil
        }, routes: routes)
}
// snippet.end

// snippet.hooks
func withHooks() -> WebSocketServer.Configuration {
    var configuration = WebSocketServer.Configuration()
    configuration.selectSubprotocol = { offered, request in
        if let newest = offered.max() { .use(newest) } else { .refuse }
    }
    configuration.amendResponse = { request, response in
        try response.fields.append(name: "Set-Cookie", value: "visited=yes")
        return nil
    }
    return configuration
}
// snippet.end

// snippet.basic
func withPasswords(_ handler: @escaping WebSocketServer.Handler) throws -> WebSocketServer {
    let authentication = try BasicAuthentication(realm: "chat")
    let allowed = [try BasicCredentials(username: "ada", password: "lovelace")]
    return WebSocketServer(
        host: "127.0.0.1", port: 8765,
        respond: { request in
            if request.path == "/health" { return .text("well\n") }
            return authentication.check(&request, credentials: allowed)
        }, handler: handler)
}
// snippet.end

// snippet.verify
func withDatabase(
    _ isRight: @escaping @Sendable (BasicCredentials) async throws -> Bool, _ handler: @escaping WebSocketServer.Handler
) throws -> WebSocketServer {
    let authentication = try BasicAuthentication(realm: "chat")
    return WebSocketServer(
        host: "127.0.0.1", port: 8765,
        respond: { request in try await authentication.check(&request, verify: isRight) }, handler: handler)
}
// snippet.end

// snippet.clients
func limitsOnClients() -> WebSocketServer.Configuration {
    var configuration = WebSocketServer.Configuration()
    configuration.clients.connections = 50_000
    configuration.clients.connectionsPerClient = 100
    configuration.clients.handshakes = EventRate(2_000)
    configuration.clients.handshakesPerClient = EventRate(60, per: .seconds(60), burst: 10)
    return configuration
}
// snippet.end

// snippet.forwarding
func behindProxy() throws -> WebSocketServer.Configuration {
    var configuration = WebSocketServer.Configuration()
    configuration.forwarding = TrustedForwarding(.xForwarded, from: try TrustedProxies(["127.0.0.1", "10.0.0.0/8"]))
    return configuration
}
// snippet.end

// snippet.nginx
func behindNginx() throws -> WebSocketServer.Configuration {
    var configuration = WebSocketServer.Configuration()
    configuration.forwarding = TrustedForwarding(.xForwarded, from: try TrustedProxies(["127.0.0.1"]))
    return configuration
}
// snippet.end

// snippet.proxy
func behindBalancer() throws -> WebSocketServer.Configuration {
    var configuration = WebSocketServer.Configuration()
    configuration.proxyProtocol = try TrustedProxies(["192.0.2.10", "unix"])
    return configuration
}
// snippet.end

// snippet.farewell
func stoppable() -> WebSocketServer.Configuration {
    var configuration = WebSocketServer.Configuration()
    configuration.farewell = .close(CloseFrame(.serviceRestart, reason: "back in a minute"))
    configuration.stopTimeout = .seconds(30)
    return configuration
}
// snippet.end

// snippet.stopper
func stopOnCommand(_ server: WebSocketServer) async throws {
    async let running: Void = server.run()
    print("\(server.connections.count) connections are open")
    server.stop()
    try await running
}
// snippet.end

#if Lifecycle
// snippet.group
func serve(_ server: WebSocketServer) async throws {
    let group = ServiceGroup(
        services: [server], gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "service"))
    try await group.run()
}
// snippet.end
#endif
