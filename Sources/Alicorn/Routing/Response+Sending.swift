// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol
import NIOCore

extension Response {
    /// Answers a request, or denies a WebSocket connection (A-EX-01).
    func send(over exchange: RequestContext.Exchange) async throws {
        switch body {
        case .connection: break
        case .bytes(let bytes):
            try await exchange.start(status, headers(announcing: bytes.readableBytes))
            try await exchange.write(bytes, hasMore: false)
        case .stream(let write):
            try await exchange.start(status, headers)
            if !exchange.dropsBody { try await write(BodyWriter(exchange: exchange)) }
            try await exchange.write(ByteBuffer(), hasMore: false)
        case .file(let file, let range):
            try await exchange.start(status, headers(announcing: range.count))
            let sent = exchange.dropsBody ? range.upperBound..<range.upperBound : range
            try await file.forEachPiece(of: sent) { piece, isLast in
                try await exchange.write(piece, hasMore: !isLast)
            }
        }
    }

    private func headers(announcing length: Int) throws -> HeaderFields {
        // RFC 9110 §8.6: 204 has none, and in 304 it would be that of the body that is not sent.
        guard status != 204, status != 304, !headers.contains("content-length") else { return headers }
        var headers = headers
        try headers.append(name: "content-length", value: "\(length)")
        return headers
    }
}

extension RequestContext.Exchange {
    func start(_ status: Int, _ headers: HeaderFields) async throws {
        switch self {
        case .http(_, let send): try await send(.httpResponseStart(status: status, headers: headers))
        case .webSocket(_, let send): try await send(.webSocketResponseStart(status: status, headers: headers))
        }
    }

    func write(_ bytes: ByteBuffer, hasMore: Bool) async throws {
        switch self {
        case .http(_, let send): try await send(.httpResponseBody(bytes, moreBody: hasMore))
        case .webSocket(_, let send): try await send(.webSocketResponseBody(bytes, moreBody: hasMore))
        }
    }

    /// Whether nobody gets the body, so that it need not be made.
    var dropsBody: Bool {
        switch self {
        case .http(let scope, _): scope.method == "HEAD"
        case .webSocket: false
        }
    }
}
