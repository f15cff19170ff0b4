// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct IPAddressTests {
    @Test("four decimal numbers are an IPv4 address")
    func readsIPv4() {
        #expect(IPv4Address("127.0.0.1".utf8)?.bytes == [127, 0, 0, 1])
        #expect(IPv4Address("255.255.255.255".utf8)?.bytes == [255, 255, 255, 255])
    }

    @Test(
        "anything else is none",
        arguments: [
            "", "1", "127.1", "1.2.3", "1.2.3.4.5", "1.2.3.", ".1.2.3", "256.0.0.1", "01.2.3.4", "1.2.3.4444",
            "a.b.c.d", "+1.2.3.4",
        ]
    )
    func refusesIPv4(text: String) {
        #expect(IPv4Address(text.utf8) == nil)
    }

    @Test(
        "an IPv6 address has one canonical text (RFC 5952 §4)",
        arguments: [
            ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("0:0:0:0:0:0:0:1", "::1"),
            ("2001:0DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
            ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("fe80::a:0:0", "fe80::a:0:0"),
            ("::ffff:192.0.2.128", "::ffff:c000:280"), ("::1.2.3.4", "::102:304"),
            ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
            ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        ]
    )
    func readsIPv6(text: String, canonical: String) {
        #expect(IPv6Address(text.utf8)?.description == canonical)
    }

    @Test(
        "what RFC 4291 §2.2 does not allow is refused",
        arguments: [
            "", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4::5:6:7:8", "1::2::3", ":1::2", "1::2:",
            "12345::", "g::", "1.2.3.4", "::1.2.3", "::1.2.3.4:5", "1.2.3.4::", "::1.2.3.4.5", "fe80::1%eth0", "::é",
            "0000:0000:0000:0000:0000:0000:255.255.255.2555", "1:2:3:4:5:6:7:1.2.3.4",
        ]
    )
    func refusesIPv6(text: String) {
        #expect(IPv6Address(text.utf8) == nil)
    }
}
