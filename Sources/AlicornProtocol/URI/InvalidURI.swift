// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Why a text is not the address of a WebSocket server.
public struct InvalidURI: Error, Sendable, Hashable, CustomStringConvertible {
    /// The rule that is broken.
    public enum Reason: Sendable, Hashable {
        /// No scheme with `://` behind it.
        case missingScheme
        /// Another scheme than `ws` and `wss` (RFC 6455 §3).
        case scheme(String)
        /// A fragment, which WebSocket addresses do not have (RFC 6455 §3).
        case fragment
        /// A space or a control character, or a character that user information cannot hold.
        case character(Unicode.Scalar)
        /// A percent sign that is not followed by two hexadecimal digits, or escapes that are not UTF-8 (RFC 3986 §2.1).
        case escape
        /// More than one `@` before the host.
        case repeatedAt
        /// No valid host, and an `@` behind the end of the authority: a `/` or `?` in a password, most likely.
        case lateAt
        /// A user name without a password.
        case missingPassword
        /// User information that cannot become `Basic` credentials (RFC 7617 §2).
        case credentials(InvalidCredentials)
        /// A host that is none.
        case host(InvalidHost)
    }

    /// The text, without the user name and password that may have been in it.
    public let uri: String
    /// The rule that is broken.
    public let reason: Reason

    init(_ uri: String, _ reason: Reason) {
        self.uri = Self.withoutUserInformation(uri)
        self.reason = reason
    }

    /// A sentence with the address and the reason.
    public var description: String { "\(Excerpt(uri)) is not the address of a WebSocket server: \(reason.explanation)" }

    /// Errors end in logs, where a password does not belong.
    static func withoutUserInformation(_ uri: String) -> String {
        let bytes = Array(uri.utf8)
        guard let at = bytes.lastIndex(of: UInt8(ascii: "@")) else { return uri }
        // A colon ends the scheme only with a slash behind it; another ends a user name.
        let colon = bytes[..<at].firstIndex(of: UInt8(ascii: ":"))
        let scheme = colon.flatMap { bytes[$0 + 1] == UInt8(ascii: "/") ? bytes[...$0] : nil }
        let start = scheme.map { String(decoding: $0, as: UTF8.self) + "//" } ?? ""
        return start + "..." + String(decoding: bytes[at...], as: UTF8.self)
    }
}

extension InvalidURI.Reason {
    /// The end of a sentence that says what is wrong with an address.
    var explanation: String {
        switch self {
        case .missingScheme: "it does not begin with ws:// or wss://"
        case .scheme(let scheme): "its scheme is \(Excerpt(scheme)), and has to be ws or wss"
        case .fragment: "it has a fragment; write %23 for a # in a path or query"
        case .character(let scalar):
            "it holds the character \(Excerpt(String(scalar))), which has to be percent-encoded"
        case .escape:
            "it holds a % that begins no escape, or escapes that are not UTF-8; write %25 for a percent sign"
        case .repeatedAt: "it holds more than one @ before the host; write %40 for one in a user name or password"
        case .lateAt:
            "it has no valid host, but an @ behind a / or ?; write %2F or %3F for those in a user name or password"
        case .missingPassword: "it has a user name without a password"
        case .credentials(let fault): fault.description
        case .host(let fault): "the host \(fault)"
        }
    }
}
