// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The origins whose pages may open connections: the defence against cross-site hijacking (RFC 6455 §10.2).
///
/// Browsers send the origin of the page with every handshake and let any page connect to any server; so a server that
/// trusts cookies has to check it. Other clients send what they like or nothing.
public struct Origins: Sendable, Hashable {
    /// What happens to a request without an `Origin` header.
    public enum Check: Sendable, Hashable {
        /// It is refused, unless ``OriginPattern/absent`` is among the allowed.
        case always
        /// It is accepted.
        case whenSent
    }

    /// What is allowed.
    public let allowed: [OriginPattern]
    /// What happens to a request without an `Origin` header.
    public let check: Check

    /// Allows requests from pages that one of the patterns matches.
    public init(_ allowed: [OriginPattern], check: Check = .always) {
        self.allowed = allowed
        self.check = check
    }

    /// Checks a request's origin.
    ///
    /// - Throws: ``HandshakeFailure``: 403 for an origin that is not allowed, 400 for several.
    public func validate(_ request: RequestHead) throws(HandshakeFailure) {
        let header = request.fields.occurrence(of: "origin")
        guard header.count > 0 else {
            guard check == .whenSent || allowed.contains(.absent) else { throw .missingOrigin }
            return
        }
        guard header.count == 1 else { throw .repeatedOrigin }
        let value = request.fields.text(header.value)
        let origin = Origin(value)
        guard allowed.contains(where: { $0.matches(origin) }) else { throw .forbiddenOrigin(value) }
    }
}

/// One entry in a list of allowed origins.
///
/// - `https://example.com`: that origin. Scheme and host are compared without regard to case; a port that is left out is
///   the scheme's default.
/// - `https://*.example.com`: every host below that domain, at any depth, but not the domain itself.
/// - `https://example.com:*`: every port.
/// - `null`: pages without an origin of their own, such as sandboxed frames.
///
/// There are no other wildcards and no regular expressions: nobody forgets to escape a dot.
public struct OriginPattern: Sendable, Hashable, CustomStringConvertible {
    private enum Rule: Sendable, Hashable {
        case absent
        case opaque
        case origin(scheme: String, host: HostPattern?, port: PortRule)
    }

    private enum PortRule: Sendable, Hashable {
        case any
        case exactly(Int?)
    }

    private let rule: Rule
    /// The pattern as it was written; `none` for ``absent``.
    public let description: String

    /// No `Origin` header at all: every client that is not a browser.
    public static let absent = Self(rule: .absent, description: "none")

    /// Reads a pattern.
    ///
    /// - Throws: ``InvalidOriginPattern``.
    public init(_ text: String) throws(InvalidOriginPattern) {
        guard text != "null" else {
            self = Self(rule: .opaque, description: text)
            return
        }
        description = text
        guard let parts = Origin.split(text) else { throw InvalidOriginPattern(pattern: text, host: nil) }
        do throws(InvalidHost) {
            var rest = parts.rest
            let matchesAnyPort = rest.suffix(2).elementsEqual(":*".utf8)
            if matchesAnyPort { rest = rest.dropLast(2) }
            let end = try HostAndPort.split(rest)
            let host = end.host.isEmpty ? nil : try HostPattern(String(decoding: end.host, as: UTF8.self))
            let port = try HostAndPort.port(end.port) ?? Origin.defaultPorts[parts.scheme]
            rule = .origin(scheme: parts.scheme, host: host, port: matchesAnyPort ? .any : .exactly(port))
        } catch { throw InvalidOriginPattern(pattern: text, host: error) }
    }

    private init(rule: Rule, description: String) {
        self.rule = rule
        self.description = description
    }

    fileprivate func matches(_ origin: Origin?) -> Bool {
        switch (rule, origin) {
        case (.opaque, .opaque): true
        case (.origin(let allowedScheme, let pattern, let allowedPort), .tuple(let scheme, let host, let port)):
            scheme == allowedScheme && Self.matches(pattern, host)
                && (allowedPort == .any || allowedPort == .exactly(port))
        case (.absent, _), (.opaque, _), (.origin, _): false
        }
    }

    private static func matches(_ pattern: HostPattern?, _ host: HostName?) -> Bool {
        guard let pattern, let host else { return pattern == nil && host == nil }
        return pattern.matches(host)
    }
}

/// A configured text that is not an origin.
public struct InvalidOriginPattern: Error, Sendable, Hashable, CustomStringConvertible {
    /// The text.
    public let pattern: String
    /// What is wrong with its host, if that is the fault.
    public let host: InvalidHost?

    /// A sentence with the text and how an origin looks.
    public var description: String {
        let fault = host.map { ": the host \($0)" } ?? ""
        return "\(Excerpt(pattern)) is not an origin, such as https://example.com or http://localhost:8000\(fault)"
    }
}

/// The value of an `Origin` header (RFC 6454 §7).
private enum Origin {
    case opaque
    case tuple(scheme: String, host: HostName?, port: Int?)

    /// `nil` for anything that no browser sends; no pattern matches that.
    init?(_ text: String) {
        guard text != "null" else {
            self = .opaque
            return
        }
        guard let parts = Self.split(text) else { return nil }
        do {
            let end = try HostAndPort.split(parts.rest)
            let port = try HostAndPort.port(end.port) ?? Self.defaultPorts[parts.scheme]
            let host = try end.host.isEmpty ? nil : HostName(header: end.host)
            self = .tuple(scheme: parts.scheme, host: host, port: port)
        } catch { return nil }
    }

    static let defaultPorts = ["http": 80, "https": 443, "ws": 80, "wss": 443]

    /// Cuts behind `://`; schemes are equal without regard to case (RFC 6454 §4).
    static func split(_ text: String) -> (scheme: String, rest: ArraySlice<UInt8>)? {
        let bytes = Array(text.utf8)
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon > 0,
            bytes[(colon + 1)...].starts(with: "//".utf8)
        else {
            return nil
        }
        return (String(decoding: bytes[..<colon].lazy.map(\.asciiLowercased), as: UTF8.self), bytes[(colon + 3)...])
    }
}
