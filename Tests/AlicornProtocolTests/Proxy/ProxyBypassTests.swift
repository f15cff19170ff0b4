// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct ProxyBypassTests {
    @Test(
        "an entry stands for its host and all below it, with a port for that alone (PRX-01)",
        arguments: [
            ("example.com", "example.com", 80, true), ("example.com", "www.example.com", 443, true),
            ("example.com", "a.b.example.com", 80, true), ("example.com", "notexample.com", 80, false),
            ("example.com", "example.com.evil", 80, false), ("example.com", "com", 80, false),
            (".example.com", "example.com", 80, true), (".example.com", "www.example.com", 80, true),
            ("*.example.com", "example.com", 80, true), ("*.example.com", "www.example.com", 80, true),
            ("EXAMPLE.com", "example.com", 80, true), ("example.com.", "example.com", 80, true),
            ("bücher.example", "xn--bcher-kva.example", 80, true),
            ("example.com:8080", "example.com", 8080, true), ("example.com:8080", "www.example.com", 8080, true),
            ("example.com:8080", "example.com", 80, false), ("example.com:", "example.com", 80, true),
        ]
    )
    func names(list: String, host: String, port: Int, isBypassed: Bool) {
        #expect(ProxyBypass(list).contains(host: host, port: port) == isBypassed)
    }

    @Test(
        "an IP address stands for itself, in any of its spellings",
        arguments: [
            ("127.0.0.1", "127.0.0.1", 80, true), ("127.0.0.1", "127.0.0.2", 80, false),
            ("10.0.0.0/8", "10.1.2.3", 80, true), ("10.0.0.0/8", "11.1.2.3", 80, false),
            ("2001:db8::/32", "2001:db8::1", 80, true), ("10.0.0.0/99", "10.1.2.3", 80, false),
            ("127.0.0.1:81", "127.0.0.1", 80, false), ("127.0.0.1:81", "127.0.0.1", 81, true),
            ("2001:DB8:0::1", "2001:db8::1", 80, true), ("[2001:DB8:0::1]", "2001:db8::1", 80, true),
            ("[2001:db8::1]:81", "2001:db8::1", 81, true), ("[2001:db8::1]:81", "2001:db8::1", 80, false),
            ("[2001:db8::1]:", "2001:db8::1", 80, true), ("2001:db8::1", "2001:db8::2", 80, false),
        ]
    )
    func addresses(list: String, host: String, port: Int, isBypassed: Bool) {
        #expect(ProxyBypass(list).contains(host: host, port: port) == isBypassed)
    }

    @Test(
        "an asterisk stands for everything",
        arguments: [
            ("*", "example.com", 80, true), ("*", "::1", 80, true), ("*:80", "example.com", 80, true),
            ("*:80", "example.com", 81, false),
        ]
    )
    func everything(list: String, host: String, port: Int, isBypassed: Bool) {
        #expect(ProxyBypass(list).contains(host: host, port: port) == isBypassed)
    }

    @Test(
        "entries stand between commas or spaces of any number",
        arguments: ["a.example,b.example", "a.example b.example", " , a.example\t,,b.example\n", "b.example,a.example"]
    )
    func lists(list: String) {
        let bypass = ProxyBypass(list)
        #expect(bypass.contains(host: "a.example", port: 80))
        #expect(bypass.contains(host: "b.example", port: 80))
        #expect(!bypass.contains(host: "c.example", port: 80))
    }

    @Test(
        "an entry that names no host is nobody's",
        arguments: ["", ",", ".", "*.", ":80", "example.com:0", "example.com:x", "example.com:80:81", "[::1", "[x]"]
    )
    func nothing(list: String) {
        #expect(!ProxyBypass(list).contains(host: "example.com", port: 80))
        #expect(!ProxyBypass(list).contains(host: "::1", port: 80))
    }
}
