// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

struct ExtensionTests {
    @Test("descriptions are equal by name, parameters and their order")
    func compares() {
        let description = ExtensionDescription("x", [.init("a"), .init("b", "1")])
        #expect(description == ExtensionDescription("x", [.init("a", nil), .init("b", "1")]))
        #expect(description != ExtensionDescription("x", [.init("b", "1"), .init("a")]))
        #expect(ExtensionDescription("x").parameters.isEmpty)
    }

    @Test("an accepted extension keeps its transform, a refusal its text")
    func keeps() {
        let transform = IdleTransform()
        let accepted = AcceptedExtension(ExtensionDescription("x"), transform: transform)
        #expect(accepted.description.name == "x")
        #expect(accepted.transform === transform)
        #expect(ExtensionRefusal("no").description == "no")
    }
}
