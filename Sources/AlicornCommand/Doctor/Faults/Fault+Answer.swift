// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// What came in place of a 101, by itself.
extension Fault {
    static func noAnswer(_ cause: String) -> Self {
        Self(
            .noAnswer,
            "The server takes the connection and ends it without an answer\(cause.isEmpty ? "" : ": \(cause)").",
            remedy: """
                Look into its log at the time of this attempt: it failed, it is stopping, or it lets only some addresses in. \
                A port of another protocol may do so, too, and a load balancer without a server behind it.
                """)
    }

    static func answerTimeout(_ patience: Duration) -> Self {
        Self(
            .answerTimeout, "The server takes the request, and does not answer it within \(patience.inWords).",
            remedy: """
                Its application waits before it accepts (authentication, a database), its workers are all busy, or the port \
                is another protocol's. Look what its log says, and whether ordinary requests are answered.
                """)
    }

    static func notHTTP(_ speaker: String) -> Self {
        Self(
            .notHTTP, "What answers is not HTTP, \(speaker).",
            remedy: "Use the port of the WebSocket server: this one belongs to something else.")
    }

    static func http10(_ statusLine: String) -> Self {
        Self(
            .http10, "The answer is HTTP/1.0, which knows no upgrade: \(statusLine).",
            remedy: """
                A simple web server answers (such as Python's http.server), or an old proxy: what speaks WebSocket answers in \
                HTTP/1.1 (RFC 6455 §4.1). In nginx, proxy_http_version 1.1 is about the other side of it.
                """)
    }

    static func malformedAnswer(_ violation: HTTPViolation) -> Self {
        Self(
            .malformedAnswer, "The answer is against the rules of HTTP/1.1: \(violation).",
            remedy: """
                Somebody writes answers by hand: a library for HTTP would not. Lines end in CRLF, names have no spaces, and \
                of Content-Length and Transfer-Encoding there is one at most (RFC 9112).
                """)
    }

    // MARK: - Redirects

    static func redirect(to location: String, secure: WebSocketURI?) -> Self {
        if let secure {
            return Self(
                .redirectToSecure, "The server sends clients of ws:// to TLS, and browsers follow no redirect here.",
                remedy: "Use \(secure).")
        }
        return Self(
            .redirect,
            "The server redirects to \(Excerpt(location)), and neither browsers nor most clients follow redirects here.",
            remedy: """
                Use the right address at once. A slash more or less at the end of the path is the usual reason; so is a page \
                to log in at, for somebody without cookie or token (--cookie, --bearer).
                """)
    }

    // MARK: - Refusals

    static func unauthorized(_ challenges: [String]) -> Self {
        let wanted = challenges.first.map { ": it asks for \(Excerpt($0))" } ?? ""
        return Self(
            .unauthorized, "The server wants to know who connects\(wanted).",
            remedy: """
                Give a name and password (--user NAME:PASSWORD), a token (--bearer TOKEN) or a cookie (--cookie). If they are \
                given already, they are wrong or have expired. Browsers cannot set fields: let them use cookies, or a \
                token in the query.
                """)
    }

    static func forbidden(_ server: Intermediary?) -> Self {
        let protection =
            server == .cloudflare
            ? "\nCloudflare answers 403 for its protection from bots, too: see its Security Events." : ""
        return Self(
            .forbidden, "The application refuses (403), whatever origin is sent.",
            remedy: """
                It wants credentials (--bearer, --cookie, --user), or knows no WebSocket at this path: Starlette, FastAPI and \
                Django Channels answer 403 for paths without a WebSocket route. With uvicorn and Alicorn, closing before \
                accepting is a 403, too.
                """ + protection)
    }

