// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// An IP address as a number; one of version 4 is what it is among those of version 6, `::ffff:192.0.2.1`
/// (RFC 4291 §2.5.5.2), so that a client is the same whichever socket it came over.
package struct HostAddress: Sendable, Hashable {
    /// The 128 bits, the first of them the highest.
    package let bits: UInt128

    package init(bits: UInt128) { self.bits = bits }

    /// The IPv4 address with these 32 bits.
    package init(ipv4 bits: UInt32) { self.bits = 0xFFFF << 32 | UInt128(bits) }

    /// Reads an address as text, without brackets, port or zone; `nil` when it is none.
    package init?(_ text: some Collection<UInt8>) {
        if let address = IPv4Address(text) {
            self.init(ipv4: address.bytes.reduce(0) { $0 << 8 | UInt32($1) })
        } else if text.contains(UInt8(ascii: ":")), let address = IPv6Address(text) {
            self.init(bits: address.groups.reduce(0) { $0 << 16 | UInt128($1) })
        } else {
            return nil
        }
    }

    /// Whether it is one of version 4.
    package var isIPv4: Bool { bits >> 32 == 0xFFFF }

    /// Who is taken for one client: an IPv4 address alone, of IPv6 the 64 bits of a network (RFC 7421), within which a
    /// client has all addresses that it likes.
    package var client: Self { isIPv4 ? self : Self(bits: bits & (UInt128.max << 64)) }
}
