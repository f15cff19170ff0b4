// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What our own side wants to put into a handshake and must not: a fault of the program, never of the peer.
public enum HandshakeMisuse: Error, Sendable, Hashable {
    /// A header that would not survive the wire, or split it.
    case header(InvalidHeaderField)
    /// A header that belongs to the protocol: it is made by the handshake itself.
    case reservedHeader(String)
    /// Several values for a header that has one.
    case repeatedHeader(String)
    /// A subprotocol that is not a token (RFC 6455 §4.1, item 10).
    case subprotocol(String)
    /// A subprotocol that is listed twice (RFC 6455 §4.1, item 10).
    case repeatedSubprotocol(String)
    /// A server's choice that the client did not offer (RFC 6455 §4.2.2, item 5).
    case unofferedSubprotocol(String)
    /// A server's choice that its configuration does not list.
    case unsupportedSubprotocol(String)
    /// A refusal with a status below 200 or above 599.
    case status(Int)
    /// A 101 that was changed in what answers the request.
    case changedResponse
}

extension HandshakeMisuse: CustomStringConvertible {
    /// A sentence that tells what is wrong and, where it is not plain, what to do.
    public var description: String {
        switch self {
        case .header(let fault): fault.description
        case .reservedHeader(let name): "the header \(name) belongs to the opening handshake, which sets it itself"
        case .repeatedHeader(let name): "the header \(name) can have one value only"
        case .subprotocol(let name):
            "\(Excerpt(name)) cannot be a subprotocol: only token characters may stand in its name"
        case .repeatedSubprotocol(let name): "the subprotocol \(Excerpt(name)) is listed twice"
        case .unofferedSubprotocol(let name): "the subprotocol \(Excerpt(name)) was not offered by the client"
        case .unsupportedSubprotocol(let name): "the subprotocol \(Excerpt(name)) is not among those configured"
        case .status(let status): "a handshake cannot be refused with the status \(status); use 200 to 599"
        case .changedResponse:
            "the response was changed in what makes it the answer to the handshake: leave its status, Upgrade, Connection "
                + "and Sec-WebSocket- fields alone"
        }
    }
}
