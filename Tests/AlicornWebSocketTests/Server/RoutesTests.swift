// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import AlicornWebSocket
import EngineTesting
import Testing

@Suite("The routes of a server", .onEachEngine, .timeLimit(.minutes(1)))
struct RoutesTests {
    private final class Greeter: WebSocketHandler {
        let greeting: String
        init(_ greeting: String) { self.greeting = greeting }
        func opened(_ connection: CallbackConnection) { try? connection.send(greeting) }
        func received(_ kind: MessageKind, _ bytes: Span<UInt8>, on connection: CallbackConnection) {}
    }

    private static func makeRoutes() throws -> Routes {
        struct Fault: Error {}
        var routes = Routes()
        try routes.webSocket("/rooms/{id:int}") { connection, parameters in
            let id: Int = try parameters("id")
            try await connection.send("room \(id + 1)")
        }
        try routes.webSocket(
            "/users/{name}", callbacks: { _, parameters in Greeter("user \(parameters["name"] ?? "")") })
        try routes.get("/rooms/{id:int}") { _, parameters in .text("page of room \(parameters["id"] ?? "")\n") }
        try routes.get("/health") { _, _ in .text("well\n") }
        try routes.on("POST", "/health") { _, _ in
            await Task.yield()
            return .text("noted\n", status: 202)
        }
        try routes.get("/throw") { _, _ in throw Fault() }
        try routes.webSocket("/wrong") { _, parameters in _ = try parameters("missing", as: Int.self) }
        try routes.redirect("/old/{rest:path}", to: "/new/{rest}")
        return routes
    }

    @Test("connections go to the handlers of their paths, with the parameters that their paths have")
    func webSockets() async throws {
        let server = try await RunningServer(routes: try Self.makeRoutes())
        for (path, greeting) in [
            ("rooms/41", "room 42"), ("users/a%20b%2Fc", "user a b/c"), ("users/%C3%A4?query", "user ä"),
        ] as [(String, WebSocketMessage)] {
            let connection = try await WebSocketClient.open(server.address + path)
            #expect(try await connection.receive() == greeting)
            try await connection.close()
        }
        let wrong = try await WebSocketClient.open(server.address + "wrong")
        let error = await #expect(throws: WebSocketError.self) { try await wrong.receive() }
        #expect(error?.closure?.received?.code == .internalError, "the route does not have what the handler asks for")
        try await server.stop()
    }

    @Test(
        "plain requests get the page, the redirect or the refusal of their paths",
        arguments: [
            ("GET", "/health", "200 OK", "well\n"), ("POST", "/health", "202 Accepted", "noted\n"),
            ("HEAD", "/health", "200 OK", ""), ("GET", "/rooms/7", "200 OK", "page of room 7\n"),
            ("DELETE", "/health", "405 Method Not Allowed", "Allow: GET, HEAD, POST\r\n"),
            ("POST", "/rooms/7", "405 Method Not Allowed", "Allow: GET, HEAD\r\n"),
            ("GET", "/users/me", "426 Upgrade Required", "Upgrade: websocket\r\n"),
            ("POST", "/users/me", "405 Method Not Allowed", "Allow: GET\r\n"),
            ("GET", "/nowhere", "404 Not Found", "Not Found\n"), ("GET", "/rooms/x", "404 Not Found", ""),
            ("GET", "/rooms/%ZZ", "404 Not Found", ""), ("GET", "/health/", "404 Not Found", ""),
            ("OPTIONS", "*", "404 Not Found", ""), ("GET", "/throw", "500 Internal Server Error", ""),
            ("GET", "/old/a/b%20c?d=e", "308 Permanent Redirect", "Location: /new/a/b%20c?d=e\r\n"),
            ("GET", "http://a/health?x", "200 OK", "well\n"),
        ])
    func pages(method: String, target: String, status: String, part: String) async throws {
        let server = try await RunningServer(routes: try Self.makeRoutes())
        let answer = try await server.answer(target, method: method)
        #expect(answer.hasPrefix("HTTP/1.1 \(status)\r\n"), "\(answer)")
        #expect(part.isEmpty || answer.contains(part), "\(answer)")
        if method == "HEAD" { #expect(answer.hasSuffix("\r\n\r\n")) }
        try await server.stop()
    }

    @Test("a handshake where there is none, or to a page, is answered as a request")
    func handshakes() async throws {
        let server = try await RunningServer(routes: try Self.makeRoutes())
        #expect(try await server.handshake("/nowhere").hasPrefix("HTTP/1.1 404 "))
        #expect(try await server.handshake("/health").hasPrefix("HTTP/1.1 200 "))
        #expect(try await server.handshake("/rooms/1").hasPrefix("HTTP/1.1 101 "))
        try await server.stop()
    }

    @Test("the responder comes first, and what it lets pass goes to the routes, perhaps changed")
    func responderFirst() async throws {
        let server = try await RunningServer(
            respond: { request in
                if request.path == "/health" { return .text("answered before\n") }
                request.head.target = "/rooms/5"
                return nil
            }, routes: try Self.makeRoutes())
        #expect(try await server.answer("/health").hasSuffix("answered before\n"))
        #expect(try await server.answer("/anything").hasSuffix("page of room 5\n"))
        let connection = try await WebSocketClient.open(server.address)
        #expect(try await connection.receive() == "room 6")
        try await server.stop()
    }
}

@Suite("Making routes")
struct RouteMakingTests {
    private static let page: Routes.Page = { _, _ in .text("") }

    @Test("two routes for the same requests are an error, whatever their parameters are called")
    func ambiguous() throws {
        var routes = Routes()
        try routes.get("/a/{b}", page: Self.page)
        try routes.on("POST", "/a/{b}", page: Self.page)
        try routes.webSocket("/a/{b}") { _, _ in }
        try routes.redirect("/r", to: "/a")
        for pattern in ["/a/{b}", "/a/{c:string}", "/r"] {
            #expect(throws: RoutingMisuse.ambiguous(pattern)) { try routes.get(pattern, page: Self.page) }
        }
        #expect(throws: RoutingMisuse.ambiguous("/a/{b}")) { try routes.webSocket("/a/{b}") { _, _ in } }
        #expect(throws: RoutingMisuse.ambiguous("/a/{b}")) { try routes.redirect("/a/{b}", to: "/") }
        #expect(throws: RoutingMisuse.ambiguous("/r")) { try routes.redirect("/r", to: "/") }
    }

    @Test("what is no method or no redirect is an error")
    func misuse() {
        var routes = Routes()
        for method in ["", "GET POST"] {
            #expect(throws: RoutingMisuse.method(method)) { try routes.on(method, "/", page: Self.page) }
        }
        #expect(throws: RoutingMisuse.redirectStatus(200)) { try routes.redirect("/", to: "/a", status: 200) }
        #expect(throws: RoutingMisuse.unknownParameter("c", pattern: "/{b}")) {
            try routes.redirect("/{b}", to: "/{c}")
        }
        #expect(throws: RoutingMisuse.noLeadingSlash("a")) { try routes.redirect("a", to: "/") }
    }
}
