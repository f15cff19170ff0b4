// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import CZlib
import Testing

@testable import AlicornDeflate

struct DecompressorTests {
    static let hello = Array("Hello".utf8)
    static let truncated = TransformFailure("the compressed message is truncated")
    static let corrupt = TransformFailure("the compressed data is corrupt")

    @Test(
        "the examples of RFC 7692 §7.2.3 are read, whole and cut at each byte",
        arguments: [
            // §7.2.3.1 one block; §7.2.3.3 a stored block; §7.2.3.4 BFINAL; §7.2.3.5 two blocks
            [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00],
            [0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00],
            [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00],
            [0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00],
        ] as [[UInt8]])
    func examples(message: [UInt8]) throws {
        for contextTakeover in [true, false] {
            for cut in 0...message.count {
                let transform = mirrored(contextTakeover: contextTakeover)
                let pieces = [Array(message[..<cut]), Array(message[cut...])]
                #expect(try transform.decode(pieces: pieces) == Self.hello)
                #expect(try transform.decode(pieces: message.map { [$0] }, capacity: 1) == Self.hello)
                #expect(transform.holdsReceivingContext == contextTakeover)
            }
        }
    }

    @Test("RFC 7692 §7.2.3.2: a message that refers to the one before needs context takeover")
    func sharedWindow() throws {
        let second: [UInt8] = [0xf2, 0x00, 0x11, 0x00, 0x00]
        let transform = mirrored()
        _ = try transform.decode([0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00])
        #expect(try transform.decode(second) == Self.hello)

        let alone = mirrored(contextTakeover: false)
        _ = try alone.decode([0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00])
        #expect(throws: Self.corrupt) { try alone.decode(second) }
    }

    @Test("RFC 7692 §7.2.3.6: an empty message is the byte 00, one without any byte is taken for it")
    func empty() throws {
        let transform = mirrored()
        for message in [[0x00], [], [0x00]] as [[UInt8]] {
            #expect(try transform.decode(message) == [])
        }
        #expect(try transform.decode([0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]) == Self.hello)
        #expect(try transform.decode([]) == [])
        #expect(try transform.decode([0xf2, 0x00, 0x11, 0x00, 0x00]) == Self.hello)
    }

    // MARK: BFINAL

    @Test("D7: a stream that the peer ends with BFINAL does not empty later messages", arguments: [true, false])
    func endedStreams(contextTakeover: Bool) throws {
        let transform = mirrored(contextTakeover: contextTakeover)
        let peer = RawDeflate()
        for word in ["one", "two", "three", "three"] {
            let message = peer.deflate(Array(word.utf8), Z_FINISH)
            peer.reset()
            // With the empty block of RFC 7692 §7.2.3.4 and without, as some clients send it.
            #expect(try transform.decode(message + [0x00]) == Array(word.utf8))
            #expect(try transform.decode(message) == Array(word.utf8))
        }
        #expect(try transform.decode([0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]) == Self.hello)
    }

    @Test("D7: after BFINAL a peer may go on with the window, within a message and across messages")
    func keptWindow() throws {
        let transform = mirrored()
        let peer = RawDeflate()
        let payload = Array("a text that is long enough to be worth referring to".utf8)
        let first = peer.deflate(payload, Z_FINISH)
        peer.reset(dictionary: payload)
        let second = peer.deflate(payload, Z_FINISH)
        #expect(second.count < 10)
        #expect(try transform.decode(first + second + [0x00]) == payload + payload)
        #expect(try transform.decode(second + [0x00]) == payload)
        for cut in 0...second.count {
            #expect(try transform.decode(pieces: [Array(second[..<cut]), second[cut...] + [0x00]]) == payload)
        }
        // A message by itself still is by itself.
        let alone = mirrored(contextTakeover: false)
        #expect(try alone.decode(first + [0x00]) == payload)
        #expect(throws: Self.corrupt) { try alone.decode(second + [0x00]) }
    }

    @Test("D7: the window that is kept wraps around as zlib's does")
    func keptLongWindow() throws {
        var generator = SeededGenerator(state: 7)
        let transform = mirrored(9)
        let peer = RawDeflate(windowBits: 9)
        var window: [UInt8] = []
        for _ in 0..<200 {
            let payload = generator.payload(upTo: 700)
            let message = peer.deflate(payload, Z_FINISH)
            #expect(try transform.decode(message + [0x00]) == payload)
            window = (window + payload).suffix(512)
            peer.reset(dictionary: window)
        }
    }

