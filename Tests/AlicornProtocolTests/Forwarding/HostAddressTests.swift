// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

@Suite("IP addresses as numbers")
struct HostAddressTests {
    @Test(
        "an address is its bits, and one of version 4 is the same in version 6",
        arguments: [
            ("192.0.2.1", 0xFFFF_C000_0201), ("::ffff:192.0.2.1", 0xFFFF_C000_0201), ("::", 0), ("::1", 1),
            ("2001:db8::1", 0x2001_0DB8 << 96 | 1), ("", nil), ("192.0.2", nil), ("192.0.2.01", nil), ("[::1]", nil),
            ("192.0.2.1:80", nil), ("fe80::1%eth0", nil), ("abcd", nil), ("unknown", nil), ("_hidden", nil),
        ] as [(String, UInt128?)])
    func reading(text: String, bits: UInt128?) { #expect(HostAddress(text.utf8)?.bits == bits) }

    @Test("a client is an IPv4 address, or the network of an IPv6 address")
    func client() throws {
        let ipv4 = try #require(HostAddress("192.0.2.1".utf8))
        #expect(ipv4.isIPv4 && ipv4.client == ipv4)
        let ipv6 = try #require(HostAddress("2001:db8:1:2:3:4:5:6".utf8))
        #expect(!ipv6.isIPv4 && ipv6.client == HostAddress("2001:db8:1:2::".utf8))
    }
}
