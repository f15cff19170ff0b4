// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

@Suite("Reading which proxies are trusted")
struct TrustedProxiesReadingTests {
    @Test("addresses, networks and unix are read; a star is everybody; any other text matches nobody (U-PX-02)")
    func texts() throws {
        let read = TrustedProxies.reading(["10.0.0.0/8", "proxy.example", "unix"])
        #expect(read.rest == ["proxy.example"])
        let proxies = try #require(read.proxies)
        #expect(proxies.contains(HostAddress("10.1.2.3".utf8)))
        #expect(!proxies.contains(HostAddress("11.1.2.3".utf8)))
        let all = try #require(TrustedProxies.reading(["*"]).proxies)
        #expect(all.contains(HostAddress("203.0.113.9".utf8)))
    }
}
