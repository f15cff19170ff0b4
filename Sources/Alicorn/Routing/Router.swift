// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
public import AlicornProtocol

/// An application made of handlers for methods and paths.
///
///     var router = Router()
///     try router.get("/") { _ in .text("Hello, World!") }
///     try router.get("/users/{id:int}") { context in try .json(User(id: context.parameters("id"))) }
///     try router.webSocket("/echo") { context in
///         try await context.upgrade { connection in
///             for try await message in connection { try await connection.send(message) }
///         }
///     }
///     try await Alicorn.main(router)
///
/// Patterns are those of ``AlicornWebSocket/Routes``: a parameter is a whole segment, and is a `string` unless its converter
/// says `int`, `uuid`, or `path` for all the rest; from left to right a text counts more than a parameter, `int` and `uuid`
/// more than `string`, that more than `path`; the order of adding has no effect. They are for paths without the root path.
///
/// No route is a 404, a route without the request's method a 405 with `Allow`; HEAD is answered as GET without the body, and
/// OPTIONS with `Allow`, unless they have handlers of their own. A handshake that no route is for is answered with 404 too, and
/// a plain request for a WebSocket route with 426; both say so in words, and in the log.
public struct Router: Application {
    /// Answers a request, or opens a WebSocket connection.
    ///
    /// What it throws is answered by what an ``ErrorWithStatus`` says, and otherwise with 500 and a line in the log. It runs on
    /// the connection's event loop, and must not block or compute for long there.
    public typealias Handler = @Sendable (RequestContext) async throws -> Response
    /// Does something before and after the rest, which it calls, changes or replaces; for all requests, those that no route is
    /// for among them, and for WebSocket connections, where the rest lasts as long as the connection.
    public typealias Middleware = @Sendable (RequestContext, _ next: @escaping Handler) async throws -> Response
    /// Runs before the server accepts connections, and fills what all requests get as ``RequestContext/state``.
    public typealias StartHook = @Sendable (inout ApplicationState) async throws -> Void
    /// Runs when the server begins to stop and connections are still open, with how long it may take (P-38).
    public typealias GoodbyeHook = @Sendable (ApplicationState, Duration) async throws -> Void
    /// Runs when all connections have ended.
    public typealias StopHook = @Sendable (ApplicationState) async throws -> Void

    /// What one pattern is for.
    struct Endpoint: Sendable {
        var handlers: [String: Handler] = [:]
        var webSocket: Handler?
    }

    private(set) var table = RouteTable<Endpoint>()
    private(set) var middleware: [Middleware] = []
    private(set) var startHooks: [StartHook] = []
    private(set) var goodbyeHooks: [GoodbyeHook] = []
    private(set) var stopHooks: [StopHook] = []

    /// No route.
    public init() {}

    // MARK: - Routes

    /// Answers `GET`, and `HEAD` without the body.
    ///
    /// - Throws: ``AlicornProtocol/RoutingMisuse``, as all that add routes: for a malformed pattern, or one that is there already.
    public mutating func get(_ pattern: String, handler: @escaping Handler) throws(RoutingMisuse) {
        try on("GET", pattern, handler: handler)
    }

    /// Answers `POST`.
    public mutating func post(_ pattern: String, handler: @escaping Handler) throws(RoutingMisuse) {
        try on("POST", pattern, handler: handler)
    }

    /// Answers `PUT`.
    public mutating func put(_ pattern: String, handler: @escaping Handler) throws(RoutingMisuse) {
        try on("PUT", pattern, handler: handler)
    }

    /// Answers `PATCH`.
    public mutating func patch(_ pattern: String, handler: @escaping Handler) throws(RoutingMisuse) {
        try on("PATCH", pattern, handler: handler)
    }

    /// Answers `DELETE`.
    public mutating func delete(_ pattern: String, handler: @escaping Handler) throws(RoutingMisuse) {
        try on("DELETE", pattern, handler: handler)
    }

    /// Answers a method, in upper case.
    public mutating func on(_ method: String, _ pattern: String, handler: @escaping Handler) throws(RoutingMisuse) {
        guard !method.isEmpty, method.utf8.allSatisfy(\.isTokenCharacter) else { throw .method(method) }
        try update(pattern) { endpoint in endpoint.handlers.updateValue(handler, forKey: method) == nil }
    }

    /// Opens WebSocket connections by ``RequestContext/upgrade(subprotocol:headers:serve:)``; any other answer denies the
    /// connection. Plain requests may have handlers on the same pattern.
    public mutating func webSocket(_ pattern: String, handler: @escaping Handler) throws(RoutingMisuse) {
        try update(pattern) { endpoint in
            guard endpoint.webSocket == nil else { return false }
            endpoint.webSocket = handler
            return true
        }
    }

    /// - Parameter change: returns whether there was room.
    private mutating func update(_ pattern: String, _ change: (inout Endpoint) -> Bool) throws(RoutingMisuse) {
        try table.update(pattern) { existing throws(RoutingMisuse) in
            var endpoint = existing ?? Endpoint()
            guard change(&endpoint) else { throw .ambiguous(pattern) }
            return endpoint
        }
    }

    // MARK: - Around them

    /// Puts middleware around all handlers; what is added first is outermost.
    public mutating func use(_ middleware: @escaping Middleware) { self.middleware.append(middleware) }

    /// Adds to what happens at the start, in the order of adding. When it throws, the server does not start.
    public mutating func onStart(_ hook: @escaping StartHook) { startHooks.append(hook) }

    /// Adds to what happens before connections are closed, such as a last message to each.
    public mutating func onGoodbye(_ hook: @escaping GoodbyeHook) { goodbyeHooks.append(hook) }

    /// Adds to what happens at the end, in the reverse order of adding. Each runs, whatever those before it have thrown.
    public mutating func onStop(_ hook: @escaping StopHook) { stopHooks.append(hook) }
}
