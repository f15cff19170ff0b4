// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import NIOCore

/// Shows the metrics at one path, and hands everything else on (P-35).
struct MetricsApplication: Application {
    let metrics: PrometheusMetrics
    let path: String
    /// Who else has counted; `nil` for nobody.
    let siblings: SiblingMetrics?
    /// Who serves the rest; `nil` where there is none, as on a port of the metrics' own.
    let application: (any Application)?

    func handle(_ scope: Scope, receive: Receive, send: Send) async throws {
        if case .http(let scope) = scope, scope.path == path, scope.method == "GET" || scope.method == "HEAD" {
            try await show(scope, send)
        } else if let application {
            try await application.handle(scope, receive: receive, send: send)
        } else if case .http = scope {
            try await send(
                .httpResponseStart(status: 404, headers: HeaderFields.plain(length: Self.notFound.utf8.count)))
            try await send(.httpResponseBody(Self.notFound))
        } else {
            throw UnsupportedScope(scope)
        }
    }

    private func show(_ scope: HTTPScope, _ send: Send) async throws {
        var (contentType, body) = metrics.exposition(accept: scope.headers.first("accept"))
        if let siblings { body = await siblings.exposition(with: body, as: contentType) }
        var headers = HeaderFields()
        try headers.append(name: "content-type", value: contentType)
        try headers.append(name: "content-length", value: "\(body.count)")
        try headers.append(name: "vary", value: "accept")
        try await send(.httpResponseStart(status: 200, headers: headers))
        try await send(.httpResponseBody(ByteBuffer(bytes: body)))
    }

    private static let notFound = "Not Found"
}

extension HeaderFields {
    /// Those of a text of so many bytes.
    static func plain(length: Int) -> Self {
        var fields = Self()
        // Both are values that can be sent.
        try? fields.append(name: "content-type", value: "text/plain; charset=utf-8")
        try? fields.append(name: "content-length", value: "\(length)")
        return fields
    }
}
