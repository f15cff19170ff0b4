// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

/// RFC 6455 §5.2, §5.5, §5.7.
struct FrameHeaderTests {
    static let toServer = FrameRules(requiresMask: true, allowsRSV1: false)
    static let toClient = FrameRules(requiresMask: false, allowsRSV1: false)

    /// How parsing came out.
    enum Parsed: Equatable {
        case needsMore
        case header(FrameHeader, size: Int)
        case violation(ProtocolViolation)
    }

    static func parse(_ bytes: [UInt8], at position: Int = 0, _ rules: FrameRules) -> Parsed {
        do throws(ProtocolViolation) {
            guard let (header, size) = try FrameHeader.parse(bytes.span, at: position, rules: rules) else {
                return .needsMore
            }
            return .header(header, size: size)
        } catch {
            return .violation(error)
        }
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var bytes: [UInt8]
        var rules: FrameRules
        var header: FrameHeader
    }

    static let examples: [Row] = [
        Row(
            testDescription: "RFC 6455 §5.7: single-frame unmasked text", bytes: Wire.hex("81 05"), rules: toClient,
            header: FrameHeader(opcode: .text, payloadLength: 5)),
        Row(
            testDescription: "RFC 6455 §5.7: single-frame masked text", bytes: Wire.hex("81 85 37 fa 21 3d"),
            rules: toServer,
            header: FrameHeader(opcode: .text, payloadLength: 5, maskingKey: MaskingKey(0x3D21_FA37))),
        Row(
            testDescription: "RFC 6455 §5.7: first fragment", bytes: Wire.hex("01 03"), rules: toClient,
            header: FrameHeader(opcode: .text, fin: false, payloadLength: 3)),
        Row(
            testDescription: "RFC 6455 §5.7: last fragment", bytes: Wire.hex("80 02"), rules: toClient,
            header: FrameHeader(opcode: .continuation, payloadLength: 2)),
        Row(
            testDescription: "RFC 6455 §5.7: unmasked ping", bytes: Wire.hex("89 05"), rules: toClient,
            header: FrameHeader(opcode: .ping, payloadLength: 5)),
        Row(
            testDescription: "RFC 6455 §5.7: masked pong", bytes: Wire.hex("8a 85 37 fa 21 3d"), rules: toServer,
            header: FrameHeader(opcode: .pong, payloadLength: 5, maskingKey: MaskingKey(0x3D21_FA37))),
        Row(
            testDescription: "RFC 6455 §5.7: 256 bytes of binary", bytes: Wire.hex("82 7e 01 00"), rules: toClient,
            header: FrameHeader(opcode: .binary, payloadLength: 256)),
        Row(
            testDescription: "RFC 6455 §5.7: 64 KiB of binary", bytes: Wire.hex("82 7f 00 00 00 00 00 01 00 00"),
            rules: toClient, header: FrameHeader(opcode: .binary, payloadLength: 65536)),
        Row(
            testDescription: "125, the longest in seven bits", bytes: Wire.hex("82 7d"), rules: toClient,
            header: FrameHeader(opcode: .binary, payloadLength: 125)),
        Row(
            testDescription: "126, the shortest in 16 bits", bytes: Wire.hex("82 7e 00 7e"), rules: toClient,
            header: FrameHeader(opcode: .binary, payloadLength: 126)),
        Row(
            testDescription: "65535, the longest in 16 bits", bytes: Wire.hex("82 7e ff ff"), rules: toClient,
            header: FrameHeader(opcode: .binary, payloadLength: 65535)),
        Row(
            testDescription: "2^63 - 1, the longest of all",
            bytes: Wire.hex("82 ff 7f ff ff ff ff ff ff ff 01 02 03 04"),
            rules: toServer,
            header: FrameHeader(opcode: .binary, payloadLength: .max, maskingKey: MaskingKey(0x0403_0201))),
        Row(
            testDescription: "RFC 7692 §7.2.3.1: RSV1 with an extension", bytes: Wire.hex("c1 07"),
            rules: FrameRules(requiresMask: false, allowsRSV1: true),
            header: FrameHeader(opcode: .text, rsv1: true, payloadLength: 7)),
    ]

