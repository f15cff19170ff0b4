// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import NIOCore
import NIOWebSocket
import Testing

@testable import Alicorn

@Suite("NIOWebSocket's codec without a socket")
struct NIOWebSocketCodecTests {
    private func makeCodec(_ limit: Int? = 1 << 16) -> NIOWebSocketCodec {
        NIOWebSocketCodec(maximumMessageSize: limit)
    }

    private func decode(_ bytes: [UInt8], by codec: NIOWebSocketCodec) -> [NIOWebSocketCodec.Input] {
        codec.decode(bytes.span)
    }

    /// What came: opcode and payload, or the fault.
    private func words(_ input: [NIOWebSocketCodec.Input], _ codec: NIOWebSocketCodec) -> [String] {
        input.map { input in
            switch input {
            case .frame(let opcode, let payload): "\(UInt8(webSocketOpcode: opcode)) \(String(buffer: payload))"
            case .fault(let error): ProtocolViolation(error, in: codec).map { "\($0)" } ?? "unknown: \(error)"
            }
        }
    }

    private static let conversation: [ScriptedFrame] = [
        .text("hello"), .binary([]), ScriptedFrame(.text, Array("fr".utf8), isFinal: false), .ping([65]),
        ScriptedFrame(.continuation, [], isFinal: false), ScriptedFrame(.continuation, Array("ag".utf8)),
        .text(String(repeating: "x", count: 200)), .pong(), .close(.normalClosure, reason: "bye"),
    ]

    @Test("messages come whole and control frames between, wherever the bytes are cut (RFC 6455 §5.4)")
    func cuts() {
        let bytes = Self.conversation.flatMap { $0.bytes(from: .client) }
        let whole = makeCodec()
        let expected = words(decode(bytes, by: whole), whole)
        #expect(expected.count == 7 && expected[2...3] == ["9 A", "1 frag"])
        for cut in 1..<bytes.count {
            let codec = makeCodec()
            let input =
                decode(Array(bytes[..<cut]), by: codec) + decode(Array(bytes[cut...]), by: codec)
            #expect(words(input, codec) == expected, "cut at \(cut)")
        }
        let slow = makeCodec()
        #expect(words(bytes.flatMap { decode([$0], by: slow) }, slow) == expected, "byte by byte")
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        var bytes: [UInt8]
        var violation: ProtocolViolation
        var testDescription: String { "\(violation)" }

        /// Headers have a mask of zeros.
        init(_ bytes: [UInt8], _ violation: ProtocolViolation) {
            self.bytes = bytes
            self.violation = violation
        }
    }

    static let table: [Fault] = [
        Fault([0x81, 0x01, 0x61], .unmaskedFrame),
        Fault([0xC1, 0x80, 0, 0, 0, 0], .reservedBits(0b100)),
        Fault([0xB1, 0x80, 0, 0, 0, 0], .reservedBits(0b011)),
        Fault([0x83, 0x80, 0, 0, 0, 0], .reservedOpcode(3)),
        Fault([0x8F, 0x80, 0, 0, 0, 0], .reservedOpcode(15)),
        Fault([0x09, 0x80, 0, 0, 0, 0], .fragmentedControlFrame),
        Fault([0x89, 0xFE, 0, 126, 0, 0, 0, 0], .controlFrameTooLong),
        Fault([0x80, 0x80, 0, 0, 0, 0], .unexpectedContinuation),
        Fault([0x01, 0x80, 0, 0, 0, 0, 0x81, 0x80, 0, 0, 0, 0], .expectedContinuation),
        Fault([0x01, 0x80, 0, 0, 0, 0, 0x01, 0x80, 0, 0, 0, 0], .expectedContinuation),
        Fault(
            [0x82, 0xFF, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0], .messageTooBig(size: (1 << 16) + 1, limit: 1 << 16)),
        Fault(
            [0x82, 0xFF] + [UInt8](repeating: 0xFF, count: 8), .messageTooBig(size: (1 << 16) + 1, limit: 1 << 16)),
        Fault(
            [0x02, 0x80, 0, 0, 0, 0] + (0..<6000).flatMap { _ in [0x00, 0x80, 0, 0, 0, 0] as [UInt8] },
            .tooManyFragments(limit: 4096 + 1024)),
    ]

