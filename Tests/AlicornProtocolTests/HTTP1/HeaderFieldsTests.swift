// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct HeaderFieldsTests {
    private func fields() throws -> HeaderFields {
        var fields = HeaderFields()
        try fields.append(name: "Host", value: "a")
        try fields.append(name: "Set-Cookie", value: "b")
        try fields.append(name: "set-cookie", value: "\u{E9}")
        return fields
    }

    @Test("fields are kept in order and case, and looked up in any case (RFC 9110 §5.1)")
    func lookUp() throws {
        let fields = try fields()
        #expect(fields.count == 3)
        #expect(fields[2] == HeaderField(name: "set-cookie", value: "\u{E9}"))
        #expect(fields.values(of: "SET-COOKIE") == ["b", "\u{E9}"])
        #expect(fields.first("host") == "a")
        #expect(fields.first("hos") == nil)
        #expect(fields.first("hosu") == nil)
    }

    @Test("parsed fields are ranges of what was received")
    func ranges() {
        let fields = HeaderFields(
            bytes: bytes("Host: a\r\n"), entries: [HeaderFields.Entry(name: 0..<4, value: 6..<7)])
        #expect(fields.first("host") == "a")
    }

    @Test("a field of our own is written in place")
    func own() throws {
        var fields = try fields()
        fields.append(own: "Long", valueLength: 500) { $0.append(repeating: UInt8(ascii: "x"), count: 500) }
        #expect(fields[fields.count - 1] == HeaderField(name: "Long", value: String(repeating: "x", count: 500)))
        #expect(fields.entries.map(\.nameLength) == fields.entries.map(\.name.count))
    }

    @Test("all fields of a name are removed, and replaced by one")
    func change() throws {
        var fields = try fields()
        try fields.set(name: "SET-COOKIE", value: "c")
        #expect(fields.values(of: "Set-Cookie") == ["c"])
        fields.remove("host")
        #expect(fields.count == 1)
    }

    @Test("names that are not tokens are refused", arguments: ["", "a b", "a:", "a\r\nb", "é"])
    func name(name: String) {
        var fields = HeaderFields()
        #expect(throws: InvalidHeaderField.name(name)) { try fields.append(name: name, value: "") }
        #expect(InvalidHeaderField.name(name).description.contains("not a header name"))
    }

    @Test(
        "values that could end a field are refused",
        arguments: ["a\r\nb", "\n", "\0", "\u{7F}", "\u{100}", "\u{1F600}"])
    func value(value: String) throws {
        var fields = try fields()
        #expect(throws: InvalidHeaderField.value(name: "Host")) { try fields.append(name: "Host", value: value) }
        #expect(throws: InvalidHeaderField.value(name: "Host")) { try fields.set(name: "Host", value: value) }
        #expect(fields.first("Host") == "a")
        try fields.append(name: "After", value: "b")
        #expect(fields[fields.count - 1] == HeaderField(name: "After", value: "b"))
        #expect(InvalidHeaderField.value(name: "Host").description.contains("Host"))
    }
}
