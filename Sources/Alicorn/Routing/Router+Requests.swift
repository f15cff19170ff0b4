// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol

extension Router {
    /// Serves what `scope` says.
    public func handle(_ scope: Scope, receive: Receive, send: Send) async throws {
        let context: RequestContext
        switch scope {
        case .http(let scope): context = RequestContext(.http(scope, send), body: RequestBody(receive: receive))
        case .webSocket(let scope): context = RequestContext(.webSocket(scope, send), body: RequestBody(receive: nil))
        case .lifespan(let scope): return try await live(scope, receive, send)
        }
        try await respond(to: context).send(over: context.exchange)
    }

    private func respond(to context: RequestContext) async throws -> Response {
        var context = context
        var handler: Handler = { context in Self.notFound(context) }
        if let (endpoint, parameters) = table.find(context.request.targetPath) {
            context.parameters = parameters
            handler = endpoint.handler(for: context)
        }
        guard !middleware.isEmpty else { return try await Self.answer(context, by: handler) }
        // What is thrown here is a middleware's own, or went through them all.
        return try await Self.answer(context) { [handler] context in try await run(0, context, handler) }
    }

    /// The middleware from `index` on, around the handler.
    private func run(_ index: Int, _ context: RequestContext, _ handler: @escaping Handler) async throws -> Response {
        guard index < middleware.count else { return try await Self.answer(context, by: handler) }
        return try await middleware[index](context) { context in try await run(index + 1, context, handler) }
    }

    /// Has errors that know their answer give it, within the middleware: what that adds to answers is added to these too.
    private static func answer(_ context: RequestContext, by handler: Handler) async throws -> Response {
        do { return try await handler(context) } catch let error as any ErrorWithStatus {
            return .text("\(error).\n", status: error.status)
        } catch let error as InvalidPathParameter where context.parameters[error.name] != nil {
            // The path has it, as something else: so there is nothing at this path.
            return .text("Not Found\n", status: 404)
        }
    }

    private static func notFound(_ context: RequestContext) -> Response {
        guard context.isWebSocket else { return .text("Not Found\n", status: 404) }
        return context.deny(
            404, "no WebSocket route is for this path: add it to the application, or connect to one that it has")
    }
}

extension Router.Endpoint {
    /// Who answers a request for this pattern.
    fileprivate func handler(for context: RequestContext) -> Router.Handler {
        if context.isWebSocket { return webSocket ?? { context in denyPlainPath(context) } }
        let method = context.method
        if let handler = handlers[method] { return handler }
        switch method {
        // RFC 9110 §9.3.2: a HEAD is answered as a GET would be, and the body left out.
        case "HEAD" where handlers["GET"] != nil: return handlers["GET"] ?? { _ in methodNotAllowed() }
        case "GET" where webSocket != nil, "HEAD" where webSocket != nil: return { context in requireUpgrade(context) }
        case "OPTIONS": return { _ in Response.empty(status: 204).adding("allow", allowed) }
        default: return { _ in methodNotAllowed() }
        }
    }

    private var allowed: String {
        var methods = Set(handlers.keys)
        if methods.contains("GET") { methods.insert("HEAD") }
        if webSocket != nil { methods.insert("GET") }
        methods.insert("OPTIONS")
        return methods.sorted().joined(separator: ", ")
    }

    private func methodNotAllowed() -> Response {
        .text("Method Not Allowed\n", status: 405).adding("allow", allowed)
    }

    /// A 403 without a word is what beginners search for (U-WSD-04).
    private func denyPlainPath(_ context: RequestContext) -> Response {
        context.deny(
            404,
            "this path is for plain requests (\(handlers.keys.sorted().joined(separator: ", "))), "
                + "and has no WebSocket route: add one with webSocket(_:handler:)")
    }

    /// RFC 9110 §15.5.22: the protocol that is required is named.
    private func requireUpgrade(_ context: RequestContext) -> Response {
        let request = context.request
        let diagnosis = HandshakeDiagnosis(.missingUpgrade, to: request.head, allowedOrigins: [])
        context.log(.warning, diagnosis.line(request, status: 426))
        let address = "\(request.isSecure ? "wss" : "ws")://\(context.headers.first("Host") ?? "")\(request.rawPath)"
        return .text(
            """
            This path is for WebSocket connections, and the request is a plain one.

            Connect to \(address) with a WebSocket client: new WebSocket(address) in a browser, `alicorn connect address` \
            in a terminal. If you did: \(diagnosis.remedy)

            """, status: 426
        ).adding("upgrade", "websocket").adding("connection", "upgrade")
    }
}

extension RequestContext {
    /// Denies a WebSocket connection, and tells the log.
    fileprivate func deny(_ status: Int, _ cause: String) -> Response {
        log(
            .warning,
            "WebSocket handshake refused (\(status)): \(cause). From \(request.clientText) for \(Excerpt(rawPath)).")
        return .text("Failed to open a WebSocket connection: \(cause).\n", status: status)
    }
}
