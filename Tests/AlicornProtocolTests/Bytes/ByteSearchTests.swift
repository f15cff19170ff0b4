// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct ByteSearchTests {
    @Test("the first control character is found wherever it stands", arguments: 0...33)
    func firstControl(position: Int) {
        for control in [0x00, 0x09, 0x0A, 0x1F, 0x7F] as [UInt8] {
            var bytes: [UInt8] = Array(repeating: 0x20, count: 34)
            bytes[position] = control
            for start in 0...position { #expect(bytes.span.firstControl(from: start, to: 34) == position) }
            #expect(bytes.span.firstControl(from: position + 1, to: 34) == 34)
            #expect(bytes.span.firstControl(from: 0, to: position) == position)
        }
    }

    @Test("all other bytes are none", arguments: [0x20, 0x21, 0x7E, 0x80, 0x8A, 0x9F, 0xA0, 0xFF] as [UInt8])
    func noControl(byte: UInt8) {
        let bytes = [UInt8](repeating: byte, count: 19)
        #expect(bytes.span.firstControl(from: 0, to: 19) == 19)
        #expect(isASCII(bytes) == (byte < 0x80))
    }

    @Test("a byte beyond ASCII is found wherever it stands", arguments: 0...18)
    func beyondASCII(position: Int) {
        var bytes = [UInt8](repeating: 0x7F, count: 19)
        #expect(isASCII(bytes))
        bytes[position] = 0x80
        #expect(!isASCII(bytes))
    }

    /// A span cannot be taken apart by `#expect`.
    private func isASCII(_ bytes: [UInt8]) -> Bool { bytes.span.isASCII }
}
