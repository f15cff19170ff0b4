// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

@Suite("Faults of the PROXY protocol")
struct ProxyViolationTests {
    @Test("each is a sentence of its own")
    func descriptions() {
        let texts = ProxyViolation.allCases.map(\.description)
        #expect(Set(texts).count == texts.count)
        #expect(texts.allSatisfy { $0.hasPrefix("the ") })
    }
}
