// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// An IPv4 address in its only unambiguous form: four decimal numbers without leading zeros (RFC 3986 §3.2.2).
struct IPv4Address: Sendable, Hashable {
    /// The four bytes, in network order.
    let bytes: [UInt8]

    init?(_ text: some Collection<UInt8>) {
        let fields = text.split(separator: UInt8(ascii: "."), maxSplits: 4, omittingEmptySubsequences: false)
        guard fields.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for field in fields {
            guard (1...3).contains(field.count), field.allSatisfy(\.isDigit) else { return nil }
            let value = field.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
            let hasLeadingZero = field.count > 1 && field.first == UInt8(ascii: "0")
            guard value <= 255, !hasLeadingZero else { return nil }
            bytes.append(UInt8(value))
        }
        self.bytes = bytes
    }
}

/// An IPv6 address without a zone (RFC 4291 §2.2); its description is the canonical text of RFC 5952.
struct IPv6Address: Sendable, Hashable, CustomStringConvertible {
    /// The eight groups of 16 bits.
    let groups: [UInt16]

    init?(_ text: some Collection<UInt8>) {
        guard text.count <= Self.longestText, let text = Self.spelledInGroups(Array(text)) else { return nil }
        let elision = text.indices.dropLast().first { text[$0] == Self.colon && text[$0 + 1] == Self.colon }
        guard let elision else {
            guard let groups = Self.groups(text[...]), groups.count == 8 else { return nil }
            self.groups = groups
            return
        }
        guard let head = Self.groups(text[..<elision]), let tail = Self.groups(text[(elision + 2)...]) else {
            return nil
        }
        let missing = 8 - head.count - tail.count
        guard missing > 0 else { return nil }
        groups = head + Array(repeating: 0, count: missing) + tail
    }

    /// Lower-case digits, the first of the longest runs of zeros elided if it has two groups or more (RFC 5952 §4).
    var description: String {
        var longest = 0..<0
        var start = 0
        for index in 0...groups.count where index == groups.count || groups[index] != 0 {
            if index - start > max(longest.count, 1) { longest = start..<index }
            start = index + 1
        }
        func text(_ range: Range<Int>) -> String { groups[range].map { String($0, radix: 16) }.joined(separator: ":") }
        return longest.isEmpty
            ? text(0..<groups.count) : "\(text(0..<longest.lowerBound))::\(text(longest.upperBound..<groups.count))"
    }

    private static let colon = UInt8(ascii: ":")

    /// The length of `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255`.
    private static let longestText = 45

    /// The text with an IPv4 address at its end written as two groups; `nil` if that address is none.
    private static func spelledInGroups(_ text: [UInt8]) -> [UInt8]? {
        guard text.contains(UInt8(ascii: ".")), let lastColon = text.lastIndex(of: colon) else { return text }
        guard let tail = IPv4Address(text[(lastColon + 1)...]) else { return nil }
        let groups = [(0, 1), (2, 3)].map { String(UInt16(tail.bytes[$0]) << 8 | UInt16(tail.bytes[$1]), radix: 16) }
        return text[...lastColon] + Array(groups.joined(separator: ":").utf8)
    }

    private static func groups(_ text: ArraySlice<UInt8>) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        var groups: [UInt16] = []
        for field in text.split(separator: colon, omittingEmptySubsequences: false) {
            guard (1...4).contains(field.count) else { return nil }
            var value: UInt16 = 0
            for digit in field {
                guard let digit = digit.hexadecimalValue else { return nil }
                value = value << 4 | UInt16(digit)
            }
            groups.append(value)
        }
        return groups
    }
}
