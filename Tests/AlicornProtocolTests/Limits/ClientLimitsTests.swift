// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

@Suite("Limits on clients")
struct ClientLimitsTests {
    @Test("all are off by default")
    func defaults() {
        let limits = ClientLimits()
        #expect(limits.connections == nil && limits.connectionsPerClient == nil)
        #expect(limits.handshakes == nil && limits.handshakesPerClient == nil)
    }
}
