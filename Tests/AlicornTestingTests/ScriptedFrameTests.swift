// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import AlicornWebSocket
import Testing

@Suite("A frame in a test's hand")
struct ScriptedFrameTests {
    @Test("it is the bytes of RFC 6455 §5.7, masked from a client and not from a server")
    func examples() {
        #expect(ScriptedFrame.text("Hello").bytes(from: .server) == [0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F])
        #expect(
            ScriptedFrame.text("Hello").bytes(from: .client)
                == [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58])
        #expect(ScriptedFrame(.text, [0x48], isFinal: false).bytes(from: .server) == [0x01, 0x01, 0x48])
        #expect(ScriptedFrame.ping([1]).bytes(from: .server) == [0x89, 0x01, 1])
        #expect(ScriptedFrame.close(.normalClosure, reason: "a").bytes(from: .server) == [0x88, 3, 3, 232, 0x61])
    }

    @Test("every length has its form (RFC 6455 §5.2)", arguments: [0, 125, 126, 65535, 65536])
    func lengths(_ count: Int) {
        let bytes = ScriptedFrame.binary([UInt8](repeating: 7, count: count)).bytes(from: .server)
        #expect(bytes.count == count + (count < 126 ? 2 : count < 65536 ? 4 : 10))
        #expect(bytes.suffix(count).allSatisfy { $0 == 7 })
    }

    @Test("what the protocol forbids can be sent all the same")
    func forbidden() {
        var frame = ScriptedFrame(Opcode(rawValue: 3), [1])
        frame.reservedBits = 0b111
        frame.masking = .unmasked
        #expect(frame.bytes(from: .client) == [0xF3, 0x01, 1])
        frame.masking = .masked
        #expect(frame.bytes(from: .server) == [0xF3, 0x81, 0x37, 0xFA, 0x21, 0x3D, 1 ^ 0x37])
        #expect(ScriptedFrame.close(.abnormalClosure).bytes(from: .server) == [0x88, 2, 3, 238])
    }

    @Test("a close frame has a code, if it has one")
    func closeCodes() {
        #expect(ScriptedFrame.close(.goingAway).closeCode == .goingAway)
        #expect(ScriptedFrame.close.closeCode == nil)
        #expect(ScriptedFrame.binary([3, 232]).closeCode == nil)
    }

    @Test("what is unusual about a frame is said")
    func descriptions() {
        #expect("\(ScriptedFrame.text("hi"))" == #"opcode 1, 2 bytes "hi""#)
        var frame = ScriptedFrame(.ping, [1], isFinal: false)
        frame.reservedBits = 4
        frame.masking = .unmasked
        #expect("\(frame)" == "opcode 9, 1 bytes [1], not final, RSV 4, unmasked")
    }
}
