// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

@Suite("Header fields as bytes")
struct HeaderFieldsBytesTests {
    private func fields(_ name: [UInt8], _ value: [UInt8]) throws(InvalidHeaderField) -> HeaderFields {
        var fields = HeaderFields()
        try fields.append(lowercasing: name.span, value: value.span)
        return fields
    }

    @Test("a name is put in lower case, a value stays as it is, with all of ISO-8859-1 (RFC 9110 §5.5)")
    func append() throws {
        let fields = try fields(Array("X-Name".utf8), [0x61, 0xE9, 0x09, 0x7E])
        #expect(fields.bytes == Array("x-name: ".utf8) + [0x61, 0xE9, 0x09, 0x7E, 13, 10])
        let read = fields.withField(at: 0) { name, value in
            (name.withUnsafeBufferPointer { Array($0) }, value.withUnsafeBufferPointer { Array($0) })
        }
        #expect(read.0 == Array("x-name".utf8))
        #expect(read.1 == [0x61, 0xE9, 0x09, 0x7E])
    }

    @Test(
        "nothing that splits a head is taken (RFC 9110 §5.1, §5.5)",
        arguments: [
            ("", "value"), ("na me", "value"), ("name:", "value"), ("name", "a\r\nb: c"), ("name", "a\0"),
            ("name", "\u{7F}"),
        ])
    func faults(_ name: String, _ value: String) {
        #expect(throws: InvalidHeaderField.self) { try fields(Array(name.utf8), Array(value.utf8)) }
    }

    @Test("two lists are written alike when their bytes are")
    func comparison() throws {
        let first = try fields(Array("a".utf8), Array("1".utf8))
        #expect(first.isWritten(as: try fields(Array("a".utf8), Array("1".utf8))))
        #expect(!first.isWritten(as: try fields(Array("a".utf8), Array("2".utf8))))
    }
}
