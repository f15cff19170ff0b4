// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// `uri-host [ ":" port ]`: the value of a `Host` header (RFC 9112 §3.2) and the end of an origin.
package struct HostAndPort: Sendable, Hashable {
    /// The host; never empty, as no scheme that is served here allows that (RFC 9110 §4.2.1).
    package let host: HostName
    /// The port, or `nil` where none is given, also not behind a colon (RFC 3986 §3.2.3).
    package let port: Int?

    /// Reads a value that stands in a header.
    package init(header text: some Sequence<UInt8>) throws(InvalidHost) {
        let bytes = Array(text)
        let parts = try Self.split(bytes[...])
        host = try HostName(header: parts.host)
        port = try Self.port(parts.port)
    }

    /// Both as they stand in a URI.
    ///
    /// - Parameter host: a name, or an IP address without brackets.
    package static func text(host: String, port: Int) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// Whether it is a name or IPv4 address of letters, digits, `-` and `.` with a port or none, as nearly all are: then
    /// it can be read. Allocates nothing.
    static func isPlain(_ text: Span<UInt8>) -> Bool {
        var index = 0
        while index < text.count, text[index].isPlainHostCharacter { index += 1 }
        guard index > 0 else { return false }
        guard index < text.count else { return true }
        guard text[index] == UInt8(ascii: ":"), (1...5).contains(text.count - index - 1) else { return false }
        var port = 0
        for index in index + 1..<text.count {
            guard text[index].isDigit else { return false }
            port = 10 * port + Int(text[index] - UInt8(ascii: "0"))
        }
        return (1...65535).contains(port)
    }

    /// Cuts before the colon of the port.
    static func split(
        _ text: ArraySlice<UInt8>
    ) throws(InvalidHost) -> (host: ArraySlice<UInt8>, port: ArraySlice<UInt8>) {
        let colon = UInt8(ascii: ":")
        // Behind an IPv6 address's bracket the first colon counts, elsewhere the only one.
        let start = text.lastIndex(of: UInt8(ascii: "]")) ?? text.startIndex
        guard let cut = text[start...].firstIndex(of: colon) else { return (text, []) }
        let port = text[(cut + 1)...]
        guard !port.contains(colon) else { throw .colons(String(decoding: text, as: UTF8.self)) }
        return (text[..<cut], port)
    }

    /// The number that `digits` give, `nil` for none.
    static func port(_ digits: ArraySlice<UInt8>) throws(InvalidHost) -> Int? {
        guard !digits.isEmpty else { return nil }
        let significant = digits.drop { $0 == UInt8(ascii: "0") }
        let isNumber = digits.allSatisfy(\.isDigit) && (1...5).contains(significant.count)
        let value = isNumber ? significant.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } : 0
        guard (1...65535).contains(value) else { throw .port(String(decoding: digits, as: UTF8.self)) }
        return value
    }
}

extension UInt8 {
    fileprivate var isPlainHostCharacter: Bool {
        isLetter || isDigit || self == UInt8(ascii: "-") || self == UInt8(ascii: ".")
    }
}
