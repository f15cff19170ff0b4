// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The IP addresses that begin with the same bits (RFC 4632 §3.1, RFC 4291 §2.3).
public struct IPNetwork: Sendable, Hashable, CustomStringConvertible {
    private let prefix: UInt128
    private let mask: UInt128
    /// The network as it was written.
    public let description: String

    /// Reads `192.0.2.0/24`, `2001:db8::/32`, or an address alone for a network of just that.
    ///
    /// - Throws: ``InvalidNetwork``, also when bits are set that the length excludes: it is not plain then which are meant.
    public init(_ text: String) throws(InvalidNetwork) {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = HostAddress(first) else { throw .address(text) }
        let isShort = !first.contains(UInt8(ascii: ":"))
        var length = isShort ? 32 : 128
        if parts.count > 1 {
            guard (1...3).contains(parts[1].count), parts[1].allSatisfy(\.isDigit),
                let number = Int(String(decoding: parts[1], as: UTF8.self)), number <= length
            else { throw .length(text, largest: length) }
            length = number
        }
        let free = isShort ? 32 - length : 128 - length
        mask = free == 128 ? 0 : UInt128.max << UInt128(free)
        guard address.bits & ~mask == 0 else { throw .bitsBehindLength(text) }
        prefix = address.bits
        description = text
    }

    /// Whether the address belongs to it.
    package func contains(_ address: HostAddress) -> Bool { address.bits & mask == prefix }
}

/// Why a text does not name a network.
public enum InvalidNetwork: Error, Sendable, Hashable, CustomStringConvertible {
    /// It does not begin with an IP address.
    case address(String)
    /// What stands behind the slash is no length.
    case length(String, largest: Int)
    /// It has bits set that its length excludes.
    case bitsBehindLength(String)

    /// The fault as a sentence.
    public var description: String {
        switch self {
        case .address(let text):
            "\(Excerpt(text)) is no network: write an IP address, or one and a length, as in 192.0.2.0/24"
        case .length(let text, let largest):
            "\(Excerpt(text)) is no network: behind the slash stands a length from 0 to \(largest)"
        case .bitsBehindLength(let text):
            "\(Excerpt(text)) is no network: it has bits set that its length excludes; set them to zero, or change the length"
        }
    }
}
