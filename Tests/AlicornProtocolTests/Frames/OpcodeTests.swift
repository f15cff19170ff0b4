// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

/// RFC 6455 §5.2, §11.8.
struct OpcodeTests {
    @Test("0 to 2 are data and 8 to 10 control; 3 to 7 and 11 to 15 are reserved (FRM-01)", arguments: UInt8(0)...15)
    func classifies(raw: UInt8) {
        let opcode = Opcode(rawValue: raw)
        #expect(opcode.isControl == (8...15).contains(raw))
        #expect(opcode.isReserved == ((3...7).contains(raw) || (11...15).contains(raw)))
    }

    @Test("only the low four bits of a byte are the opcode")
    func masksBits() { #expect(Opcode(rawValue: 0xF9) == .ping) }

    @Test("the kinds of message are opcodes 1 and 2")
    func mapsKinds() {
        #expect(MessageKind.text.opcode == .text)
        #expect(MessageKind.binary.opcode == .binary)
    }
}
