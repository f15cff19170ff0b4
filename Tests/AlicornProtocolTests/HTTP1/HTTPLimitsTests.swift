// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

struct HTTPLimitsTests {
    @Test("all limits are on by default but for the body, which is the application's")
    func defaults() {
        let limits = HTTPLimits()
        #expect(limits.startLine == 8192)
        #expect(limits.fieldLine == 8192)
        #expect(limits.head == 65536)
        #expect(limits.fields == 100)
        #expect(limits.chunkOverhead == 16384)
        #expect(limits.requestBody == nil)
        #expect(limits.unreadBody == 65536)
        #expect(limits.responseBody == 1_048_576)
        #expect(limits.interimResponses == 16)
    }
}
