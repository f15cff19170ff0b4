// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornProtocol

/// What a server does with each path: WebSocket connections and plain requests, on one port.
///
/// A pattern consists of texts and parameters, `/rooms/{id:int}/{name}`. A parameter is a whole segment, and is a
/// `string` unless its converter says `int`, `uuid`, or `path` for all the rest. From left to right a text counts more than
/// a parameter, `int` and `uuid` more than `string`, that more than `path`; the order of adding has no effect. Texts and
/// parameters are compared and given with escapes resolved, `/a%2Fb` being one segment. `/rooms` and `/rooms/` differ.
///
/// Looking a path up takes a time that is linear in it. No route is a 404; a route without the request's method is a 405.
public struct Routes: Sendable {
    /// Serves one connection, as ``WebSocketServer/Handler`` does.
    public typealias Handler = @Sendable (WebSocketConnection, PathParameters) async throws -> Void
    /// Makes the handler of a connection, as ``WebSocketServer/HandlerFactory`` does.
    public typealias HandlerFactory =
        @Sendable (WebSocketServer.Request, PathParameters) -> any WebSocketHandler
    /// Answers a plain request; to throw is a 500.
    public typealias Page = @Sendable (WebSocketServer.Request, PathParameters) async throws -> WebSocketServer.Response

    fileprivate var table = RouteTable<Endpoint>()

    /// What one pattern is for.
    fileprivate struct Endpoint: Sendable {
        enum WebSocket: Sendable {
            case tasks(Handler)
            case callbacks(HandlerFactory)
        }

        var webSocket: WebSocket?
        var pages: [String: Page] = [:]
        var redirect: Redirect?

        var isEmpty: Bool { webSocket == nil && pages.isEmpty && redirect == nil }
    }

    /// No route.
    public init() {}

    /// Serves WebSocket connections by a task for each.
    ///
    /// - Throws: ``RoutingMisuse``, as all that add routes: for a malformed pattern, or one that is there already.
    public mutating func webSocket(_ pattern: String, handler: @escaping Handler) throws(RoutingMisuse) {
        try add(.tasks(handler), pattern)
    }

    /// Serves WebSocket connections by callbacks.
    public mutating func webSocket(
        _ pattern: String, callbacks makeHandler: @escaping HandlerFactory
    ) throws(RoutingMisuse) {
        try add(.callbacks(makeHandler), pattern)
    }

    /// Answers `GET`, and `HEAD` without the body.
    public mutating func get(_ pattern: String, page: @escaping Page) throws(RoutingMisuse) {
        try on("GET", pattern, page: page)
    }

    /// Answers a method, which is compared exactly.
    public mutating func on(_ method: String, _ pattern: String, page: @escaping Page) throws(RoutingMisuse) {
        guard !method.isEmpty, method.utf8.allSatisfy(\.isTokenCharacter) else { throw .method(method) }
        try update(pattern) { endpoint in endpoint.pages.updateValue(page, forKey: method) == nil }
    }

    /// Sends all requests to another place (RTR-02).
    ///
    /// - Parameters:
    ///   - target: a path, or a whole address, in which `{name}` stands for the text of a parameter; the query of a request
    ///     stays, if the target has none.
    ///   - status: 301, 302, 303, 307 or 308.
    public mutating func redirect(
        _ pattern: String, to target: String, status: Int = 308
    ) throws(RoutingMisuse) {
        let redirect = try Redirect(pattern, to: target, status: status)
        try update(pattern) { endpoint in
            // A redirect is for all requests, so nothing can stand beside it.
            guard endpoint.isEmpty else { return false }
            endpoint.redirect = redirect
            return true
        }
    }

    private mutating func add(_ webSocket: Endpoint.WebSocket, _ pattern: String) throws(RoutingMisuse) {
        try update(pattern) { endpoint in
            guard endpoint.webSocket == nil else { return false }
            endpoint.webSocket = webSocket
            return true
        }
    }

    /// - Parameter change: returns whether there was room.
    private mutating func update(_ pattern: String, _ change: (inout Endpoint) -> Bool) throws(RoutingMisuse) {
        try table.update(pattern) { existing throws(RoutingMisuse) in
            var endpoint = existing ?? Endpoint()
            guard endpoint.redirect == nil, change(&endpoint) else { throw .ambiguous(pattern) }
            return endpoint
        }
    }
}

// MARK: - Looking up

extension Routes {
    /// What comes of a request.
    enum Outcome {
        case answer(WebSocketServer.Response)
        case page(WebSocketServer.Responder)
        case open(ServerApplication.Handlers)
    }

    func find(_ request: WebSocketServer.Request) -> Outcome {
        guard let (endpoint, parameters) = table.find(request.path) else {
            return .answer(.text("Not Found\n", status: 404))
        }
        if let redirect = endpoint.redirect { return .answer(redirect.response(to: request, parameters)) }
        if let webSocket = endpoint.webSocket, request.isHandshake || endpoint.pages.isEmpty {
            return .open(webSocket.handlers(with: parameters))
        }
        // RFC 9110 §9.3.2: a HEAD is answered as a GET would be, and the body left out.
        let page = endpoint.pages[request.method] ?? (request.method == "HEAD" ? endpoint.pages["GET"] : nil)
        guard let page else { return .answer(Self.methodNotAllowed(endpoint)) }
        return .page { request in try await page(request, parameters) }
    }

    private static func methodNotAllowed(_ endpoint: Endpoint) -> WebSocketServer.Response {
        var methods = Set(endpoint.pages.keys)
        if methods.contains("GET") { methods.insert("HEAD") }
        if endpoint.webSocket != nil { methods.insert("GET") }
        return .text("Method Not Allowed\n", status: 405).adding("Allow", methods.sorted().joined(separator: ", "))
    }
}

extension Routes.Endpoint.WebSocket {
    fileprivate func handlers(with parameters: PathParameters) -> ServerApplication.Handlers {
        switch self {
        case .tasks(let handler): .tasks { connection in try await handler(connection, parameters) }
        case .callbacks(let makeHandler): .callbacks { request in makeHandler(request, parameters) }
        }
    }
}