    static func originRefused(_ sent: String?, accepted: String?) -> Self {
        let cause =
            switch (sent, accepted) {
            case (let sent?, let accepted?):
                "The server refuses connections from the origin \(Excerpt(sent)), and accepts those from \(accepted)."
            case (let sent?, nil): "The server refuses connections from the origin \(Excerpt(sent))."
            case (nil, _): "The server refuses connections that name this origin."
            }
        return Self(
            .originRefused, cause,
            remedy: """
                Add the page's origin, as a browser sends it, with scheme and port and no slash at the end, to what the server \
                allows: origins in websockets and Alicorn, CheckOrigin in gorilla, allowed_origins in Django Channels, cors in \
                Socket.IO.
                """)
    }

    static func originNeeded(_ accepted: String?) -> Self {
        Self(
            .originNeeded,
            accepted.map { "The server refuses clients that send no Origin, and accepts \($0)." }
                ?? "The server complains of the Origin, and none was sent.",
            remedy:
                "Send the one of your page: --origin \(accepted ?? "https://example.com"); or have the server allow none."
        )
    }

    static func notFound(_ path: String, server: Intermediary?, isSameForAll: Bool) -> Self {
        Self(
            .notFound, "The server knows nothing at the path \(Excerpt(path)) (404).",
            remedy: """
                Look for a slip in it, a slash at its end, and a prefix that a proxy takes away or adds.

                """
                    + (isSameForAll
                        ? """
                        An ordinary GET is answered in the same way: if the path is right, a proxy drops the upgrade, or the \
                        server has no WebSocket support (uvicorn needs websockets or wsproto for it).\n
                        """ + UpgradeRemedy.text(for: server)
                        : "An ordinary GET is answered otherwise, so the upgrade does reach the server."))
    }

    static func methodNotAllowed(_ allowed: String?, server: Intermediary?) -> Self {
        Self(
            .methodNotAllowed,
            "The path does not allow GET (405)\(allowed.map { ", but \($0.escapedForLog)" } ?? ""), which every handshake is.",
            remedy:
                "The path is one of an ordinary interface: use that of the WebSocket. If it is the right one, the upgrade "
                + "is lost on the way.\n" + UpgradeRemedy.text(for: server))
    }

    static func upgradeStripped(_ words: String, server: Intermediary?) -> Self {
        Self(
            .upgradeStripped,
            "The request that the server got has no valid Upgrade and Connection fields, and ours has: a proxy on the way "
                + "does not pass them on. \(words)",
            remedy: UpgradeRemedy.text(for: server))
    }

    static func upgradeIgnored(_ status: Int, server: Intermediary?, isSameForAll: Bool) -> Self {
        Self(
            .upgradeIgnored,
            isSameForAll
                ? "The server answers the handshake like an ordinary GET (\(status)): it has not seen the upgrade, or does not "
                    + "know it."
                : "The server answers with \(status) and a page instead of an upgrade.",
            remedy: """
                Either the path is that of a page: use the WebSocket's. Or the server has no WebSocket (gunicorn's sync workers \
                and Flask's own server have none). Or a proxy drops the upgrade.\n
                """ + UpgradeRemedy.text(for: server))
    }

    static func keyMissing(_ words: String) -> Self {
        Self(
            .keyMissing, "The request that the server got has no Sec-WebSocket-Key, and ours has. \(words)",
            remedy: """
                Something on the way takes it out: a proxy, gateway or CDN that lets only some fields through. Have it let all \
                that begin with Sec-WebSocket- through; CloudFront wants them in an origin request policy.
                """)
    }

    static func keyMangled(_ words: String) -> Self {
        Self(
            .keyMangled, "The Sec-WebSocket-Key that the server got is not the one that was sent. \(words)",
            remedy: """
                Ours is 16 random bytes in base64. Something on the way changes or repeats it, such as a rule that sets the \
                field, a gateway that joins repeated fields, or one that decodes values: take the rule out.
                """)
    }

    static func version(_ supported: [String], _ words: String) -> Self {
        let spoken =
            supported.isEmpty ? "" : " It speaks \(supported.map { $0.escapedForLog }.joined(separator: ", "))."
        return Self(
            .version, "The server does not speak version 13 of WebSocket, the one of RFC 6455.\(spoken) \(words)",
            remedy: """
                Its library is from before 2011, or something on the way changes Sec-WebSocket-Version: bring the library up to \
                date, or take the rule out.
                """)
    }

