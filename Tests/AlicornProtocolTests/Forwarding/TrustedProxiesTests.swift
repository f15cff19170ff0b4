// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

@Suite("Trusted proxies")
struct TrustedProxiesTests {
    @Test("peers of the networks are trusted, and those on Unix sockets when that is said")
    func contains() throws {
        let some = try TrustedProxies(["10.0.0.0/8", "::1"])
        for (text, isTrusted) in [("10.1.2.3", true), ("::1", true), ("11.0.0.1", false), ("::2", false)] {
            let address = try #require(HostAddress(text.utf8))
            #expect(some.contains(address) == isTrusted)
        }
        #expect(!some.contains(nil))
        let local = try TrustedProxies(["unix"])
        #expect(local.networks.isEmpty && local.includesUnixSockets && local.contains(nil))
        #expect(throws: InvalidNetwork.address("localhost")) { try TrustedProxies(["unix", "localhost"]) }
    }
}
