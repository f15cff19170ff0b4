// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Why an opening handshake failed: one case for each rule that the peer broke (RFC 6455 §4).
///
/// What our own side does wrong is ``HandshakeMisuse``.
public enum HandshakeFailure: Error, Sendable {
    // MARK: In a request

    /// Another method than `GET` (RFC 6455 §4.2.1, item 1).
    case method(String)
    /// HTTP below 1.1 (RFC 6455 §4.2.1, item 1).
    case requestVersion(HTTPVersion)
    /// No `Host` (RFC 6455 §4.2.1, item 2; RFC 9112 §3.2).
    case missingHost
    /// Several `Host` headers (RFC 9112 §3.2).
    case repeatedHost
    /// A `Host` that names no host (RFC 9112 §3.2).
    case invalidHost(String, InvalidHost)
    /// A host that this server does not serve (RFC 9110 §7.4).
    case unknownHost(String)
    /// A body is announced, whose bytes would be taken for frames (RFC 6455 §4.1: none is part of a handshake).
    case announcedBody
    /// No `Sec-WebSocket-Version` (RFC 6455 §4.2.1, item 6).
    case missingVersion
    /// Several `Sec-WebSocket-Version` headers (RFC 6455 §11.3.5).
    case repeatedVersion
    /// Another version than 13 (RFC 6455 §4.2.2, item 4).
    case unsupportedVersion(String)
    /// No `Sec-WebSocket-Key` (RFC 6455 §4.2.1, item 5).
    case missingKey
    /// Several `Sec-WebSocket-Key` headers (RFC 6455 §11.3.1).
    case repeatedKey
    /// A key that is not the base64 form of 16 bytes (RFC 6455 §4.2.1, item 5).
    case invalidKey(String)
    /// No `Origin`, where one is demanded (RFC 6455 §10.2).
    case missingOrigin
    /// Several `Origin` headers (RFC 6454 §7.3).
    case repeatedOrigin
    /// An origin that is not allowed (RFC 6455 §4.2.2, item 5.1).
    case forbiddenOrigin(String)
    /// No subprotocol offered, where one is demanded.
    case missingSubprotocol(supported: [String])
    /// None of the offered subprotocols is supported.
    case noCommonSubprotocol(offered: [String], supported: [String])
    /// A subprotocol is offered twice (RFC 6455 §4.1, item 10).
    case repeatedSubprotocol(String)

    // MARK: In either

    /// No `Upgrade` (RFC 6455 §4.2.1, item 3; §4.1).
    case missingUpgrade
    /// An `Upgrade` to something else (RFC 6455 §4.2.1, item 3; §4.1).
    case invalidUpgrade(String)
    /// No `Connection` (RFC 6455 §4.2.1, item 4; §4.1).
    case missingConnection
    /// A `Connection` without the option `Upgrade` (RFC 6455 §4.2.1, item 4; §4.1).
    case invalidConnection(String)
    /// A header that is not the list of tokens that it has to be (RFC 9110 §5.6.1).
    case malformedList(InvalidHeaderList)
    /// Extensions against the grammar of RFC 6455 §9.1.
    case malformedExtensions(InvalidExtensionHeader)

    // MARK: In a response

    /// Another status than 101 (RFC 6455 §4.1); with the whole head, as it says what to do next.
    indirect case status(ResponseHead)
    /// HTTP below 1.1 (RFC 6455 §4.1 with RFC 9110 §7.8).
    case responseVersion(HTTPVersion)
    /// No `Sec-WebSocket-Accept` (RFC 6455 §4.1).
    case missingAccept
    /// Several `Sec-WebSocket-Accept` headers (RFC 6455 §11.3.3).
    case repeatedAccept
    /// An accept value that does not fit the key (RFC 6455 §4.1).
    case wrongAccept(String, expected: String)
    /// Several `Sec-WebSocket-Extensions` headers (RFC 6455 §11.3.2).
    case repeatedExtensions
    /// An extension that was not offered (RFC 6455 §4.1).
    case unofferedExtension(String)
    /// More extensions than can be in use together.
    case severalExtensions([String])
    /// Parameters that the offer does not allow (RFC 6455 §9.1).
    case refusedExtension(ExtensionDescription, ExtensionRefusal)
    /// Several subprotocols (RFC 6455 §11.3.4).
    case severalSubprotocols
    /// A subprotocol that was not offered (RFC 6455 §4.1).
    case unofferedSubprotocol(String)

    // MARK: By our own side

    /// The application answered with a response of its own.
    case refusedByApplication(status: Int)
    /// The server is about to stop.
    case shuttingDown
}

