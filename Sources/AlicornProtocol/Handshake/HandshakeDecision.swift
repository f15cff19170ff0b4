// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What a server makes of a request.
public enum HandshakeDecision {
    /// Everything is right: the 101 can go out, unless the application refuses.
    case accepted(HandshakeAcceptance)
    /// It is an opening handshake that breaks a rule.
    case refused(HandshakeRefusal)
    /// It is an ordinary HTTP request. The refusal is for servers that have no other answer to it.
    case notAnUpgrade(HandshakeRefusal)
}

/// A valid opening handshake, to be completed by the response.
public struct HandshakeAcceptance {
    /// The names in the client's offer, in its order of preference.
    public let offeredSubprotocols: [String]
    /// The server's choice by its configuration.
    public let subprotocol: String?
    /// The extension that is in use once the response is sent.
    public let acceptedExtension: AcceptedExtension?

    let key: HandshakeKey
    let supportedSubprotocols: [String]?
    let serverHeader: String?

    /// The 101 response with the server's own choice of subprotocol (RFC 6455 §4.2.2, item 5).
    ///
    /// - Parameter additional: header fields of the application, in their order; `Server` takes the place of the default.
    /// - Throws: ``HandshakeMisuse`` for a field that cannot be sent or belongs to the handshake.
    public func response(adding additional: [HeaderField] = []) throws(HandshakeMisuse) -> ResponseHead {
        try response(choosing: subprotocol, adding: additional)
    }

    /// The 101 response with the application's choice of subprotocol.
    ///
    /// - Parameters:
    ///   - subprotocol: one that was offered and, if the server is configured with some, is configured; or none.
    ///   - additional: as above.
    /// - Throws: ``HandshakeMisuse``, also for a subprotocol that is not open to choice.
    public func response(
        choosing subprotocol: String?, adding additional: [HeaderField] = []
    ) throws(HandshakeMisuse) -> ResponseHead {
        if let subprotocol { try check(subprotocol) }
        var headers = HandshakeHeaders()
        headers.add(own: "Upgrade", "websocket")
        headers.add(own: "Connection", "Upgrade")
        headers.add(own: "Sec-WebSocket-Accept", valueLength: 28) { key.appendAccept(to: &$0) }
        if let acceptedExtension {
            try headers.add(ExtensionHeader.name, ExtensionHeader.serialize([acceptedExtension.description]))
        }
        if let subprotocol { try headers.add(Subprotocols.header, subprotocol) }
        var server = serverHeader
        for field in additional {
            try HandshakeHeaders.checkIsFree(field.name)
            if field.name.lowercased() == "server" { server = nil }
            try headers.add(field.name, field.value)
        }
        if let server { try headers.add("Server", server) }
        return ResponseHead(status: 101, fields: headers.fields)
    }

    /// Whether an application may add a field of that name: it is not the handshake's own.
    package static func isFree(_ name: String) -> Bool {
        do throws(HandshakeMisuse) {
            try HandshakeHeaders.checkIsFree(name)
            return true
        } catch { return false }
    }

    private func check(_ choice: String) throws(HandshakeMisuse) {
        guard offeredSubprotocols.contains(choice) else { throw .unofferedSubprotocol(choice) }
        guard supportedSubprotocols?.contains(choice) ?? true else { throw .unsupportedSubprotocol(choice) }
    }
}

/// An answer that is not 101. The connection ends after it (`Connection: close`), so that no proxy on the way can take
/// it for a tunnel.
public struct HandshakeRefusal: Sendable {
    /// The head; `Date` is left to the transport.
    public let response: ResponseHead
    /// The body: text that names the cause; empty in the answer to `HEAD`.
    public let body: [UInt8]
    /// The cause, for the log.
    public let failure: HandshakeFailure
}
