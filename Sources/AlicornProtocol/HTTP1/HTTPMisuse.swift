// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// A way in which our own caller used HTTP/1.1 wrongly; nothing was written when it is thrown.
public enum HTTPMisuse: Error, Sendable, Hashable {
    /// No request waits for a response, or its response has begun.
    case noResponseDue
    /// A piece of a body, or its end, without a response that has begun.
    case noResponseBegun
    /// A status code outside 200 to 599 for a final response, outside 100 to 199 without 101 for an interim one.
    case invalidStatus(Int)
    /// The method is not a token (RFC 9110 §9.1).
    case invalidMethod(String)
    /// The request target is empty or holds white space, a control character or one beyond ASCII (RFC 9112 §3.2).
    case invalidTarget(String)
    /// The reason phrase holds a control character or one beyond ISO-8859-1 (RFC 9112 §4).
    case invalidReason(String)
    /// Transfer-Encoding, which is not the application's, or a Content-Length that is not one number or not the body's.
    case framingField(String)
    /// A trailer that is not allowed there (RFC 9110 §6.5.1).
    case forbiddenTrailer(String)
    /// Trailers behind a body of known length (RFC 9112 §6.5).
    case trailersWithoutChunks
    /// A body where the status code allows none (RFC 9110 §6.4.1).
    case bodyNotAllowed(status: Int)
    /// More of the body than the length that was announced.
    case bodyTooLong
    /// Less of the body than the length that was announced; the connection has to be closed now.
    case bodyTooShort(missing: Int)
    /// A successful answer to CONNECT, which would be a tunnel (RFC 9110 §9.3.6).
    case tunnel
    /// A switch of protocols that the request did not ask for, or cannot have (RFC 9110 §7.8).
    case upgradeNotPossible
}

extension HTTPMisuse: CustomStringConvertible {
    /// What was done and what to do, as a sentence without its full stop.
    public var description: String {
        switch self {
        case .noResponseDue: "there is no request to answer, or its response has begun: send one response to a request"
        case .noResponseBegun: "there is no response that could go on: send its head first"
        case .invalidStatus(let status): "\(status) is not a status code that may be sent here"
        case .invalidMethod(let method):
            "\(method.debugDescription) is not a method: only token characters may be in it"
        case .invalidTarget(let target):
            "\(target.debugDescription) is not a request target: percent-encode what is not visible ASCII"
        case .invalidReason(let reason):
            "\(reason.debugDescription) is not a reason phrase: control characters may not be in it"
        case .framingField(let name):
            "the \(name) header contradicts the body: leave it out, it is set from the body's kind"
        case .forbiddenTrailer(let name): "\(name) may not be a trailer: send it as a header"
        case .trailersWithoutChunks: "trailers follow only a body that is streamed without a Content-Length"
        case .bodyNotAllowed(let status): "a response with status \(status) has no body: send none"
        case .bodyTooLong: "the body is longer than its Content-Length: send no more than was announced"
        case .bodyTooShort(let missing):
            "the body ended \(missing) bytes before its Content-Length: close the connection, send all next time"
        case .tunnel: "a 2xx response to CONNECT would open a tunnel, which this server does not offer: refuse it"
        case .upgradeNotPossible: "the request cannot switch protocols: it needs Upgrade in HTTP/1.1, and no body"
        }
    }
}