extension HandshakeFailure {
    /// The status that a server answers with, or `nil` for what only a client can find.
    public var responseStatus: Int? {
        switch self {
        case .method: 405
        case .requestVersion: 505
        case .missingUpgrade, .invalidUpgrade, .missingConnection, .invalidConnection: 426
        case .missingVersion, .unsupportedVersion: 426
        case .missingOrigin, .forbiddenOrigin: 403
        case .unknownHost: 421
        case .missingHost, .repeatedHost, .invalidHost, .announcedBody, .repeatedVersion, .missingKey, .repeatedKey,
            .invalidKey, .repeatedOrigin, .missingSubprotocol, .noCommonSubprotocol, .repeatedSubprotocol,
            .malformedList,
            .malformedExtensions:
            400
        case .refusedByApplication(let status): status
        case .shuttingDown: 503
        case .status, .responseVersion, .missingAccept, .repeatedAccept, .wrongAccept, .repeatedExtensions,
            .unofferedExtension, .severalExtensions, .refusedExtension, .severalSubprotocols, .unofferedSubprotocol:
            nil
        }
    }
}

extension HandshakeFailure: CustomStringConvertible {
    /// What happened, as a sentence without its full stop.
    public var description: String {
        switch self {
        case .method(let method): "the method is \(Excerpt(method)), and an opening handshake uses GET"
        case .requestVersion(let version):
            "the request is HTTP/1.\(version.minor), and an opening handshake needs HTTP/1.1"
        case .missingHost: "missing Host header"
        case .repeatedHost: "more than one Host header"
        case .invalidHost(let value, let fault): "invalid Host header \(Excerpt(value)): the host \(fault)"
        case .unknownHost(let host): "this server does not answer for the host \(Excerpt(host))"
        case .announcedBody: "the request announces a body, which an opening handshake does not have"
        case .missingVersion: "missing Sec-WebSocket-Version header; this server speaks version 13"
        case .repeatedVersion: "more than one Sec-WebSocket-Version header"
        case .unsupportedVersion(let version):
            "unsupported Sec-WebSocket-Version \(Excerpt(version)); this server speaks version 13"
        case .missingKey: "missing Sec-WebSocket-Key header"
        case .repeatedKey: "more than one Sec-WebSocket-Key header"
        case .invalidKey(let key):
            "invalid Sec-WebSocket-Key header \(Excerpt(key)): it is not the base64 form of 16 bytes"
        case .missingOrigin: "missing Origin header"
        case .repeatedOrigin: "more than one Origin header"
        case .forbiddenOrigin(let origin): "the origin \(Excerpt(origin)) is not allowed"
        case .missingSubprotocol(let supported):
            "missing Sec-WebSocket-Protocol header; this server speaks \(Self.list(supported))"
        case .noCommonSubprotocol(let offered, let supported):
            "none of the offered subprotocols \(Self.list(offered)) is supported; this server speaks \(Self.list(supported))"
        case .repeatedSubprotocol(let name): "the subprotocol \(Excerpt(name)) is offered twice"

        case .missingUpgrade: "missing Upgrade header"
        case .invalidUpgrade(let value): "invalid Upgrade header \(Excerpt(value)): it has to be websocket"
        case .missingConnection: "missing Connection header"
        case .invalidConnection(let value): "invalid Connection header \(Excerpt(value)): it has to hold Upgrade"
        case .malformedList(let fault): "invalid \(fault.name) header: \(Excerpt(fault.element)) is not a token"
        case .malformedExtensions(let fault): "invalid Sec-WebSocket-Extensions header: \(fault)"

        case .status(let response):
            "the server answered \(Self.status(response.status)) instead of \(Self.status(101))"
        case .responseVersion(let version): "the server answered with HTTP/1.\(version.minor) instead of HTTP/1.1"
        case .missingAccept: "missing Sec-WebSocket-Accept header"
        case .repeatedAccept: "more than one Sec-WebSocket-Accept header"
        case .wrongAccept(let value, let expected):
            "wrong Sec-WebSocket-Accept header \(Excerpt(value)): the key asks for \(Excerpt(expected))"
        case .repeatedExtensions: "more than one Sec-WebSocket-Extensions header"
        case .unofferedExtension(let name): "the server accepted the extension \(Excerpt(name)), which was not offered"
        case .severalExtensions(let names): "the server accepted several extensions at once: \(Self.list(names))"
        case .refusedExtension(let answer, let refusal):
            "the server answered \(Excerpt(ExtensionHeader.serialize([answer]))): \(refusal)"
        case .severalSubprotocols: "the server accepted more than one subprotocol"
        case .unofferedSubprotocol(let name):
            "the server accepted the subprotocol \(Excerpt(name)), which was not offered"

        case .refusedByApplication(let status): "the application answered \(Self.status(status))"
        case .shuttingDown: "the server is shutting down"
        }
    }

    /// The registered phrase and not the peer's, which may be anything.
    private static func status(_ code: Int) -> String {
        let phrase = ReasonPhrase.standard(for: code)
        return phrase.isEmpty ? "\(code)" : "\(code) (\(phrase))"
    }

    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(10).map { Excerpt($0).description }.joined(separator: ", ")
        return names.count > 10 ? "\(shown), ..." : shown
    }
}
