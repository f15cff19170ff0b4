// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol

/// Why an opening handshake was refused, for whoever reads the log at 3 a.m.: the header, what came, what was expected,
/// and the usual cause with its remedy (U-WS4, U-WSD, I-06).
package struct HandshakeDiagnosis: Sendable {
    /// What is wrong, as a sentence without its full stop.
    package let cause: String
    /// What to do about it, in sentences.
    package let remedy: String

    /// - Parameter origins: the allowed origins, where they are checked.
    package init(_ failure: HandshakeFailure, to request: RequestHead, allowedOrigins origins: [String]) {
        cause = "\(failure)"
        let hop = Hop(request)
        remedy =
            switch failure {
            case .missingUpgrade, .invalidUpgrade, .missingConnection, .invalidConnection, .requestVersion:
                hop.remedyForLostUpgrade
            case .missingKey, .repeatedKey, .invalidKey:
                "The client makes this header itself from 16 random bytes in base64, new for each connection. Use a "
                    + "WebSocket client and not a plain HTTP one; do not set the header by hand, and have no proxy change it."
            case .missingVersion, .repeatedVersion, .unsupportedVersion:
                "Only version 13 (RFC 6455) is spoken; older ones are drafts. Update the client."
            case .method: "Open the connection with GET: send other requests to another path, or without Upgrade."
            case .missingHost, .repeatedHost, .invalidHost: "Send exactly one Host header with the name of the server."
            case .unknownHost: "Connect by a name that the server is configured for, or add this one."
            case .announcedBody: "Send the request without Content-Length and Transfer-Encoding."
            case .missingOrigin, .repeatedOrigin, .forbiddenOrigin:
                Self.remedyForOrigin(allowed: origins)
            case .missingSubprotocol, .noCommonSubprotocol, .repeatedSubprotocol:
                "Have the client offer a subprotocol that the server speaks, each once."
            case .malformedList: "Send a list of tokens, separated by commas."
            case .malformedExtensions:
                "Send Sec-WebSocket-Extensions by the grammar of RFC 6455 §9.1, or leave it out."
            case .refusedByApplication: "The application has answered so: look there."
            case .shuttingDown: "Connect again in a moment."
            case .status, .responseVersion, .missingAccept, .repeatedAccept, .wrongAccept, .repeatedExtensions,
                .unofferedExtension, .severalExtensions, .refusedExtension, .severalSubprotocols,
                .unofferedSubprotocol:
                ""
            }
    }

    private static func remedyForOrigin(allowed: [String]) -> String {
        let list = allowed.isEmpty ? "none" : allowed.prefix(20).joined(separator: ", ")
        return
            "Allowed are: \(list). If the page is yours, add its origin to --ws-allowed-origins, with scheme and port; "
            + "browsers set this header, scripts cannot."
    }

    /// The body of the answer: the cause and what to do, in plain text.
    package var body: String {
        remedy.isEmpty
            ? "Failed to open a WebSocket connection: \(cause).\n"
            : "Failed to open a WebSocket connection: \(cause).\n\n\(remedy)\n"
    }

    /// The line for the log.
    package func line(_ scope: RequestScope, status: Int) -> String {
        let client = scope.clientText.isEmpty ? "a client on a Unix socket" : scope.clientText
        let target = Excerpt(scope.head.target)
        return "WebSocket handshake refused (\(status)): \(cause). From \(client) for \(target). \(remedy)"
    }
}

/// What tells of proxies between the client and us.
private struct Hop {
    /// The header in which a proxy shows itself.
    private let sign: String?
    private let isHTTP10: Bool
    private let closes: Bool

    init(_ request: RequestHead) {
        sign = ["Via", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Forwarded"].first {
            request.fields.contains($0)
        }
        isHTTP10 = request.version < .http11
        closes = request.fields.containsToken("close", in: "Connection")
    }

    var remedyForLostUpgrade: String {
        let who =
            if let sign {
                "A proxy on the way (it shows in \(sign)) does not pass Upgrade and Connection on"
            } else if isHTTP10 {
                "Something on the way speaks HTTP/1.0, as nginx does with its upstreams by default"
            } else if closes {
                "The request says Connection: close, as a proxy does that opens a new connection for each request"
            } else {
                "Upgrade and Connection did not both arrive: the client is no WebSocket client, or a proxy has taken them out"
            }
        return who
            + ". For nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
            + "proxy_set_header Connection $connection_upgrade; with map $http_upgrade $connection_upgrade "
            + "{ default upgrade; '' close; }"
    }
}
