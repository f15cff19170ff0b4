// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol
package import AlicornTransport

/// By what rules a server answers, for any kind of application.
package struct ASGIConfiguration: Sendable {
    /// Where the application is mounted (U-C-38).
    package var rootPath = ""
    /// What every answer has (U-DH).
    package var defaultFields = DefaultFields()
    /// How opening handshakes are judged; `nil` when there are no WebSockets (`--ws none`): they are requests like others.
    package var handshake: ServerHandshake?
    /// The allowed origins in words, for who is refused.
    package var allowedOrigins: [String] = []
    /// Limits on requests.
    package var limits = HTTPLimits()
    /// Times of connections (U-C-43, P-19).
    package var times = HTTPServerTimes(
        head: .seconds(30), body: .seconds(60), idle: .seconds(5), linger: .seconds(5))
    /// How long an application may take to accept a handshake, or to refuse it; `nil` for as long as it likes.
    package var openTimeout: Duration? = .seconds(60)
    /// Connections and running applications at which requests are answered with 503 (U-LM-01); `nil` for no limit.
    package var concurrencyLimit: Int?
    /// Open WebSocket connections at which handshakes are answered with 503 (P-18); `nil` for no limit.
    package var webSocketLimit: Int?
    /// Answers after which the server is to end (U-LM-03); `nil` for no limit.
    package var requestLimit: Int?
    /// How a trusted proxy tells who its client is; `nil` where none is trusted (U-PX).
    package var forwarding: TrustedForwarding?
    /// The proxies whose connections begin with a PROXY protocol header; `nil` for none (P-33).
    package var proxyProtocol: TrustedProxies?
    /// How long that header may take.
    package var proxyHeaderTimeout: Duration = .seconds(10)
    /// How many connections one client may have, and how often handshakes may come (P-31).
    package var clients = ClientLimits()
    /// Whether connections come over TLS.
    package var isSecure = false
    /// Whether the line of a request is written at its end, with its duration and length.
    package var logsAccessAtEnd = false
    /// Whether somebody wants to know how long things take.
    package var measuresTime = false

    package init() {}
}
