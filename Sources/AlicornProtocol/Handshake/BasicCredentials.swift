// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// A user name and a password in the `Basic` scheme of HTTP authentication (RFC 7617), as UTF-8.
public struct BasicCredentials: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The user name; it holds no colon.
    public let username: String
    /// The password.
    public let password: String

    /// Takes a user name and a password.
    ///
    /// - Throws: ``InvalidCredentials`` when the scheme cannot carry them (RFC 7617 §2).
    public init(username: String, password: String) throws(InvalidCredentials) {
        guard !username.utf8.contains(UInt8(ascii: ":")) else { throw .colonInUsername }
        let hasControl = [username, password].contains { $0.utf8.contains { $0 < 0x20 || $0 == 0x7F } }
        guard !hasControl else { throw .controlCharacter }
        self.username = username
        self.password = password
    }

    /// The value for an `Authorization` header.
    public var authorization: String { "Basic \(Base64.encode(Array("\(username):\(password)".utf8)))" }

    /// The user name alone, so that no password gets into a log.
    public var description: String { "credentials of \(Excerpt(username))" }

    /// The same as ``description``.
    public var debugDescription: String { description }
}

extension BasicCredentials {
    /// Reads the credentials of a request.
    ///
    /// - Throws: ``CredentialsFailure``; the answer is then 401 with ``challenge(realm:)``.
    public init(in request: RequestHead) throws(CredentialsFailure) {
        let values = request.fields.values(of: "Authorization")
        guard let value = values.first else { throw .missing }
        guard values.count == 1 else { throw .invalid }
        let scheme = value.prefix { $0 != " " }
        // RFC 9110 §11.1: schemes are compared without regard to case.
        guard scheme.utf8.map(\.asciiLowercased) == Array("basic".utf8) else { throw .unsupported }
        let token = value[scheme.endIndex...].drop { $0 == " " }
        guard let bytes = Base64.decode(String(token)), let text = String(validating: bytes, as: UTF8.self),
            let colon = text.utf8.firstIndex(of: UInt8(ascii: ":"))
        else { throw .invalid }
        do {
            try self.init(username: String(text[..<colon]), password: String(text[text.utf8.index(after: colon)...]))
        } catch { throw .invalid }
    }

    /// The value for the `WWW-Authenticate` header of a 401 (RFC 7617 §2, §2.1).
    public static func challenge(realm: String) -> String {
        let quoted = realm.unicodeScalars.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()
        return "Basic realm=\"\(quoted)\", charset=\"UTF-8\""
    }

    /// Whether both are the same, compared in a time that does not tell how much of them is (CVE-2021-33880).
    public func matches(_ expected: BasicCredentials) -> Bool {
        let isSameUser = constantTimeEquals(Array(username.utf8), Array(expected.username.utf8))
        let isSamePassword = constantTimeEquals(Array(password.utf8), Array(expected.password.utf8))
        return isSameUser && isSamePassword
    }
}

/// Whether a received secret is the expected one.
///
/// The time depends on the length of `received` alone, which whoever sent it knows, and not on where the two differ.
public func constantTimeEquals(_ received: [UInt8], _ expected: [UInt8]) -> Bool {
    var difference: UInt8 = received.count == expected.count ? 0 : 1
    for (index, byte) in received.enumerated() {
        let other = expected.isEmpty ? 0 : expected[index % expected.count]
        difference |= byte ^ other
    }
    return difference == 0
}

/// Why a user name and a password cannot be sent in the `Basic` scheme (RFC 7617 §2).
public enum InvalidCredentials: Error, Sendable, Hashable, CustomStringConvertible {
    /// The colon ends the user name on the wire.
    case colonInUsername
    /// Neither may hold control characters.
    case controlCharacter

    /// The fault as a sentence.
    public var description: String {
        switch self {
        case .colonInUsername: "the user name holds a colon, which Basic authentication cannot carry"
        case .controlCharacter: "the user name or the password holds a control character"
        }
    }
}

/// Why a request carries no usable `Basic` credentials. The texts are fit for the body of the 401.
public enum CredentialsFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// No `Authorization` header.
    case missing
    /// Another scheme than `Basic`.
    case unsupported
    /// Several headers, not base64, not UTF-8, or no colon; also for the wrong password.
    case invalid

    /// What is wrong, in two words.
    public var description: String {
        switch self {
        case .missing: "Missing credentials"
        case .unsupported: "Unsupported credentials"
        case .invalid: "Invalid credentials"
        }
    }
}
