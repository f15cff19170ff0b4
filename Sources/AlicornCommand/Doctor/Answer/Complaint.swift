// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// What an answer to the handshake complains of, by the words that servers and their libraries have for it.
///
/// Known so: Alicorn, websockets, uvicorn, wsproto, aiohttp, Tornado, ws, Socket.IO, gorilla/websocket, coder/websocket,
/// Jetty, Tomcat, Spring, tungstenite, Puma, nginx, Go's net/http.
enum Complaint: CaseIterable {
    case tlsExpected, clientCertificate, socketIO, keyMissing, keyMangled, versionMissing, version, subprotocol, origin,
        upgrade,
        host

    /// - Returns: `nil` where no words of the kind are there.
    init?(in response: HTTP1Response) {
        let text = (response.head.reason + " " + String(decoding: response.body.prefix(4096), as: UTF8.self))
            .lowercased()
        guard let found = Self.allCases.first(where: { $0.isMade(in: text) }) else { return nil }
        self = found
    }

    private func isMade(in text: String) -> Bool {
        func has(_ words: String...) -> Bool { words.contains { text.contains($0) } }
        let deniesBeingThere = has("missing", "without", "not found", "no ", "lacks", "absent", "required", "empty")
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
            has("sec-websocket-key") && has("missing sec-websocket-key", "without", "no sec-websocket-key")
        case .keyMangled: has("sec-websocket-key", "challenge key", "websocket key")
        case .versionMissing: has("missing sec-websocket-version", "no sec-websocket-version")
        case .version: has("sec-websocket-version", "unsupported version", "websocket version", "unsupported websocket")
        case .subprotocol: has("subprotocol", "sub-protocol", "sec-websocket-protocol")
        case .origin: text.contains(/\borigins?\b/)
        case .upgrade:
            has(
                "'upgrade' token", "\"upgrade\"", "can upgrade only to websocket", "upgrade header", "connection header"
            )
                || (has("upgrade", "websocket") && deniesBeingThere && has("upgrade", "connection"))
                || has("not a websocket", "expected websocket", "not a websocket handshake", "only websocket")
        case .host: has("invalid host", "host header", "does not answer for the host", "bad host", "unknown host")
        }
    }
}
