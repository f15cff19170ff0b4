// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import HTTPTypes
import Testing

struct HeaderFieldsHTTPTypesTests {
    @Test("fields go over in their order, case and bytes, and come back the same")
    func roundTrip() throws {
        var fields = HeaderFields()
        for (name, value) in [
            ("Host", "a"), ("X-Name", "\u{E9}\u{FF}"), ("Accept", "b, c"), ("accept", "d"), ("E", ""),
        ] {
            try fields.append(name: name, value: value)
        }
        let types = fields.httpFields
        #expect(types.map(\.name.rawName) == ["Host", "X-Name", "Accept", "accept", "E"])
        #expect(types[.accept] == "b, c, d")
        let back = try HeaderFields(types)
        #expect((0..<back.count).map { back[$0] } == (0..<fields.count).map { fields[$0] })
    }

    @Test("text beyond ASCII keeps its bytes")
    func unicode() throws {
        let fields = try HeaderFields([HTTPField.Name("X")!: "é"])
        #expect(fields.first("X") == "\u{C3}\u{A9}")
    }

    @Test("what HTTPFields cannot hold is left out")
    func many() throws {
        var fields = HeaderFields()
        for _ in 0..<65_600 { try fields.append(name: "a", value: "") }
        #expect(fields.httpFields.count == 65_534)
    }
}
