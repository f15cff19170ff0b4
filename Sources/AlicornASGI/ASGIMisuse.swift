// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornProtocol

/// A way in which an application breaks the rules of ASGI; it is thrown to the application out of `send`.
///
/// What an application did before stays as it was. Where it lets the error escape, its request is answered with 500, or
/// its connection ended.
public enum ASGIMisuse: Error, Sendable, Hashable {
    /// An event that is not due: what came, and what may come (U-H-44, U-WS-30).
    case unexpected(String, expected: [String])
    /// An event behind the one that ended the response (U-H-44).
    case afterResponse(String)
    /// An event behind the close of a connection, or behind its denial (U-WS-51).
    case afterClose(String)
    /// A header field that cannot be sent (U-H-28).
    case header(InvalidHeaderField)
    /// A response that HTTP does not allow: its status, its length, its trailers (U-H-25, U-H-31).
    case response(HTTPMisuse)
    /// A subprotocol that the client has not offered (P-12).
    case unofferedSubprotocol(String)
    /// A handshake that cannot be answered so.
    case handshake(HandshakeMisuse)
    /// A close frame that must not be sent, or a message that cannot be (U-WS-52).
    case webSocket(ProtocolMisuse)
    /// An event of the lifespan that is not due (U-LS-08).
    case lifespan
    /// An extension that the scope does not announce.
    case unsupportedExtension(String)
}

extension ASGIMisuse: CustomStringConvertible {
    /// What the application did and what it may do, in uvicorn's words where it has them.
    public var description: String {
        switch self {
        case .unexpected(let event, let expected):
            "Expected ASGI message \(Self.list(expected)), but got '\(event)'."
        case .afterResponse(let event): "Unexpected ASGI message '\(event)' sent, after response already completed."
        case .afterClose(let event):
            "Unexpected ASGI message '\(event)', after sending 'websocket.close' or response already completed."
        case .header(.name(let name)): "Invalid HTTP header name. \(InvalidHeaderField.name(name))."
        case .header(let fault): "Invalid HTTP header value. \(fault)."
        case .response(.bodyTooLong): "Response content longer than Content-Length"
        case .response(.bodyTooShort): "Response content shorter than Content-Length"
        case .response(let misuse): "Invalid HTTP response: \(misuse)."
        case .unofferedSubprotocol(let name):
            "The client has not offered the subprotocol \(Excerpt(name)): accept one of scope[\"subprotocols\"], or none."
        case .handshake(let misuse): "Invalid answer to the opening handshake: \(misuse)."
        case .webSocket(let misuse): "Invalid WebSocket message: \(misuse)."
        case .lifespan: "Got invalid state transition on lifespan protocol."
        case .unsupportedExtension(let name):
            "The extension '\(name)' is not in scope[\"extensions\"]: look there before you use it."
        }
    }

    private static func list(_ events: [String]) -> String {
        let quoted = events.map { "'\($0)'" }
        guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "" }
        return quoted.dropLast().joined(separator: ", ") + " or " + last
    }
}

/// The connection was gone when an application sent something: ASGI's `OSError` (A-HE-06, A-WE-07, P-26). No error of the
/// application's: it is silent when it escapes from it.
public struct ClientDisconnected: Error, Sendable, Hashable, CustomStringConvertible {
    package init() {}
    /// What has happened.
    public var description: String { "The client has closed the connection." }
}
