// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The host of a URI, an origin or a `Host` header: a name, an IPv4 address or an IPv6 address (RFC 3986 §3.2.2).
///
/// Two hosts are equal when they are the same host: letters are in lower case, IPv6 addresses in canonical form.
package struct HostName: Sendable, Hashable {
    /// The host without brackets: what a resolver, a connection or a certificate check wants.
    package let text: String
    /// Whether it is an IPv6 address, which stands in brackets in a URI.
    package let isIPv6: Bool

    /// The host as it stands in a URI or header.
    package var bracketed: String { isIPv6 ? "[\(text)]" : text }

    /// The host without the dot at its end that makes a name absolute (RFC 1034 §3.1).
    var withoutRoot: String { text.hasSuffix(".") ? String(text.dropLast()) : text }

    /// Reads a host from a header, in which all is ASCII and any `reg-name` goes.
    init(header text: ArraySlice<UInt8>) throws(InvalidHost) {
        if try Self.isBracketed(text) {
            self = try Self(ipv6: text.dropFirst().dropLast())
            return
        }
        guard !text.isEmpty else { throw .empty }
        let isRegName = text.allSatisfy { $0.isUnreserved || $0.isSubDelimiter || $0 == UInt8(ascii: "%") }
        guard isRegName, PercentEncoding.decode(text) != nil else {
            throw .characters(String(decoding: text, as: UTF8.self))
        }
        self.text = String(decoding: text.lazy.map(\.asciiLowercased), as: UTF8.self)
        isIPv6 = false
    }

    /// Reads a host from a URI or IRI that names a machine to connect to: escapes are resolved, labels beyond ASCII
    /// become Punycode, and what cannot be a name in the DNS is refused.
    init(iri text: ArraySlice<UInt8>) throws(InvalidHost) {
        if try Self.isBracketed(text) {
            self = try Self(ipv6: text.dropFirst().dropLast())
            return
        }
        guard let bytes = PercentEncoding.decode(text), let decoded = String(validating: bytes, as: UTF8.self) else {
            throw .characters(String(decoding: text, as: UTF8.self))
        }
        guard !decoded.isEmpty else { throw .empty }
        var labels: [String] = []
        for label in decoded.unicodeScalars.split(omittingEmptySubsequences: false, whereSeparator: Self.isFullStop) {
            labels.append(try Self.ascii(label))
        }
        try Self.check(labels, of: decoded)
        self.text = labels.joined(separator: ".")
        isIPv6 = false
    }

    private init(ipv6 text: ArraySlice<UInt8>) throws(InvalidHost) {
        // RFC 6874 zones name an interface of one machine and mean nothing to its peer.
        guard !text.contains(UInt8(ascii: "%")) else { throw .zone }
        guard let address = IPv6Address(text) else { throw .notIPv6(String(decoding: text, as: UTF8.self)) }
        self.text = address.description
        isIPv6 = true
    }

    private static func isBracketed(_ text: ArraySlice<UInt8>) throws(InvalidHost) -> Bool {
        guard text.first == UInt8(ascii: "[") else { return false }
        guard text.last == UInt8(ascii: "]") else { throw .unclosedBracket }
        return true
    }

    /// The dots that separate labels in an IRI (RFC 3490 §3.1, rule 1).
    private static func isFullStop(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "." || scalar == "\u{3002}" || scalar == "\u{FF0E}" || scalar == "\u{FF61}"
    }

    /// A label in lower case and ASCII.
    ///
    /// Of the mapping that browsers do (UTS 46), only the change of case is done here, as the standard library has no
    /// other; so characters that it would map or drop are refused, and names are expected in composed form (NFC).
    private static func ascii(_ label: Substring.UnicodeScalarView) throws(InvalidHost) -> String {
        let lowercased = String(Substring(label)).lowercased()
        guard lowercased.utf8.contains(where: { $0 >= 0x80 }) else {
            guard lowercased.utf8.allSatisfy({ $0.isUnreserved || $0.isSubDelimiter }) else {
                throw .characters(lowercased)
            }
            return lowercased
        }
        // Each character beyond ASCII takes at least one in the encoding, so a longer one has no room in 63 bytes.
        guard lowercased.unicodeScalars.count <= longestLabel else { throw .tooLong(lowercased) }
        guard lowercased.unicodeScalars.allSatisfy(mayStandInLabel),
            let encoded = Punycode.encode(lowercased.unicodeScalars)
        else { throw .characters(lowercased) }
        return "xn--" + encoded
    }

    private static func mayStandInLabel(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned: return false
        case .spaceSeparator, .lineSeparator, .paragraphSeparator: return false
        default:
            let isHalfOrFullWidth = (0xFF00...0xFFEF).contains(scalar.value)
            guard scalar.isASCII else { return !isHalfOrFullWidth }
            let byte = UInt8(truncatingIfNeeded: scalar.value)
            return byte.isUnreserved || byte.isSubDelimiter
        }
    }

    /// RFC 1035 §2.3.4; a last label may be empty, which makes the name absolute.
    private static func check(_ labels: [String], of name: String) throws(InvalidHost) {
        let labels = labels.last == "" ? labels.dropLast() : labels[...]
        guard let last = labels.last, !labels.contains("") else { throw .emptyLabel(name) }
        let isTooLong = labels.contains { $0.utf8.count > longestLabel }
        guard !isTooLong, labels.joined(separator: ".").utf8.count <= longestName else { throw .tooLong(name) }
        // `127.1` or `0x7f.1` would be a name to one program and an address to the next.
        let endsInNumber = last.utf8.allSatisfy(\.isDigit) || last.hasPrefix("0x")
        guard !endsInNumber || IPv4Address(labels.joined(separator: ".").utf8) != nil else { throw .notIPv4(name) }
    }

    private static let (longestLabel, longestName) = (63, 253)
}

/// Why a host, or a host with its port, is none; the text completes "the host ...".
public enum InvalidHost: Error, Sendable, Hashable, CustomStringConvertible {
    /// Nothing stands where the host should.
    case empty
    /// A `[` without a `]` at the end.
    case unclosedBracket
    /// Colons outside of brackets that do not begin a port.
    case colons(String)
    /// An IPv6 address with a zone.
    case zone
    /// Something in brackets that is not an IPv6 address.
    case notIPv6(String)
    /// Ends in a number and is not an IPv4 address of four decimal numbers.
    case notIPv4(String)
    /// Two dots in a row, or one at the front.
    case emptyLabel(String)
    /// A label of more than 63 or a name of more than 253 bytes.
    case tooLong(String)
    /// Characters that a host cannot hold, or a broken escape.
    case characters(String)
    /// A port that is not a number from 1 to 65535.
    case port(String)

    /// The reason, as the end of a sentence.
    public var description: String {
        switch self {
        case .empty: "is missing"
        case .unclosedBracket: "begins with [ and does not end with ]"
        case .colons(let text): "\(Excerpt(text)) holds colons: write an IPv6 address in brackets"
        case .zone: "is an IPv6 address with a zone, which has no meaning for the peer"
        case .notIPv6(let text): "\(Excerpt(text)) is not an IPv6 address"
        case .notIPv4(let text): "\(Excerpt(text)) ends in a number but is not an IPv4 address of four decimal numbers"
        case .emptyLabel(let text): "\(Excerpt(text)) has an empty label"
        case .tooLong(let text): "\(Excerpt(text)) is too long: a label has at most 63 bytes, a name 253"
        case .characters(let text): "\(Excerpt(text)) holds characters that no host name has"
        case .port(let text): "has the port \(Excerpt(text)); ports go from 1 to 65535"
        }
    }
}
