// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

/// RFC 6455 §5.4, §8.1, §10.4; the LIM rows.
struct IncomingMessageTests {
    static func header(
        _ opcode: Opcode, _ length: Int, fin: Bool = true, rsv1: Bool = false
    ) -> FrameHeader {
        FrameHeader(opcode: opcode, fin: fin, rsv1: rsv1, payloadLength: length)
    }

    static func append(_ text: [UInt8], to message: inout IncomingMessage) throws(ProtocolViolation) {
        try message.append(text.span, 0..<text.count)
    }

    @Test("a whole message is accepted within both limits, and not within another message")
    func acceptsWholeMessages() throws {
        var message = IncomingMessage(maximumSize: 5, maximumFrameSize: 4)
        #expect(message.accepts(wholeMessageOf: 4))
        #expect(!message.accepts(wholeMessageOf: 5))
        #expect(!IncomingMessage(maximumSize: 3, maximumFrameSize: nil).accepts(wholeMessageOf: 4))
        try message.begin(frame: Self.header(.binary, 0, fin: false))
        #expect(!message.accepts(wholeMessageOf: 0))
    }

    // MARK: Order (FRM-05)

    @Test("a continuation needs a message in progress")
    func refusesUnexpectedContinuation() throws {
        var message = IncomingMessage(maximumSize: nil, maximumFrameSize: nil)
        #expect(throws: ProtocolViolation.unexpectedContinuation) {
            try message.begin(frame: Self.header(.continuation, 0))
        }
        try message.begin(frame: Self.header(.text, 0))
        try message.end()
        #expect(throws: ProtocolViolation.unexpectedContinuation) {
            try message.begin(frame: Self.header(.continuation, 0))
        }
    }

    @Test("a message in progress goes on with continuations only", arguments: [Opcode.text, .binary])
    func refusesInterleaving(opcode: Opcode) throws {
        var message = IncomingMessage(maximumSize: nil, maximumFrameSize: nil)
        try message.begin(frame: Self.header(.binary, 0, fin: false))
        #expect(throws: ProtocolViolation.expectedContinuation) { try message.begin(frame: Self.header(opcode, 0)) }
        try message.begin(frame: Self.header(.continuation, 0))
    }

    @Test("RSV1 may be set on the first frame only (RFC 7692 §6.1)")
    func refusesCompressedContinuation() throws {
        var message = IncomingMessage(maximumSize: nil, maximumFrameSize: nil)
        try message.begin(frame: Self.header(.text, 0, fin: false, rsv1: true))
        #expect(message.isCompressed)
        #expect(throws: ProtocolViolation.compressedContinuation) {
            try message.begin(frame: Self.header(.continuation, 0, rsv1: true))
        }
    }

    @Test("between messages it is of no kind, and nothing is compressed")
    func forgets() throws {
        var message = IncomingMessage(maximumSize: nil, maximumFrameSize: nil)
        #expect(message.kind == .binary && !message.isCompressed)
        try message.begin(frame: Self.header(.text, 3, rsv1: true))
        #expect(message.kind == .text && message.isCompressed)
        try message.end()
        #expect(message.kind == .binary && !message.isCompressed)
    }

    // MARK: Limits

    @Test("LIM-01: a message of exactly the limit is accepted, whole or in fragments; the next byte is refused")
    func limitsMessage() throws {
        var message = IncomingMessage(maximumSize: 1000, maximumFrameSize: nil)
        try message.begin(frame: Self.header(.binary, 1000))
        try message.end()
        try message.begin(frame: Self.header(.binary, 400, fin: false))
        try message.begin(frame: Self.header(.continuation, 600, fin: false))
        #expect(throws: ProtocolViolation.messageTooBig(size: 1001, limit: 1000)) {
            try message.begin(frame: Self.header(.continuation, 1))
        }
    }

    @Test("LIM-02: what is too big is refused on its header, which tells the size", arguments: [1001, .max - 1, .max])
    func refusesOnHeader(length: Int) {
        var message = IncomingMessage(maximumSize: 1000, maximumFrameSize: nil)
        #expect(throws: ProtocolViolation.messageTooBig(size: length, limit: 1000)) {
            try message.begin(frame: Self.header(.binary, length))
        }
    }

    @Test("the limit on frames is inclusive, and comes before that on messages")
    func limitsFrames() throws {
        var message = IncomingMessage(maximumSize: 1000, maximumFrameSize: 100)
        try message.begin(frame: Self.header(.binary, 100, fin: false))
        try message.begin(frame: Self.header(.continuation, 100))
        try message.end()
        #expect(throws: ProtocolViolation.frameTooBig(size: 2000, limit: 100)) {
            try message.begin(frame: Self.header(.binary, 2000))
        }
    }

    @Test("a limit of zero accepts empty messages; one below zero is zero", arguments: [0, -1, Int.min])
    func limitsToNothing(limit: Int) throws {
        for isCompressed in [false, true] {
            var message = IncomingMessage(maximumSize: limit, maximumFrameSize: nil)
            try message.begin(frame: Self.header(.binary, 0, rsv1: isCompressed))
            #expect(message.remainingSize == 0)
            #expect(throws: ProtocolViolation.messageTooBig(size: 1, limit: 0)) { try Self.append([1], to: &message) }
        }
        var frames = IncomingMessage(maximumSize: nil, maximumFrameSize: limit)
        try frames.begin(frame: Self.header(.binary, 0))
    }

    @Test("S3: no sum of lengths overflows, with any limit", arguments: [nil, .max, .max - 1, .max / 2] as [Int?])
    func survivesGreatLengths(limit: Int?) throws {
        for isCompressed in [false, true] {
            for length in [Int.max, .max - 1, .max / 2] {
                var message = IncomingMessage(maximumSize: limit, maximumFrameSize: nil)
                let refused = try? #require(throws: ProtocolViolation.self) {
                    try message.begin(frame: Self.header(.binary, length, fin: false, rsv1: isCompressed))
                    for _ in 0..<5 { try message.begin(frame: Self.header(.continuation, length, fin: false)) }
                }
                #expect(refused?.closeCode == .messageTooBig)
            }
        }
    }

    @Test("S2: Autobahn 9.3: 4 MiB in fragments of 64 bytes are accepted")
    func acceptsManyFragments() throws {
        let size = 4 << 20
        var message = IncomingMessage(maximumSize: size, maximumFrameSize: nil)
        try message.begin(frame: Self.header(.binary, 64, fin: false))
        for _ in 1..<(size / 64) { try message.begin(frame: Self.header(.continuation, 64, fin: false)) }
        try message.begin(frame: Self.header(.continuation, 0))
    }

    @Test("S2: a flood of fragments that are empty, or almost, is refused", arguments: [0, 1])
    func refusesFragmentFlood(length: Int) throws {
        var message = IncomingMessage(maximumSize: 1 << 20, maximumFrameSize: nil)
        let limit = (1 << 20) / 16 + 4096
        try message.begin(frame: Self.header(.binary, length, fin: false))
        for _ in 1..<limit { try message.begin(frame: Self.header(.continuation, length, fin: false)) }
        #expect(throws: ProtocolViolation.tooManyFragments(limit: limit)) {
            try message.begin(frame: Self.header(.continuation, length, fin: false))
        }
    }

    @Test("RCV-10: a limit on the number of fragments is inclusive, and at least one")
    func limitsFragments() throws {
        for (configured, limit) in [(3, 3), (1, 1), (0, 1), (-5, 1), (.max, 4096)] {
            var message = IncomingMessage(maximumSize: 0, maximumFrameSize: nil, maximumFragments: configured)
            try message.begin(frame: Self.header(.binary, 0, fin: false))
            for _ in 1..<limit { try message.begin(frame: Self.header(.continuation, 0, fin: false)) }
            #expect(throws: ProtocolViolation.tooManyFragments(limit: limit)) {
                try message.begin(frame: Self.header(.continuation, 0, fin: false))
            }
        }
    }

    @Test("the count of fragments begins anew with each message")
    func countsPerMessage() throws {
        var message = IncomingMessage(maximumSize: 0, maximumFrameSize: nil)
        for _ in 0..<3 {
            try message.begin(frame: Self.header(.binary, 0, fin: false))
            for _ in 1..<4096 { try message.begin(frame: Self.header(.continuation, 0, fin: false)) }
            try message.end()
        }
    }

    @Test("D8: compressed data may be longer on the wire than the message may be, and is counted after decompression")
    func limitsCompressed() throws {
        var message = IncomingMessage(maximumSize: 1000, maximumFrameSize: nil)
        try message.begin(frame: Self.header(.binary, 1011, rsv1: true))
        try Self.append(Array(repeating: 7, count: 1000), to: &message)
        #expect(message.remainingSize == 0)
        #expect(throws: ProtocolViolation.messageTooBig(size: 1001, limit: 1000)) { try Self.append([7], to: &message) }
    }

    @Test("D8: what a sync flush adds to each of many small fragments is not held against the message")
    func allowsFlushes() throws {
        var message = IncomingMessage(maximumSize: 1000, maximumFrameSize: nil)
        try message.begin(frame: Self.header(.binary, 11, fin: false, rsv1: true))
        for _ in 1..<1000 { try message.begin(frame: Self.header(.continuation, 11, fin: false)) }
    }

    @Test("compressed data of any length has a limit all the same (S1)")
    func limitsWire() {
        var message = IncomingMessage(maximumSize: 1000, maximumFrameSize: nil)
        #expect(throws: ProtocolViolation.messageTooBig(size: 70_000, limit: 1000)) {
            try message.begin(frame: Self.header(.binary, 70_000, rsv1: true))
        }
    }

    // MARK: Text

    @Test("D15: the first impossible byte is told by its place in the message, over all pieces before it")
    func tellsPosition() throws {
        var message = IncomingMessage(maximumSize: nil, maximumFrameSize: nil)
        try message.begin(frame: Self.header(.text, 100))
        try Self.append(Array("\u{E9}t\u{E9}".utf8), to: &message)
        try message.append([0xFF, 0xC3], 1..<2)
        try message.append([0xFF, 0xA9, 0x41, 0xFF], 1..<3)
        #expect(throws: ProtocolViolation.invalidText(position: 9)) { try message.append([0xFF, 0x41, 0xFF], 1..<3) }
    }

    @Test("a text that ends inside a character is told with its length; binary data may be anything")
    func checksEnd() throws {
        var message = IncomingMessage(maximumSize: nil, maximumFrameSize: nil)
        try message.begin(frame: Self.header(.binary, 2))
        try Self.append([0xFF, 0xC3], to: &message)
        try message.end()
        try message.begin(frame: Self.header(.text, 2))
        try Self.append([0x41, 0xC3], to: &message)
        #expect(throws: ProtocolViolation.invalidText(position: 2)) { try message.end() }
    }

    // MARK: Pieces

    @Test("the first piece starts the message, and announces no more than the limit leaves (S4)")
    func makesPieces() throws {
        var message = IncomingMessage(maximumSize: 100, maximumFrameSize: nil)
        try message.begin(frame: Self.header(.text, 50))
        try Self.append(Array(repeating: 0x41, count: 10), to: &message)
        #expect(
            message.piece(at: .input(3..<13), endsMessage: false, announced: 40)
                == MessagePiece(
                    kind: .text, startsMessage: true, endsMessage: false, location: .input(3..<13), announced: 40))
        #expect(
            message.piece(at: .restored, endsMessage: true, announced: .max)
                == MessagePiece(
                    kind: .text, startsMessage: false, endsMessage: true, location: .restored, announced: 90))
    }

    @Test("sizes are added without overflow")
    func addsClamped() {
        #expect(2.addingClamped(3) == 5)
        #expect(Int.max.addingClamped(1) == .max)
    }
}

extension IncomingMessage {
    fileprivate mutating func append(_ bytes: [UInt8], _ range: Range<Int>) throws(ProtocolViolation) {
        try append(bytes.span, range)
    }
}