    @Test("headers are read, from no fewer bytes than they have, and written as they were", arguments: examples)
    func roundTrips(row: Row) {
        for count in 0..<row.bytes.count {
            #expect(Self.parse(Array(row.bytes.prefix(count)), row.rules) == .needsMore)
        }
        #expect(Self.parse(row.bytes, row.rules) == .header(row.header, size: row.bytes.count))
        #expect(Self.parse([0xFF] + row.bytes + [0xFF], at: 1, row.rules) == .header(row.header, size: row.bytes.count))
        var written: [UInt8] = []
        row.header.encode(into: &written)
        #expect(written == row.bytes)
        #expect(row.header.encodedSize == row.bytes.count)
        #expect(row.bytes.count <= FrameHeader.maximumSize)
    }

    @Test("the fields of a header")
    func exposesFields() {
        let header = FrameHeader(opcode: .text, fin: false, rsv1: true, payloadLength: 7, maskingKey: MaskingKey(9))
        #expect(header.opcode == .text)
        #expect(!header.fin)
        #expect(header.rsv1)
        #expect(header.isMasked)
        #expect(header.maskingKey == MaskingKey(9))
        #expect(FrameHeader(opcode: .text, payloadLength: 0).fin)
        #expect(!FrameHeader(opcode: .text, payloadLength: 0).isMasked)
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var bytes: [UInt8]
        var rules: FrameRules
        var violation: ProtocolViolation

        init(_ name: String, _ hex: String, _ violation: ProtocolViolation, to rules: FrameRules = toClient) {
            (testDescription, bytes, self.rules, self.violation) = (name, Wire.hex(hex), rules, violation)
        }
    }

    static let withExtension = FrameRules(requiresMask: false, allowsRSV1: true)

    /// Each is two bytes: nothing of length, key or payload has come.
    static let faults: [Fault] =
        [
            Fault("FRM-02: unmasked frame from a client", "81 05", .unmaskedFrame, to: toServer),
            Fault("FRM-02: masked frame from a server", "81 85", .maskedFrame),
            Fault("FRM-02: masked frame of 64 bits from a server", "82 ff", .maskedFrame),
            Fault("FRM-03: RSV1 without an extension", "c1 05", .reservedBits(4)),
            Fault("FRM-03: RSV2", "a1 05", .reservedBits(2)),
            Fault("FRM-03: RSV3", "91 7f", .reservedBits(1)),
            Fault("FRM-03: all three", "f1 7e", .reservedBits(7)),
            Fault("FRM-03: RSV1 on a ping, with an extension", "c9 00", .reservedBits(4), to: withExtension),
            Fault("FRM-03: RSV2 beside an RSV1 that is allowed", "e1 05", .reservedBits(2), to: withExtension),
            Fault("FRM-04: fragmented ping", "09 00", .fragmentedControlFrame),
            Fault("FRM-04: fragmented close", "08 02", .fragmentedControlFrame),
            Fault("FRM-04: ping of 126 bytes or more", "89 7e", .controlFrameTooLong),
            Fault("FRM-04: close of 64 bits of length", "88 7f", .controlFrameTooLong),
            Fault("FRM-04: pong of 126 bytes or more to a server", "8a fe", .controlFrameTooLong, to: toServer),
        ]
        + ([3, 4, 5, 6, 7, 11, 12, 13, 14, 15] as [UInt8]).map {
            Fault("FRM-01: opcode \($0)", "8" + String($0, radix: 16) + "00", .reservedOpcode($0))
        }

    @Test(
        "D14: what the first two bytes get wrong is refused when two bytes have come, and not before", arguments: faults
    )
    func refusesAtTwoBytes(fault: Fault) {
        #expect(Self.parse(Array(fault.bytes.prefix(1)), fault.rules) == .needsMore)
        #expect(Self.parse(fault.bytes, fault.rules) == .violation(fault.violation))
    }

