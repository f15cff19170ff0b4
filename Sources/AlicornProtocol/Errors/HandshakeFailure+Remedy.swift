// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

extension HandshakeFailure {
    /// What to do about a request that a proxy on the way has spoilt, as a sentence for the server's log; `nil` when it does
    /// not look like that.
    ///
    /// `Upgrade` and `Connection` are meant for the next hop alone (RFC 9110 §7.6.1): a proxy that is not told about
    /// WebSocket takes them out, and passes the handshake's other fields on.
    package func remedy(for request: RequestHead) -> String? {
        switch self {
        case .missingUpgrade, .invalidUpgrade, .missingConnection, .invalidConnection, .requestVersion:
            let isHandshake = ["Sec-WebSocket-Key", "Sec-WebSocket-Version"].contains {
                request.fields.count(of: $0) > 0
            }
            guard isHandshake else { return nil }
            return """
                a proxy on the way does not pass Upgrade and Connection on: have it speak HTTP/1.1 and pass both \
                (nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; \
                proxy_set_header Connection "upgrade";)
                """
        default: return nil
        }
    }
}
