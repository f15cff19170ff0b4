// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornWebSocket
import Logging

/// Other attempts at the same server, which tell one cause from another. Each waits for a bounded time.
struct SecondOpinions: Sendable {
    let uri: WebSocketURI
    let configuration: WebSocketClient.Configuration

    /// How long one takes at most, and how much of an answer is kept.
    private var patience: Duration { min(configuration.connection.openTimeout, .seconds(3)) }
    private static let limit = 16 * 1024

    /// The origin of a page that the same host and port serve, as a browser sends it (RFC 6454 §6.1).
    var ownOrigin: String { "\(uri.isSecure ? "https" : "http")://\(uri.hostHeader)" }

    /// Whether the handshake succeeds with another `Origin`; `nil` sends none.
    func isAccepted(withOrigin origin: String?) async -> Bool {
        var other = quiet
        other.origin = origin
        guard let connection = try? await WebSocketClient.open("\(uri)", configuration: other) else { return false }
        try? await connection.close()
        return true
    }

    /// What an ordinary GET of the same path gets; `nil` for no answer of HTTP.
    func ordinaryAnswer() async -> HTTP1Response? {
        guard let bytes = await bytesInAnswer(to: uri) else { return nil }
        var reader = HTTP1ResponseReader(method: "GET")
        var position = 0
        while let event = reader.next(in: bytes.span, from: &position) {
            if case .response(let response) = event { return response }
            if case .failure = event { return nil }
        }
        if case .response(let response)? = reader.receiveEOF() { return response }
        return nil
    }

    /// What the server sends when it is asked in HTTP: to see which protocol it speaks.
    func firstBytes() async -> [UInt8] { await bytesInAnswer(to: uri) ?? [] }

    /// Whether the port speaks TLS, with whatever certificate.
    func speaksTLS() async -> Bool {
        guard let secure = uri.with(secure: true) else { return false }
        var other = quiet
        other.tls = .insecureWithoutVerification()
        do {
            _ = try await WebSocketClient.exchange(
                [], with: secure, configuration: other, limit: 1, patience: .milliseconds(200))
            return true
        } catch let error as WebSocketError {
            // An alert is TLS, too.
            return (error.underlying as? TLSFailure).map { $0.kind == .refused } ?? false
        } catch { return false }
    }

    /// Whether the port speaks HTTP/2 to who begins with it (RFC 9113 §3.3, "prior knowledge").
    func speaksHTTP2() async -> Bool {
        let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
        let answer = try? await WebSocketClient.exchange(
            preface, with: uri, configuration: quiet, limit: 9, patience: patience)
        guard let answer, case .http2 = SpokenProtocol(answer) else { return false }
        return true
    }

    /// Whether the port answers in HTTP without TLS.
    func answersInPlainText() async -> Bool {
        guard let plain = uri.with(secure: false) else { return false }
        return await bytesInAnswer(to: plain)?.starts(with: "HTTP/".utf8) ?? false
    }

    /// What becomes of these attempts is told in other words.
    private var quiet: WebSocketClient.Configuration {
        var configuration = configuration
        configuration.progress = nil
        configuration.logger = Logger(label: "alicorn") { _ in SwiftLogNoOpLogHandler() }
        configuration.connection.openTimeout = patience
        configuration.connection.limits.closeTimeout = patience
        return configuration
    }

    private func bytesInAnswer(to uri: WebSocketURI) async -> [UInt8]? {
        let request = "GET \(uri.resourceName) HTTP/1.1\r\nHost: \(uri.hostHeader)\r\nConnection: close\r\n\r\n"
        return try? await WebSocketClient.exchange(
            Array(request.utf8), with: uri, configuration: quiet, limit: Self.limit, patience: patience)
    }
}

extension WebSocketURI {
    /// The same address with or without TLS, at the same port.
    fileprivate func with(secure: Bool) -> Self? {
        try? Self("\(secure ? "wss" : "ws")://\(authority)\(resourceName)")
    }
}
