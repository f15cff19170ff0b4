// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct HostPatternTests {
    @Test(
        "a host matches itself, a star the hosts below",
        arguments: [
            ("example.com", "EXAMPLE.com", true), ("Example.com", "example.com", true),
            ("example.com", "a.example.com", false),
            ("*.example.com", "a.example.com", true), ("*.example.com", "a.b.example.com", true),
            ("*.example.com", "example.com", false), ("*.example.com", ".example.com", false),
            ("*.example.com", "evilexample.com", false), ("*.example.com", "a.example.com.evil", false),
            ("[0::1]", "[::1]", true), ("[::1]", "[::2]", false), ("127.0.0.1", "127.0.0.1", true),
            ("bücher.de", "xn--bcher-kva.de", true), ("*.com", "[::1]", false),
        ]
    )
    func matches(pattern: String, host: String, isMatch: Bool) throws {
        #expect(try HostPattern(pattern).matches(HostName(header: Array(host.utf8)[...])) == isMatch)
    }

    @Test(
        "other stars and what is no host are refused",
        arguments: ["", "*", "*.", "a.*.b", "*example.com", "*.*.b", "a/b", "a b"])
    func refuses(pattern: String) {
        #expect(throws: InvalidHost.self) { try HostPattern(pattern) }
    }
}