    @Test("D7: the stream may end inside the tail that the receiver adds")
    func endedByTail() throws {
        let transform = mirrored()
        // A stored final block without content, of which the tail is the length.
        #expect(try transform.decode([0x01]) == [])
        #expect(try transform.decode([0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x04]) == Self.hello)
        #expect(try transform.decode([0xf2, 0x00, 0x11, 0x00, 0x00]) == Self.hello)
    }

    @Test("S17: a message of nothing but final blocks takes linear time")
    func floodOfFinalBlocks() throws {
        let transform = mirrored()
        _ = try transform.decode(mirrored().encode(Array(repeating: 7, count: 40_000)))
        let blocks = Array(repeating: [0x03, 0x00] as [UInt8], count: 500_000).flatMap(\.self)
        #expect(try transform.decode(blocks) == [])
    }

    // MARK: Limits

    @Test("D8: a message of just the capacity is told from one that is a byte longer")
    func exactCapacity() throws {
        var generator = SeededGenerator(state: 8)
        let payloads = [
            (0..<1_000).map { _ in UInt8.random(in: .min ... .max, using: &generator) },
            Array(repeating: 7, count: 1_000),
        ]
        for payload in payloads {
            for fragments in [[payload], [Array(payload[..<500]), Array(payload[500...])], [payload, []]] {
                let message = mirrored().encode(fragments: fragments).flatMap(\.self)
                for (capacity, expected) in [(1_000, DecodeProgress.endOfMessage), (999, .hasMoreOutput)] {
                    var output: [UInt8] = []
                    var position = 0
                    let progress = try mirrored().decode(
                        message.span, from: &position, endsMessage: true, into: &output, capacity: capacity)
                    #expect(progress == expected)
                    #expect(output == Array(payload[..<capacity]))
                }
            }
        }
    }

    @Test("a message that ends at the end of a block is complete, wherever the capacity ends", arguments: 1...33)
    func endsAtBoundary(capacity: Int) throws {
        // One block without the tail: the literal 01 and a match of 31 bytes, then the end of the block ends the last byte.
        let message: [UInt8] = [0x62, 0x24, 0x00, 0x00]
        let transform = mirrored(9)
        for pieces in [[message], message.map { [$0] }] {
            #expect(try transform.decode(pieces: pieces, capacity: capacity) == [UInt8](repeating: 1, count: 32))
        }
    }