    static let lengths: [Fault] = [
        Fault("D14: 0 in 16 bits", "82 7e 00 00", .nonMinimalLength),
        Fault("D14: 125 in 16 bits", "82 7e 00 7d", .nonMinimalLength),
        Fault("D14: 0 in 64 bits", "82 7f 00 00 00 00 00 00 00 00", .nonMinimalLength),
        Fault("D14: 125 in 64 bits", "82 7f 00 00 00 00 00 00 00 7d", .nonMinimalLength),
        Fault("D14: 65535 in 64 bits", "82 7f 00 00 00 00 00 00 ff ff", .nonMinimalLength),
        Fault("D14, S3: only the top bit", "82 7f 80 00 00 00 00 00 00 00", .lengthTooLarge),
        Fault("D14, S3: all bits", "82 7f ff ff ff ff ff ff ff ff", .lengthTooLarge),
    ]

    @Test("lengths that take more bytes than needed, or have the top bit set, are refused (FRM-07)", arguments: lengths)
    func refusesLengths(fault: Fault) {
        #expect(Self.parse(fault.bytes, fault.rules) == .violation(fault.violation))
    }

    @Test("whatever is written is read again")
    func roundTripsAtRandom() {
        var generator = SeededGenerator(seed: 52)
        for _ in 0..<5000 {
            let isMasked = Bool.random(using: &generator)
            let opcode = [Opcode.continuation, .text, .binary].randomElement(using: &generator) ?? .text
            let length = Int(
                UInt64.random(in: 0 ... .max, using: &generator) >> UInt64.random(in: 1...63, using: &generator))
            let header = FrameHeader(
                opcode: opcode, fin: .random(using: &generator), rsv1: .random(using: &generator),
                payloadLength: length,
                maskingKey: isMasked ? MaskingKey(.random(in: 0 ... .max, using: &generator)) : nil)
            var written: [UInt8] = []
            header.encode(into: &written)
            let rules = FrameRules(requiresMask: isMasked, allowsRSV1: true)
            #expect(Self.parse(written, rules) == .header(header, size: header.encodedSize))
        }
    }

    @Test("no bytes at all make the parser trap")
    func survivesNoise() {
        var generator = SeededGenerator(seed: 14)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...16, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            let rules = FrameRules(requiresMask: .random(using: &generator), allowsRSV1: .random(using: &generator))
            if case .header(let header, let size) = Self.parse(bytes, rules) {
                #expect(size <= bytes.count && header.payloadLength >= 0)
            }
        }
    }

    @Test("of all first two bytes, the short way takes the short whole messages, and reads them as the long way does")
    func shortMessages() {
        for rules in [Self.toServer, Self.toClient] {
            for word in 0...0xFFFF {
                let bytes = [UInt8(word >> 8), UInt8(word & 0xFF), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
                let isShort = [0x81, 0x82].contains(word >> 8) && word & 0x7F <= 125
                let expected: Parsed
                if case .header(let header, let size) = Self.parse(bytes, rules), isShort {
                    expected = .header(header, size: size)
                } else {
                    expected = .needsMore
                }
                let found = FrameHeader.parseShortMessage(bytes.span, at: 0, rules: rules).map {
                    Parsed.header($0, size: $0.encodedSize)
                }
                guard found ?? .needsMore != expected else { continue }
                Issue.record("\(bytes.prefix(2)) gave \(String(describing: found))")
            }
        }
    }

    @Test("the short way leaves a header that is not whole to the long way", arguments: [0, 1, 2, 5])
    func cutShortMessages(count: Int) {
        let bytes = Array(Wire.hex("82 83 37 fa 21 3d").prefix(count))
        let header = FrameHeader.parseShortMessage(bytes.span, at: 0, rules: Self.toServer)
        #expect(header == nil)
    }

    @Test("a payload is written right behind its header, as it is")
    func writesPayload() {
        var output: [UInt8] = [9]
        let payload: [UInt8] = [1, 2, 3]
        FrameHeader(opcode: .binary, payloadLength: 3).encode(into: &output, before: payload.span)
        #expect(output == [9, 0x82, 3, 1, 2, 3])
    }
}
