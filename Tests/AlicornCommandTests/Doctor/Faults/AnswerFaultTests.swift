// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import AlicornWebSocket
import Testing

@testable import AlicornCommand

/// Answers in place of a 101, each as some server or proxy writes it.
@Suite("alicorn doctor: answers", .timeLimit(.minutes(2)))
struct AnswerFaultTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let answer: String
        let id: Fault.ID
        let words: String
        var testDescription: String { "\(id.rawValue): \(answer.prefix(60))" }

        /// - Parameters:
        ///   - status: the status line's end.
        ///   - fields: beside `Content-Length`.
        init(_ status: String, _ fields: [String], body: String = "", _ id: Fault.ID, _ words: String = "") {
            answer =
                (["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)"] + fields)
                .map { $0 + "\r\n" }.joined() + "\r\n" + body
            self.id = id
            self.words = words
        }
    }

    static let rows: [Row] = [
        Row(
            "200 OK", ["Content-Type: text/html"], body: "<h1>Welcome</h1>", .upgradeIgnored,
            "like an ordinary GET (200)"),
        Row(
            "200 OK", ["Server: nginx/1.22"], body: "hello", .upgradeIgnored, "proxy_set_header Upgrade $http_upgrade;"),
        Row(
            "301 Moved Permanently", ["Location: https://example.com/feed"], .redirectToSecure, "wss://example.com/feed"
        ),
        Row(
            "308 Permanent Redirect", ["Location: wss://example.com/feed"], .redirectToSecure, "wss://example.com/feed"),
        Row("302 Found", ["Location: /login"], .redirect, "redirects to \"/login\""),
        Row("307 Temporary Redirect", ["Location: /feed/"], .redirect, "A slash more or less"),
        Row("400 Bad Request", [], .badRequest, "for a bad request (400)"),
        Row("401 Unauthorized", ["WWW-Authenticate: Basic realm=\"a\""], .unauthorized, "Basic realm=\\\"a\\\""),
        Row("401 Unauthorized", [], .unauthorized, "--bearer TOKEN"),
        Row("403 Forbidden", [], .forbidden, "Starlette"),
        Row("403 Forbidden", ["Server: cloudflare", "CF-RAY: 1"], .forbidden, "Security Events"),
        Row("404 Not Found", ["Server: nginx"], .notFound, "proxy_http_version 1.1;"),
        Row("404 Not Found", ["Server: Apache/2.4"], .notFound, "upgrade=websocket"),
        Row("404 Not Found", ["Via: 1.1 Caddy"], .notFound, "header_up -Upgrade"),
        Row("410 Gone", [], .notFound, "a slash at its end"),
        Row("405 Method Not Allowed", ["Allow: POST"], .methodNotAllowed, "but POST"),
        Row("414 URI Too Long", [], .headTooLarge, "Cookies"),
        Row("421 Misdirected Request", [], .hostRefused, "does not answer for the host"),
        Row("426 Upgrade Required", ["Upgrade: websocket"], .upgradeStripped, "a proxy on the way"),
        Row("426 Upgrade Required", ["Server: envoy"], .upgradeStripped, "upgrade_configs"),
        Row("426 Upgrade Required", ["Server: Google Frontend"], .upgradeStripped, "Cloud Run"),
        Row("426 Upgrade Required", ["Server: awselb/2.0"], .upgradeStripped, "Application Load Balancer"),
        Row("426 Upgrade Required", ["Server: Microsoft-IIS/10.0"], .upgradeStripped, "WebSocket Protocol"),
        Row("426 Upgrade Required", ["Via: 1.1 traefik"], .upgradeStripped, "middleware"),
        Row("426 Upgrade Required", ["Via: 1.1 haproxy"], .upgradeStripped, "mode http"),
        Row("426 Upgrade Required", ["Server: cloudflare"], .upgradeStripped, "turn WebSockets on"),
        Row("426 Upgrade Required", ["Sec-WebSocket-Version: 7, 8"], .version, "It speaks 7, 8."),
        Row("400 Bad Request", ["Sec-WebSocket-Version: 8"], .version, "from before 2011"),
        Row("429 Too Many Requests", ["Retry-After: 30"], .tooManyRequests, "it says to wait 30"),
        Row("431 Request Header Fields Too Large", [], .headTooLarge, "large_client_header_buffers"),
        Row("500 Internal Server Error", [], .serverError, "raises or returns before accepting"),
        Row("502 Bad Gateway", ["Server: nginx"], .badGateway, "nginx is there"),
        Row("503 Service Unavailable", ["Retry-After: 5"], .unavailable, "try again after 5"),
        Row("504 Gateway Timeout", [], .gatewayTimeout, "waited in vain"),
        Row("418 I'm a teapot", [], body: "short and stout", .otherStatus, "It says: \"short and stout\""),
        // What libraries say in their own words.
        Row("400 Bad Request", [], body: "missing Sec-WebSocket-Key header", .keyMissing, "takes it out"),
        Row("400 Bad Request", [], body: "Missing or invalid Sec-WebSocket-Key header", .keyMangled, "16 random bytes"),
        Row(
            "400 Bad Request", [],
            body: "Failed to open a WebSocket connection: invalid Sec-WebSocket-Key header: aaa.", .keyMangled,
            "changes or repeats"),
        Row(
            "400 Bad Request", [], body: "missing Sec-WebSocket-Version header", .versionMissing, "takes the field out"),
        Row(
            "400 Bad Request", ["Sec-WebSocket-Version: 13"],
            body: "websocket: unsupported version: 13 not found in 'Sec-Websocket-Version' header", .versionMissing,
            "ours has 13"),
        Row("400 Bad Request", [], body: "Unsupported version: None", .version, "from before 2011"),
        Row(
            "400 Bad Request", [],
            body:
                "websocket: the client is not using the websocket protocol: 'upgrade' token not found in 'Connection' header",
            .upgradeStripped, "does not pass them on"),
        Row("400 Bad Request", [], body: "Can \"Upgrade\" only to \"WebSocket\".", .upgradeStripped, "HAProxy"),
        Row(
            "426 Upgrade Required", [],
            body:
                "Failed to open a WebSocket connection: invalid Connection header: close.\n\nYou cannot access a WebSocket server "
                + "directly with a browser.", .upgradeStripped, "invalid Connection header: close"),
        Row(
            "403 Forbidden", [], body: "websocket: request origin not allowed by Upgrader.CheckOrigin", .originNeeded,
            "--origin"),
        Row("400 Bad Request", [], body: #"{"code":0,"message":"Transport unknown"}"#, .socketIO, "EIO=4"),
        Row("400 Bad Request", [], body: #"{"code":3,"message":"Bad request"}"#, .socketIO, "a client of Socket.IO"),
        Row(
            "400 Bad Request", [],
            body: "The client is using an unsupported version of the Socket.IO or Engine.IO protocols", .socketIO),
        Row("400 Bad Request", [], body: "Invalid host header", .hostRefused, "allowed hosts"),
        Row("400 Bad Request", [], body: "missing subprotocol", .subprotocolNeeded, "none was offered"),
        Row(
            "400 Bad Request", ["Server: nginx"],
            body: "<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>",
            .tlsPort,
            "Use wss://"),
        Row("400 Bad Request", [], body: "Client sent an HTTP request to an HTTPS server.", .tlsPort, "speaks TLS"),
    ]

    @Test("each answer has its cause", arguments: rows)
    func answer(_ row: Row) async throws {
        try await ScriptedServer.answering(row.answer) { port in
            let diagnosed = try await Diagnosed.examining("ws://127.0.0.1:\(port)/feed")
            diagnosed.expect(row.id, at: .answer, row.words)
        }
    }

    @Test("an offered subprotocol that the server does not speak is named as the cause")
    func subprotocol() async throws {
        let row = Row("400 Bad Request", [], body: "none of the offered subprotocols is supported", .subprotocolNeeded)
        try await ScriptedServer.answering(row.answer) { port in
            let diagnosed = try await Diagnosed.examining("ws://127.0.0.1:\(port)/") { $0.subprotocols = ["chat"] }
            diagnosed.expect(.subprotocolNeeded, at: .answer, "speaks none of the subprotocols")
        }
    }

    @Test("a path of Socket.IO without its version is named, whatever the framework around it says")
    func socketIO() async throws {
        let forbidden = Row("403 Forbidden", [], .forbidden)
        try await ScriptedServer.answering(forbidden.answer) { port in
            let diagnosed = try await Diagnosed.examining("ws://127.0.0.1:\(port)/socket.io/")
            diagnosed.expect(.socketIO, at: .answer, "EIO=4")
            let versioned = try await Diagnosed.examining("ws://127.0.0.1:\(port)/socket.io/?EIO=4&transport=websocket")
            versioned.expect(.forbidden, at: .answer)
        }
    }

    @Test("a path that ordinary requests find is told from one that nobody does")
    func onlyUpgradesRefused() async throws {
        try await ScriptedServer.running({ peer in
            let isUpgrade = try await peer.receiveHead().contains("Upgrade: websocket")
            try await peer.send("HTTP/1.1 \(isUpgrade ? "404 Not Found" : "200 OK")\r\nContent-Length: 0\r\n\r\n")
        }) { port in
            let diagnosed = try await Diagnosed.examining("ws://127.0.0.1:\(port)/feed")
            diagnosed.expect(.notFound, at: .answer, "the upgrade does reach the server")
        }
    }

    @Test("an origin that makes the difference is found, whether it is needed or refused")
    func origins() async throws {
        let page = "https://example.com"
        func serving(_ allowed: @escaping @Sendable (String?) -> Bool) -> @Sendable (ScriptedPeer) async throws -> Void
        {
            { peer in
                let head = try await peer.receiveHead()
                let origin = head.split(separator: "\r\n").first { $0.hasPrefix("Origin: ") }.map {
                    String($0.dropFirst(8))
                }
                guard allowed(origin) else {
                    return try await peer.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
                }
                let accept = try ScriptedListener.acceptValue(answering: head)
                try await peer.send(
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Accept: \(accept)\r\n\r\n")
                try await peer.behave()
            }
        }
        try await ScriptedServer.running(serving { $0 != nil }) { port in
            let diagnosed = try await Diagnosed.examining("ws://127.0.0.1:\(port)/")
            diagnosed.expect(.originNeeded, at: .answer, "http://127.0.0.1:\(port)")
        }
        try await ScriptedServer.running(serving { $0 == nil }) { port in
            let diagnosed = try await Diagnosed.examining("ws://127.0.0.1:\(port)/") { $0.origin = page }
            diagnosed.expect(.originRefused, at: .answer, "clients without one")
        }
        try await ScriptedServer.running(serving { $0?.hasPrefix("http://127.0.0.1:") ?? false }) { port in
            let diagnosed = try await Diagnosed.examining("ws://127.0.0.1:\(port)/") { $0.origin = page }
            diagnosed.expect(.originRefused, at: .answer, "accepts those from http://127.0.0.1:\(port)")
        }
    }
}
