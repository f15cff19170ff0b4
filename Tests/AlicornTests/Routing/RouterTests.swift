// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornTesting
import EngineTesting
import NIOCore
import Testing

@Suite("An application of routes", .onEachEngine)
struct RouterTests {
    private struct User: Codable, Equatable {
        var id: Int
    }

    private struct Teapot: ErrorWithStatus {
        var status: Int { 418 }
        var description: String { "short and stout" }
    }

    private struct Failed: Error {}

    private static func makeRouter() throws -> Router {
        var router = Router()
        try router.get("/") { _ in .text("root") }
        try router.get("/users/{id:int}") { context in
            let id: Int = try context.parameters("id")
            return try .json(User(id: id))
        }
        try router.post("/users") { context in
            let user: User = try await context.body.decode(upTo: 20)
            return .text("\(user.id)", status: 201)
        }
        try router.get("/loose/{id}") { context in
            let id: Int = try context.parameters("id")
            return .text("\(id)")
        }
        try router.get("/absent") { context in .text(try context.parameters("absent")) }
        try router.get("/query") { context in .text(context.query("a b") ?? "none") }
        try router.get("/teapot") { _ in throw Teapot() }
        try router.get("/failed") { _ in throw Failed() }
        try router.get("/upgrade") { context in try await context.upgrade { _ in } }
        try router.delete("/users/{id:int}") { _ in .empty() }
        try router.get("/away") { _ in try .redirect(to: "/") }
        try router.webSocket("/chat") { context in try await context.upgrade { _ in } }
        return router
    }

    @Test("each path and method has its answer, and what has none is 404, or 405 with Allow")
    func answers() async throws {
        let served = try await ServedApplication(Self.makeRouter())
        for (method, target, body, status, expected) in [
            ("GET", "/", "", 200, "root"), ("HEAD", "/", "", 200, ""), ("GET", "/users/7", "", 200, #"{"id":7}"#),
            ("GET", "/users/x", "", 404, "Not Found\n"), ("GET", "/nothing", "", 404, "Not Found\n"),
            ("POST", "/users", #"{"id":3}"#, 201, "3"),
            ("POST", "/users", "{", 400, "the body of the request is not the JSON that is expected here.\n"),
            (
                "POST", "/users", #"{"id":3, "more": "and more"}"#, 413,
                "the body of the request is longer than 20 bytes.\n"
            ),
            ("GET", "/loose/7", "", 200, "7"), ("GET", "/loose/x", "", 404, "Not Found\n"),
            ("GET", "/absent", "", 500, "Internal Server Error"), ("GET", "/query?x=1&a+b=c%20d&a+b=e", "", 200, "c d"),
            ("GET", "/query?a", "", 200, "none"), ("GET", "/teapot", "", 418, "short and stout.\n"),
            ("GET", "/failed", "", 500, "Internal Server Error"), ("GET", "/upgrade", "", 500, "Internal Server Error"),
            ("DELETE", "/users/7", "", 204, ""), ("PUT", "/users/7", "", 405, "Method Not Allowed\n"),
            ("OPTIONS", "/users/7", "", 204, ""), ("GET", "/away", "", 307, ""),
            ("POST", "/chat", "", 405, "Method Not Allowed\n"),
        ] {
            let response = try await served.request(method, target, body: body)
            #expect(response.status == status, "\(method) \(target)")
            #expect(response.body == expected, "\(method) \(target)")
        }
        #expect(try await served.request("HEAD", "/").fields["content-length"] == "4")
        #expect(try await served.request("PUT", "/users/7").fields["allow"] == "DELETE, GET, HEAD, OPTIONS")
        #expect(try await served.request("OPTIONS", "/chat").fields["allow"] == "GET, OPTIONS")
        #expect(try await served.get("/users/7").fields["content-type"] == "application/json")
        #expect(try await served.get("/away").fields["location"] == "/")
        try await served.stop()
    }

    @Test("a plain request on a WebSocket path is 426 and told how to connect")
    func upgradeRequired() async throws {
        let served = try await ServedApplication(Self.makeRouter())
        let response = try await served.get("/chat?a=b")
        #expect(response.status == 426)
        #expect(response.fields["upgrade"] == "websocket")
        #expect(response.fields["connection"]?.contains("upgrade") == true)
        #expect(response.body.contains("Connect to ws://a/chat with a WebSocket client"))
        try await served.stop()
    }

    @Test("a handshake that no route is for is 404 and told why (U-WSD-04)")
    func unknownHandshake() async throws {
        let served = try await ServedApplication(Self.makeRouter())
        let unknown = try await served.open("/nothing")
        #expect(unknown.status == 404)
        #expect(unknown.body.contains("no WebSocket route is for this path"))
        let plain = try await served.open("/users")
        #expect(plain.status == 404)
        #expect(plain.body.contains("this path is for plain requests (POST)"))
        try await served.stop()
    }

    @Test("bodies stream both ways")
    func streams() async throws {
        var router = Router()
        try router.post("/double") { context in
            try .stream(contentType: "text/plain") { writer in
                for try await piece in context.body {
                    try await writer.write(piece)
                    try await writer.write(piece)
                }
            }
        }
        try router.get("/early") { _ in try .stream(contentType: "text/plain") { _ in throw Failed() } }
        try router.get("/late") { _ in
            try .stream(contentType: "text/plain") { writer in
                try await writer.write("begun")
                throw Failed()
            }
        }
        let served = try await ServedApplication(router)
        let body = String(repeating: "x", count: 200_000)
        let doubled = try await served.request("POST", "/double", body: body)
        #expect(doubled.body.utf8.count { $0 == UInt8(ascii: "x") } == 400_000)
        #expect(try await served.get("/early").status == 500)
        let late = try await served.get("/late")
        #expect(late.status == 200 && !late.body.hasSuffix("0\r\n\r\n"))
        #expect(try await served.request("HEAD", "/late").status == 200)
        try await served.stop()
    }

    @Test("middleware is around answers of all kinds, and errors that know theirs are answers to it")
    func middleware() async throws {
        var router = try Self.makeRouter()
        router.use { context, next in
            var response = try await next(context)
            try response.headers.append(name: "x-order", value: "outer \(response.status)")
            return response
        }
        router.use { context, next in
            guard context.query("blocked") == nil else { throw Teapot() }
            var context = context
            context.notes["seen"] = true
            var response = try await next(context)
            try response.headers.append(name: "x-order", value: "inner")
            return response
        }
        try router.get("/notes") { context in .text("\(context.notes["seen"] as? Bool ?? false)") }
        let served = try await ServedApplication(router)
        #expect(try await served.get("/notes").body == "true")
        #expect(try await served.get("/").fields["x-order"] == "inner, outer 200")
        #expect(try await served.get("/nothing").fields["x-order"] == "inner, outer 404")
        #expect(try await served.get("/teapot").fields["x-order"] == "inner, outer 418")
        #expect(try await served.open("/nothing").fields["x-order"] == "inner, outer 404")
        #expect(try await served.get("/?blocked").status == 418)
        try await served.stop()
    }
}
