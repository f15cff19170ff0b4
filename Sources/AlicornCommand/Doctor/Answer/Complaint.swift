// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// What an answer to the handshake complains of, by the words that servers and their libraries have for it: Alicorn, websockets,
/// aiohttp, Tornado, gorilla/websocket, ws, Socket.IO, nginx, Go's net/http and others that speak alike.
enum Complaint: CaseIterable {
    // In the order in which they are looked for: a complaint of the key may name the upgrade, too.
    case tlsExpected, clientCertificate, socketIO
    case keyMissing, keyMangled, versionMissing, version, subprotocol, origin, upgrade, host

    /// - Returns: `nil` where no words of the kind are there.
    init?(in response: HTTP1Response) {
        let text = (response.head.reason + " " + String(decoding: response.body.prefix(4096), as: UTF8.self))
            .lowercased()
        guard let found = Self.allCases.first(where: { $0.isMade(in: text) }) else { return nil }
        self = found
    }

    private func isMade(in text: String) -> Bool {
        func has(_ words: String...) -> Bool { words.contains { text.contains($0) } }
        return switch self {
        case .tlsExpected:
            has(
                "http request was sent to https port", "http request to an https server",
                "speaking plain http to an ssl")
        case .clientCertificate: has("no required ssl certificate", "the ssl certificate error")
        case .socketIO:
            has("transport unknown", "unsupported protocol version", "engine.io", "socket.io")
                || has("\"code\":3,\"message\":\"bad request\"")
        case .keyMissing:
            has(
                "missing sec-websocket-key", "no sec-websocket-key", "without sec-websocket-key",
                "sec-websocket-key is missing", "sec-websocket-key header is missing")
        case .keyMangled: has("sec-websocket-key", "challenge key", "websocket key")
        case .versionMissing: has("missing sec-websocket-version", "no sec-websocket-version")
        case .version: has("sec-websocket-version", "unsupported version", "websocket version", "unsupported websocket")
        case .subprotocol: has("subprotocol", "sub-protocol", "sec-websocket-protocol")
        case .origin: text.contains(/\borigins?\b/)
        case .upgrade:
            has(
                "'upgrade' token", "\"upgrade\"", "upgrade hdr", "upgrade header", "connection header",
                "not a websocket", "expected websocket")
        case .host: has("invalid host", "host header", "does not answer for the host", "bad host", "unknown host")
        }
    }
}