    @Test("a capacity of nothing says whether there is something, and loses nothing", arguments: [0, -1])
    func noCapacity(capacity: Int) throws {
        let transform = mirrored()
        let message: [UInt8] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]
        var output: [UInt8] = []
        var position = 0
        for _ in 0..<3 {
            let progress = try transform.decode(
                message.span, from: &position, endsMessage: true, into: &output, capacity: capacity)
            #expect(progress == .hasMoreOutput)
            #expect(output == [])
        }
        let progress = try transform.decode(
            message.span, from: &position, endsMessage: true, into: &output, capacity: 5)
        #expect(progress == .endOfMessage)
        #expect(output == Self.hello)
        position = 0
        #expect(
            try transform.decode([0x00].span, from: &position, endsMessage: true, into: &output, capacity: capacity)
                == .endOfMessage)
    }

    @Test("S1: of a gibibyte of zeros no more than the limit is restored, in memory of that order")
    func bomb() throws {
        let bomb = Self.gibibyteOfZeros()
        #expect(bomb.count < 1_200_000)
        let limit = 1_048_576
        let transform = mirrored()
        var output: [UInt8] = []
        var position = 0
        let progress = try transform.decode(
            bomb.span, from: &position, endsMessage: true, into: &output, capacity: limit)
        #expect(progress == .hasMoreOutput)
        #expect(output.count == limit)
        #expect(output.capacity < 2 * limit + 131_072)
        #expect(position < 3_000)
    }

    @Test("S1: a gibibyte of zeros goes through piece by piece in the memory of a piece")
    func streamedBomb() throws {
        let bomb = Self.gibibyteOfZeros()
        let transform = mirrored()
        var output: [UInt8] = []
        var position = 0
        var total = 0
        var progress = DecodeProgress.hasMoreOutput
        while progress == .hasMoreOutput {
            output.removeAll(keepingCapacity: true)
            progress = try transform.decode(
                bomb.span, from: &position, endsMessage: true, into: &output, capacity: 65_536)
            total += output.count
        }
        #expect(progress == .endOfMessage)
        #expect(total == 1_073_741_824)
        #expect(output.capacity <= 262_144)
    }

    /// A fragment that stands alone, over and over.
    static func gibibyteOfZeros() -> [UInt8] {
        let zeros = [UInt8](repeating: 0, count: 1_048_576)
        let fragment = mirrored(15, settings: CompressionSettings(level: 9)).encode(fragments: [zeros, []])[0]
        return Array(repeating: fragment, count: 1_024).flatMap(\.self) + [0x00]
    }

    // MARK: Faults

    @Test(
        "S16: corrupt data is a failure that stays, and frees the context",
        arguments: [
            [0x06],  // block type 3
            [0x00, 0x05, 0x00, 0x00, 0x00],  // a stored block whose length does not agree with its complement
            [0xf2, 0x00, 0x11, 0x00, 0x00],  // a distance to before the beginning
            [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x06],  // garbage after a final block
            [0xff, 0xff, 0xff, 0xff],
        ] as [[UInt8]])
    func corruption(message: [UInt8]) {
        let transform = mirrored()
        #expect(throws: Self.corrupt) { try transform.decode(message) }
        #expect(!transform.holdsReceivingContext)
        #expect(throws: Self.corrupt) { try transform.decode([0x00]) }
        #expect(throws: Self.corrupt) { try transform.decode([]) }
        #expect(transform.encode(Self.hello) == [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00])
    }

    @Test(
        "a message that ends inside a block is a failure",
        arguments: [
            [0xf2, 0x48, 0xcd],
            [0xf2, 0x48, 0xcd, 0xc9, 0xc9],
            [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07],
            [0xf3, 0x48, 0xcd, 0xc9, 0xc9],  // the tail ends the final block, and then begins another
            [0x00, 0x05],
            [0x00, 0x05, 0x00, 0xfa, 0xff, 0x48],  // the tail goes into the stored block
            [0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65],
            [0x00, 0x05, 0x00, 0xfa, 0xff],
            [0x04],  // a dynamic block's header
        ] as [[UInt8]])
    func truncation(message: [UInt8]) {
        for contextTakeover in [true, false] {
            let transform = mirrored(contextTakeover: contextTakeover)
            #expect(throws: TransformFailure.self) { try transform.decode(message) }
            #expect(!transform.holdsReceivingContext)
        }
    }

    @Test("a stored block that the tail would complete is a failure")
    func tailAsContent() {
        // Four of eight bytes are there.
        let message: [UInt8] = [0x00, 0x08, 0x00, 0xf7, 0xff, 1, 2, 3, 4]
        #expect(throws: Self.truncated) { try mirrored().decode(message) }
    }

    @Test("S16: a failure after the limit was reached is a failure as well")
    func failureBeyondLimit() throws {
        let transform = mirrored()
        let message = mirrored().encode(fragments: [Array(repeating: 7, count: 1_000), []])[0] + [0x06]
        var output: [UInt8] = []
        var position = 0
        let progress = try transform.decode(
            message.span, from: &position, endsMessage: true, into: &output, capacity: 100)
        #expect(progress == .hasMoreOutput)
        #expect(throws: Self.corrupt) {
            try transform.decode(message.span, from: &position, endsMessage: true, into: &output, capacity: 1_000)
        }
    }

    @Test("S16: whatever arrives is restored or refused")
    func randomInput() {
        var generator = SeededGenerator(state: 16)
        for round in 0..<3_000 {
            let transform = mirrored(round.isMultiple(of: 2) ? 9 : 15, contextTakeover: round.isMultiple(of: 3))
            for _ in 0..<3 {
                var message = transform.encode(generator.payload(upTo: 300))
                for _ in 0..<Int.random(in: 0...3, using: &generator) where !message.isEmpty {
                    let index = Int.random(in: message.indices, using: &generator)
                    message[index] = UInt8.random(in: .min ... .max, using: &generator)
                }
                let pieces = generator.pieces(of: message, most: 4)
                let capacity = Int.random(in: 1...90, using: &generator)
                if let output = try? transform.decode(pieces: pieces, capacity: capacity) {
                    #expect(output.count <= message.count * 1_032 + 300)
                }
            }
        }
    }
}
