// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What a request has of an opening handshake, in HTTP of any version.
package struct HandshakeSigns: Sendable {
    /// Whether another protocol is asked for: by Upgrade, and a Connection that names it (RFC 9110 §7.8).
    package var asksForUpgrade = false
    /// Whether there is a Sec-WebSocket-Key, which is left where a proxy has taken Upgrade or Connection (RFC 6455 §4.1).
    package var hasKey = false
}

/// What a server's connection has to know of a request until its response is complete.
struct RequestTraits: Sendable {
    /// The methods that change how a response is framed.
    enum Method: Sendable {
        case head, connect, other
    }

    var method: Method
    var version: HTTPVersion
    var body = BodyKind.none
    /// Whether the client waits for 100 (Continue) before it sends the body (RFC 9110 §10.1.1).
    var expectsContinue = false
    /// What of an opening handshake is there.
    var handshakeSigns = HandshakeSigns()
    /// Whether the connection may be kept for another request (RFC 9112 §9.3).
    var persists = false

    /// Whether the request offers a switch of protocols that may be accepted: in HTTP/1.0 it is ignored (RFC 9110 §7.8).
    var offersUpgrade: Bool { handshakeSigns.asksForUpgrade && version >= .http11 }

    /// What is known of a request from its first line: enough to answer it when its fields are at fault.
    init(_ line: RequestLine, _ bytes: Span<UInt8>) {
        method =
            bytes.holds("HEAD", at: line.method) ? .head : bytes.holds("CONNECT", at: line.method) ? .connect : .other
        version = line.version
    }

    /// What stands for a request whose head is at fault.
    static var unknown: Self { Self() }

    private init() {
        method = .other
        version = .http11
    }

    /// Checks the fields that concern the whole message, and keeps what they say.
    mutating func take(_ fields: HeaderFields) throws(HTTPViolation) {
        let index = FieldIndex(fields)
        try checkHost(fields, index)
        body = try BodyKind.announced(by: fields, index, version: version) ?? .none
        // RFC 9110 §10.1.1: another expectation may be answered with 417; one in HTTP/1.0 is ignored.
        let hasExpectation = index.expect.count > 0 && version >= .http11
        if hasExpectation {
            let isKnown = index.expect.count == 1 && fields.equals(index.expect.value, "100-continue")
            guard isKnown else { throw .unknownExpectation }
        }
        expectsContinue = hasExpectation && body != .none
        handshakeSigns = HandshakeSigns(
            asksForUpgrade: index.hasUpgrade && index.hasUpgradeOption, hasKey: index.hasHandshakeKey)
        // RFC 9112 §9.3: close is stronger than keep-alive, which only HTTP/1.0 needs.
        persists = !index.hasClose && (version >= .http11 || index.hasKeepAlive)
    }

    /// RFC 9112 §3.2: exactly one valid Host in HTTP/1.1; in HTTP/1.0 none is fine too.
    private func checkHost(_ fields: HeaderFields, _ index: FieldIndex) throws(HTTPViolation) {
        switch index.host.count {
        case 0: guard version < .http11 else { throw .missingHost }
        case 1:
            guard HostSyntax.isHost(index.host.value, in: fields.bytes.span, port: .optional) else {
                throw .invalidHost
            }
        default: throw .repeatedHost
        }
    }
}