    @Test("what the client does against the rules is named (RFC 6455 §5)", arguments: table)
    func fault(_ row: Fault) {
        let codec = makeCodec()
        #expect(words(decode(row.bytes, by: codec), codec).first == "\(row.violation)")
    }

    @Test("a message's fragments may come to the limit, and not beyond it (U-C-21)")
    func fragmentsAtLimit() {
        func input(_ last: Int) -> [String] {
            let codec = makeCodec(100)
            let frames = [
                ScriptedFrame(.binary, [UInt8](repeating: 1, count: 60), isFinal: false),
                ScriptedFrame(.continuation, [UInt8](repeating: 1, count: last)),
            ]
            return words(decode(frames.flatMap { $0.bytes(from: .client) }, by: codec), codec)
        }
        #expect(input(40).first?.hasPrefix("2 ") == true)
        #expect(input(41) == ["message of at least 101 bytes exceeds the limit of 100"])
    }

    @Test("without a limit there is one: what fits into a buffer", arguments: [nil, Int.max])
    func unlimited(limit: Int?) {
        #expect(makeCodec(limit).maximumMessageSize == 1 << 30)
    }

    @Test("bytes at random do no harm, whatever they say and however they are cut")
    func random() async {
        var generator = SplitMix(state: 20)
        for _ in 0..<2000 {
            await Task.yield()
            let codec = makeCodec()
            var bytes = (0..<Int.random(in: 1...64, using: &generator)).map { _ in
                UInt8.random(in: .min ... .max, using: &generator)
            }
            // Half of them begin with a header that is right so far, to get further.
            if Bool.random(using: &generator) { bytes[0] = [0x81, 0x02, 0x89, 0x88].randomElement(using: &generator)! }
            let cut = Int.random(in: 0...bytes.count, using: &generator)
            let first = decode(Array(bytes[..<cut]), by: codec)
            guard !first.contains(where: { if case .fault = $0 { true } else { false } }) else { continue }
            for case .frame(let opcode, let payload) in decode(Array(bytes[cut...]), by: codec) {
                #expect(payload.readableBytes < 64)
                if opcode == .connectionClose { do { _ = try CloseFrame(nioPayload: payload) } catch {} }
            }
        }
    }

    @Test(
        "what is sent is not masked, and says its length in the fewest bytes", arguments: [0, 125, 126, 65535, 65536])
    func encoded(length: Int) {
        let codec = makeCodec()
        let payload = [UInt8](repeating: 9, count: length)
        codec.encode(.binary, ByteBuffer(bytes: payload))
        #expect(codec.outputCount > length)
        #expect(codec.takeOutput() == ScriptedFrame.binary(payload).bytes(from: .server))
        #expect(codec.outputCount == 0)
    }

    @Test(
        "close frames are read and written (RFC 6455 §5.5.1)",
        arguments: [
            CloseFrame(.normalClosure), CloseFrame(.noStatusReceived), CloseFrame(4999, reason: "Grüße"),
        ])
    func closeFrames(_ frame: CloseFrame) throws {
        #expect(try CloseFrame(nioPayload: frame.nioPayload) == frame)
    }

    @Test(
        "close frames that must not be are named (RFC 6455 §5.5.1, §7.4)",
        arguments: [
            ([3], .closeFrameTooShort), ([3, 237], .invalidCloseCode(1005)), ([0, 0], .invalidCloseCode(0)),
            ([255, 255], .invalidCloseCode(65535)), ([3, 232, 0xC0], .invalidCloseReason),
        ] as [([UInt8], ProtocolViolation)])
    func badCloseFrames(_ payload: [UInt8], _ violation: ProtocolViolation) {
        #expect(throws: violation) { try CloseFrame(nioPayload: ByteBuffer(bytes: payload)) }
    }
}

/// Sebastiano Vigna's generator: the same bytes in every run.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
