// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

struct MessageTransformTests {
    @Test("a failure says in its own words what was wrong")
    func describes() { #expect(TransformFailure("bad block").description == "bad block") }
}