    static func versionMissing(_ words: String) -> Self {
        Self(
            .versionMissing,
            "The request that the server got has no Sec-WebSocket-Version that it accepts, and ours has 13. \(words)",
            remedy: "Something on the way takes the field out: have it let all that begin with Sec-WebSocket- through.")
    }

    static func subprotocolNeeded(_ offered: [String], _ words: String) -> Self {
        Self(
            .subprotocolNeeded,
            (offered.isEmpty
                ? "The server wants a subprotocol, and none was offered."
                : "The server speaks none of the subprotocols that were offered.") + " \(words)",
            remedy:
                "Offer the one that its documentation names: --subprotocol NAME, and new WebSocket(url, \"NAME\") in a browser."
        )
    }

    static func hostRefused(_ host: String, _ words: String) -> Self {
        Self(
            .hostRefused, "The server does not answer for the host \(Excerpt(host)). \(words)",
            remedy: """
                Use a name that it is set up for, or add this one (allowed hosts in Django and Starlette, server_name in \
                nginx). Behind a proxy, have that pass the name on: proxy_set_header Host $host.
                """)
    }

    static func socketIO(_ words: String) -> Self {
        Self(
            .socketIO, "This is a server of Socket.IO, which has a protocol of its own on top of WebSocket. \(words)",
            remedy: """
                Use a client of Socket.IO, of the same major version. For a look by hand, the WebSocket is at \
                /socket.io/?EIO=4&transport=websocket (EIO=3 for version 2).
                """)
    }

    static func badRequest(_ words: String, server: Intermediary?) -> Self {
        Self(
            .badRequest, "The server takes the handshake for a bad request (400). \(words)",
            remedy: """
                Its log, at debug, names the field that it did not like. Try its own port without the proxy: if that works, the \
                proxy changes the request.\n
                """ + UpgradeRemedy.text(for: server))
    }

    static let headTooLarge = Self(
        .headTooLarge, "The fields of the request are too large for the server, or its address is.",
        remedy: "Cookies are the usual reason: send fewer, or raise the limit (large_client_header_buffers in nginx).")

    static func tooManyRequests(_ retryAfter: String?) -> Self {
        Self(
            .tooManyRequests,
            "The server wants fewer connections from here (429)\(retryAfter.map { "; it says to wait \($0.escapedForLog)" } ?? "").",
            remedy: "Wait, and have clients wait longer between attempts; or raise the server's limit.")
    }

    static let serverError = Self(
        .serverError, "The application failed before it accepted (500).",
        remedy: "The server's log has the error. In ASGI, whoever raises or returns before accepting is answered so.")

    static func badGateway(_ server: Intermediary?) -> Self {
        Self(
            .badGateway, "\(server?.rawValue ?? "A proxy") is there, and what it passes requests to is not (502).",
            remedy: """
                Start the server behind it, and compare its port, or its socket's path and rights, with the proxy's \
                configuration: the proxy's error log says which it tried. A server that answers upgrades with nonsense gives a \
                502, too.
                """)
    }

    static func unavailable(_ retryAfter: String?) -> Self {
        Self(
            .unavailable,
            "The server takes nobody now (503)\(retryAfter.map { "; it says to try again after \($0.escapedForLog)" } ?? "").",
            remedy: """
                It is starting, stopping or full (--limit-concurrency in uvicorn and Alicorn), or the load balancer knows of \
                no healthy server behind it: look at its health checks.
                """)
    }

    static let gatewayTimeout = Self(
        .gatewayTimeout, "A proxy waited in vain for the server behind it to answer the handshake (504).",
        remedy:
            "See why the server does not answer: its application waits before it accepts, or a firewall is between them."
    )

    static func otherStatus(_ status: Int, _ words: String) -> Self {
        Self(
            .otherStatus, "The server answers \(status) instead of switching protocols (101). \(words)",
            remedy: "The body and the server's log say why; -v shows the whole of the answer's head.")
    }
}
