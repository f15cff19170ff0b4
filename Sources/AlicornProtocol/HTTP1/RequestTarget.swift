// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The four forms of a request target (RFC 9112 §3.2).
enum RequestTarget {
    /// Whether the target is in a form that its method allows.
    ///
    /// Visible ASCII is let through in path and query even where RFC 3986 wants it percent-encoded, because browsers send
    /// some of it (`|`, `^`, `[`); a fragment is not, because nobody may send one.
    static func isValid(_ target: Range<Int>, for method: Range<Int>, in bytes: Span<UInt8>) -> Bool {
        guard let first = target.first else { return false }
        for index in target {
            let byte = bytes[index]
            guard byte > 0x20, byte < 0x7F, byte != UInt8(ascii: "#") else { return false }
        }
        // RFC 9112 §3.2.3: CONNECT has the authority form, and it alone; RFC 9110 §9.3.6: with a port.
        if bytes.holds("CONNECT", at: method) { return HostSyntax.isHost(target, in: bytes, port: .required) }
        switch bytes[first] {
        case UInt8(ascii: "/"):
            return true
        case UInt8(ascii: "*") where target.count == 1:
            // RFC 9112 §3.2.4: the asterisk is for OPTIONS.
            return bytes.holds("OPTIONS", at: method)
        default:
            return isAbsolute(target, in: bytes)
        }
    }

    /// Whether it is `scheme "://" authority path-abempty [ "?" query ]` (RFC 9112 §3.2.2).
    private static func isAbsolute(_ target: Range<Int>, in bytes: Span<UInt8>) -> Bool {
        var index = target.lowerBound
        while index < target.upperBound, bytes[index].isSchemeCharacter { index += 1 }
        guard index > target.lowerBound, bytes[target.lowerBound].isLetter, target.upperBound - index > 3,
            bytes.holds("://", at: index..<index + 3)
        else { return false }
        let start = index + 3
        var end = start
        while end < target.upperBound, bytes[end] != UInt8(ascii: "/"), bytes[end] != UInt8(ascii: "?") { end += 1 }
        // RFC 9110 §4.2.4: user information in the authority is an error.
        return HostSyntax.isHost(start..<end, in: bytes, port: .optional)
    }
}

extension RequestHead {
    /// Path and query of the target as sent: all of it in origin form, what follows the authority in absolute form.
    ///
    /// Empty for the asterisk and the authority form. A target in absolute form that has no path has `/`, or `/` and
    /// its query (RFC 9110 §4.2.3).
    public var pathAndQuery: String {
        if target.utf8.first == UInt8(ascii: "/") { return target }
        guard let authority = authorityRange else { return "" }
        let rest = target[authority.upperBound...]
        return rest.utf8.first == UInt8(ascii: "/") ? String(rest) : "/" + rest
    }

    /// The host and port that the request is for: those of a target in absolute or authority form, else those of Host.
    ///
    /// RFC 9112 §3.2.2: the target's take the place of Host, which may differ.
    public var authority: String? {
        targetAuthority ?? fields.first("Host")
    }

    /// The host and port of a target in absolute or authority form.
    var targetAuthority: String? {
        if method == "CONNECT" { return target }
        return authorityRange.map { String(target[$0]) }
    }

    private var authorityRange: Range<String.Index>? {
        let bytes = target.utf8
        guard bytes.first != UInt8(ascii: "/"), let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            bytes[colon...].starts(with: "://".utf8)
        else { return nil }
        let start = bytes.index(colon, offsetBy: 3)
        let end = bytes[start...].firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }
        return start..<(end ?? bytes.endIndex)
    }
}
