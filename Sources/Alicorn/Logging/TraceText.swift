// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol
import AlicornWebSocket
import NIOCore

/// Events and scopes as uvicorn's trace shows them: Python's dictionaries, with the sizes of what may be long or secret in
/// its place (U-LG-23).
private struct EventDictionary {
    private var pairs: [String] = []

    init(_ type: String) { add("type", literal(type)) }

    mutating func add(_ key: String, _ value: String) { pairs.append("\(literal(key)): \(value)") }

    /// - Parameter key: `nil` for nothing to add.
    func adding(_ key: String?, _ value: String) -> Self {
        var copy = self
        if let key { copy.add(key, value) }
        return copy
    }

    var text: String { "{\(pairs.joined(separator: ", "))}" }
}

private let hidden = "'<...>'"

private func literal(_ flag: Bool) -> String { flag ? "True" : "False" }

/// A text as Python writes it; no control character comes through.
private func literal(_ text: some StringProtocol) -> String {
    let quote: Unicode.Scalar = text.contains("'") && !text.contains("\"") ? "\"" : "'"
    let escaped = text.unicodeScalars.map { scalar in
        switch scalar {
        case "\\", quote: "\\\(scalar)"
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        case _ where scalar.properties.generalCategory == .control: "\\x" + hexadecimal(scalar.value)
        default: String(scalar)
        }
    }
    return "\(quote)\(escaped.joined())\(quote)"
}

private func literal(_ address: ASGIAddress?) -> String {
    address.map { "(\(literal($0.host)), \($0.port.map(String.init) ?? "None"))" } ?? "None"
}

private func list(_ texts: [String]) -> String { "[\(texts.map { literal($0) }.joined(separator: ", "))]" }

private func hexadecimal(_ number: UInt32) -> String { (number < 16 ? "0" : "") + String(number, radix: 16) }

private func size(_ buffer: ByteBuffer) -> String { "'<\(buffer.readableBytes) bytes>'" }

extension WebSocketMessage {
    fileprivate var traceText: (key: String, value: String) {
        switch kind {
        case .text: ("text", "'<\(text.unicodeScalars.count) chars>'")
        case .binary: ("bytes", size(buffer))
        }
    }
}

extension ReceivedEvent {
    /// How a trace shows it.
    var traceText: String {
        switch self {
        case .httpRequest(let body, let moreBody):
            EventDictionary("http.request").adding("body", size(body)).adding("more_body", literal(moreBody)).text
        case .httpDisconnect: EventDictionary("http.disconnect").text
        case .webSocketConnect: EventDictionary("websocket.connect").text
        case .webSocketReceive(let message):
            EventDictionary("websocket.receive").adding(message.traceText.key, message.traceText.value).text
        case .webSocketDisconnect(let code, let reason):
            EventDictionary("websocket.disconnect").adding("code", "\(code)").adding("reason", literal(reason)).text
        case .lifespanStartup: EventDictionary("lifespan.startup").text
        case .lifespanGoodbye(let time):
            EventDictionary("lifespan.goodbye").adding("within", "\(time / .seconds(1))").text
        case .lifespanShutdown: EventDictionary("lifespan.shutdown").text
        }
    }
}

extension SentEvent {
    /// How a trace shows it.
    var traceText: String {
        let event = EventDictionary(name)
        return switch self {
        case .httpResponseStart(let status, _, let trailers):
            event.adding("status", "\(status)").adding("headers", hidden).adding(trailers ? "trailers" : nil, "True")
                .text
        case .httpResponseBody(let body, let moreBody), .webSocketResponseBody(let body, let moreBody):
            event.adding("body", size(body)).adding("more_body", literal(moreBody)).text
        case .httpResponseTrailers(_, let moreTrailers):
            event.adding("headers", hidden).adding("more_trailers", literal(moreTrailers)).text
        case .httpResponseEarlyHint(let links):
            event.adding("links", list(links)).text
        case .httpResponsePathSend(let path): event.adding("path", literal(path)).text
        case .httpResponseZeroCopySend(let file, let offset, let count, let moreBody):
            event.adding("file", "\(file)").adding("offset", offset.map { "\($0)" } ?? "None")
                .adding("count", count.map { "\($0)" } ?? "None").adding("more_body", literal(moreBody)).text
        case .httpResponseDebug: event.adding("info", hidden).text
        case .webSocketAccept(let subprotocol, _):
            event.adding("subprotocol", subprotocol.map { literal($0) } ?? "None").adding("headers", hidden).text
        case .webSocketSend(let message): event.adding(message.traceText.key, message.traceText.value).text
        case .webSocketClose(let code, let reason):
            event.adding("code", "\(code.rawValue)").adding("reason", literal(reason)).text
        case .webSocketResponseStart(let status, _):
            event.adding("status", "\(status)").adding("headers", hidden).text
        case .lifespanStartupFailed(let message), .lifespanShutdownFailed(let message):
            event.adding("message", literal(message)).text
        case .lifespanStartupComplete, .lifespanGoodbyeComplete, .lifespanShutdownComplete: event.text
        }
    }
}

extension Scope {
    /// How a trace shows it: without header fields and state.
    var traceText: String {
        switch self {
        case .http(let scope):
            dictionary(scope.asgiVersion, scope.specVersion)
                .adding(scope.request, scheme: scope.scheme, server: scope.server, client: scope.client)
                .adding("method", literal(scope.method)).text
        case .webSocket(let scope):
            dictionary(scope.asgiVersion, scope.specVersion)
                .adding(scope.request, scheme: scope.scheme, server: scope.server, client: scope.client)
                .adding("subprotocols", list(scope.subprotocols)).text
        case .lifespan(let scope): dictionary(scope.asgiVersion, scope.specVersion).text
        }
    }

    private func dictionary(_ version: String, _ part: String) -> EventDictionary {
        EventDictionary(type).adding("asgi", "{'version': \(literal(version)), 'spec_version': \(literal(part))}")
    }
}

extension EventDictionary {
    fileprivate func adding(
        _ request: RequestScope, scheme: String, server: ASGIAddress?, client: ASGIAddress?
    ) -> Self {
        adding("http_version", literal(request.httpVersion)).adding("server", literal(server))
            .adding("client", literal(client)).adding("scheme", literal(scheme))
            .adding("root_path", literal(request.rootPath)).adding("path", literal(request.path))
            .adding("raw_path", "b" + literal(request.rawPath))
            .adding("query_string", "b" + literal(request.queryString)).adding("headers", hidden)
    }
}
