// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The address of a WebSocket server, `ws://` or `wss://` (RFC 6455 §3), taken apart and ready for a handshake.
///
/// Internationalised addresses (IRIs, RFC 3987) are understood: host labels become Punycode, other characters beyond
/// ASCII are percent-encoded as UTF-8. Escapes that are there already stay as they are.
public struct WebSocketURI: Sendable, Hashable, CustomStringConvertible {
    /// Whether the scheme is `wss`: the connection runs over TLS.
    public let isSecure: Bool
    /// The port, the scheme's default if the address gives none.
    public let port: Int
    /// The path as it goes on the wire, percent-encoded; `/` if the address has none.
    public private(set) var path: String
    /// The query as it goes on the wire, without the question mark; `nil` if there is no question mark.
    public let query: String?
    /// The user name and password, which become an `Authorization` header.
    public private(set) var credentials: BasicCredentials?

    let hostName: HostName

    /// Parses an address, in time linear in its length.
    ///
    /// - Throws: ``InvalidURI`` with the rule that is broken.
    public init(_ text: String) throws(InvalidURI) {
        do {
            self = try Self(parsing: text)
        } catch { throw InvalidURI(text, error) }
    }
}

extension WebSocketURI {
    /// The host to connect to: in lower case, in ASCII, an IPv6 address without its brackets.
    public var host: String { hostName.text }

    /// The decoded user name.
    public var username: String? { credentials?.username }

    /// The decoded password.
    public var password: String? { credentials?.password }

    /// What stands in the request line: path and query (RFC 6455 §3, "resource name").
    public var resourceName: String { query.map { "\(path)?\($0)" } ?? path }

    /// The value of the `Host` header: the port only where it is not the scheme's default (RFC 6455 §4.1).
    public var hostHeader: String { port == Self.defaultPort(isSecure) ? hostName.bracketed : authority }

    /// Host and port, as a proxy wants them in a `CONNECT` request (RFC 9110 §9.3.6).
    public var authority: String { "\(hostName.bracketed):\(port)" }

    /// The address in its normal form, without user name and password: fit for logs.
    public var description: String { "\(isSecure ? "wss" : "ws")://\(hostHeader)\(resourceName)" }

    /// The same address with other credentials.
    func with(_ credentials: BasicCredentials?) -> Self {
        var copy = self
        copy.credentials = credentials
        return copy
    }

    /// The same address with another path.
    func with(path: String) -> Self {
        var copy = self
        copy.path = path
        return copy
    }

    private static func defaultPort(_ isSecure: Bool) -> Int { isSecure ? 443 : 80 }
}

extension WebSocketURI {
    private init(parsing text: String) throws(InvalidURI.Reason) {
        let bytes = Array(text.utf8)
        if let unfit = text.unicodeScalars.first(where: { $0.value <= 0x20 || $0.value == 0x7F }) {
            throw .character(unfit)
        }
        let parts = try Self.split(bytes)
        isSecure = try Self.isSecure(scheme: parts.scheme)
        guard !bytes.contains(UInt8(ascii: "#")) else { throw .fragment }

        let authority = try Authority(of: parts)
        credentials = authority.credentials
        hostName = authority.host
        port = authority.port ?? Self.defaultPort(isSecure)

        guard PercentEncoding.firstBrokenEscape(in: parts.resource) == nil else { throw .escape }
        let question = parts.resource.firstIndex(of: UInt8(ascii: "?"))
        let path = PercentEncoding.encode(pathOrQuery: parts.resource[..<(question ?? parts.resource.endIndex)])
        self.path = path.isEmpty ? "/" : path
        query = question.map { PercentEncoding.encode(pathOrQuery: parts.resource[($0 + 1)...]) }
    }

    typealias Parts = (scheme: ArraySlice<UInt8>, authority: ArraySlice<UInt8>, resource: ArraySlice<UInt8>)

    /// Cuts an address into scheme, authority and what follows (RFC 3986 §3).
    static func split(_ bytes: [UInt8]) throws(InvalidURI.Reason) -> Parts {
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes[(colon + 1)...].starts(with: "//".utf8) else {
            throw .missingScheme
        }
        let rest = bytes[(colon + 3)...]
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }
        return (bytes[..<colon], rest[..<(end ?? rest.endIndex)], rest[(end ?? rest.endIndex)...])
    }

    private static func isSecure(scheme: ArraySlice<UInt8>) throws(InvalidURI.Reason) -> Bool {
        switch String(decoding: scheme.lazy.map(\.asciiLowercased), as: UTF8.self) {
        case "ws": return false
        case "wss": return true
        case let other: throw .scheme(other)
        }
    }
}

extension InvalidURI.Reason: Error {}
