// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

@testable import AlicornDeflate

struct CompressorTests {
    static let hello = Array("Hello".utf8)
    static let tail: [UInt8] = [0x00, 0x00, 0xff, 0xff]

    @Test("RFC 7692 §7.2.3.1: a message is one block without the tail")
    func oneBlock() {
        #expect(mirrored().encode(Self.hello) == [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00])
    }

    @Test("RFC 7692 §7.2.3.2: with context takeover a message refers to the one before")
    func sharedWindow() {
        let transform = mirrored()
        #expect(transform.encode(Self.hello) == [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00])
        #expect(transform.encode(Self.hello) == [0xf2, 0x00, 0x11, 0x00, 0x00])
    }

    @Test("RFC 7692 §7.2.3.2: without context takeover each message stands alone, and no context is kept")
    func ownWindow() {
        let transform = mirrored(contextTakeover: false)
        for _ in 0..<3 {
            #expect(transform.encode(Self.hello) == [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00])
            #expect(!transform.holdsSendingContext)
        }
    }

    @Test("RFC 7692 §7.2.3.3: level 0 stores")
    func stored() {
        let transform = mirrored(15, settings: CompressionSettings(level: 0))
        #expect(transform.encode(Self.hello) == [0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00])
    }

    @Test("RFC 7692 §7.2.3.6: an empty message is the byte 00 and needs no context")
    func empty() {
        let transform = mirrored()
        #expect(transform.encode([]) == [0x00])
        #expect(!transform.holdsSendingContext)
    }

    @Test("EXT-11: each fragment ends in a sync flush, of which the last one lacks four bytes")
    func fragments() {
        let fragments = mirrored().encode(fragments: [Array("tea ".utf8), Array("time".utf8)])
        #expect(fragments[0] == [0x2a, 0x49, 0x4d, 0x54, 0x00, 0x00] + Self.tail)
        #expect(fragments[1] == [0x2a, 0xc9, 0xcc, 0x4d, 0x05, 0x00])
    }

    /// What this transform would send to many.
    private func standalone(_ message: [UInt8], by transform: PerMessageDeflate) -> [UInt8] {
        var output: [UInt8] = []
        transform.encodeStandalone(message.span, into: &output)
        return output
    }

    @Test(
        "BRD-04: what was compressed elsewhere goes between messages of one's own, in every window", arguments: 9...15)
    func standaloneMessages(bits: Int) throws {
        let window = try #require(WindowBits(exactly: bits))
        let elsewhere = mirrored(window, contextTakeover: false)
        let sender = mirrored(window)
        let receiver = mirrored(window)
        var generator = SeededGenerator(state: UInt64(bits))
        var isShared = false
        for _ in 0..<100 {
            let message = generator.payload(upTo: 6_000)
            if isShared {
                #expect(sender.standaloneForm(length: message.count) == elsewhere.standaloneForm(length: message.count))
                sender.willSendStandalone()
                #expect(try receiver.decode(standalone(message, by: elsewhere)) == message)
            } else {
                #expect(try receiver.decode(sender.encode(message)) == message)
            }
            isShared = Bool.random(using: &generator)
        }
    }

    @Test("a context that does not know of a message in between would refer to the wrong place: it has to go")
    func standaloneNeedsNewContext() throws {
        let text = Array("a sentence that comes twice, to be referred to".utf8)
        let between = Array("something else, in between".utf8)
        for isTold in [true, false] {
            let sender = mirrored()
            let receiver = mirrored()
            #expect(try receiver.decode(sender.encode(text)) == text)
            if isTold { sender.willSendStandalone() }
            #expect(sender.holdsSendingContext == !isTold)
            #expect(try receiver.decode(standalone(between, by: mirrored())) == between)
            let last = try? receiver.decode(sender.encode(text))
            #expect((last == text) == isTold)
        }
    }

    @Test("to make a message that stands alone changes nothing of the context, and leaves none behind")
    func standaloneLeavesContext() {
        let transform = mirrored()
        #expect(standalone(Self.hello, by: transform) == [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00])
        #expect(!transform.holdsSendingContext)
        #expect(transform.encode(Self.hello) == [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00])
        #expect(standalone(Self.hello, by: transform) == [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00])
        #expect(transform.encode(Self.hello) == [0xf2, 0x00, 0x11, 0x00, 0x00])
        #expect(standalone([], by: transform) == [0x00])
    }

    @Test("those make the same of a message whose window is large enough for it, and whose settings are the same")
    func standaloneForms() {
        let transforms = [
            mirrored(9), mirrored(15), mirrored(9, contextTakeover: false),
            mirrored(15, settings: CompressionSettings(level: 1)),
            mirrored(15, settings: CompressionSettings(memoryLevel: 8)),
        ]
        #expect(Set(transforms.map { $0.standaloneForm(length: 200) }).count == 3)
        #expect(Set(transforms.map { $0.standaloneForm(length: 2000) }).count == 4)
        let message = Array(repeating: Self.hello, count: 40).flatMap(\.self)
        #expect(standalone(message, by: transforms[0]) == standalone(message, by: transforms[1]))
    }

    @Test("a message that stands alone is no larger for the smaller window it is given", arguments: 1...12)
    func fittingWindow(step: Int) throws {
        var generator = SeededGenerator(state: 12)
        let half = (0..<(125 * step)).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let message = half + half
        let alone = mirrored(13, contextTakeover: false)
        let encoded = alone.encode(message)
        #expect(encoded == mirrored(13).encode(message))
        #expect(try alone.decode(encoded) == message)
    }

    @Test("an empty fragment adds nothing, and as the last one the byte that the tail goes with")
    func emptyFragments() throws {
        let transform = mirrored()
        let fragments = transform.encode(fragments: [[], Self.hello, [], []])
        #expect(fragments == [[], [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00] + Self.tail, [], [0x00]])
        #expect(try transform.decode(pieces: fragments) == Self.hello)
        #expect(try transform.decode(transform.encode(Self.hello)) == Self.hello)
    }

    @Test("without context takeover an empty last fragment releases the context")
    func releasedByEmptyFragment() {
        let transform = mirrored(contextTakeover: false)
        var output: [UInt8] = []
        transform.encode(Self.hello.span, endsMessage: false, into: &output)
        #expect(transform.holdsSendingContext)
        transform.encode([UInt8]().span, endsMessage: true, into: &output)
        #expect(!transform.holdsSendingContext)
    }

    @Test("the result is appended to what the output holds")
    func appends() {
        var output: [UInt8] = [1, 2, 3]
        mirrored().encode(Self.hello.span, endsMessage: true, into: &output)
        #expect(output == [1, 2, 3, 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00])
    }

    @Test("one flush ends a message however much room the output happens to have", arguments: 0..<200)
    func oneFlush(room: Int) throws {
        var generator = SeededGenerator(state: 3)
        let payload = (0..<120).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        for level in [0, 1, 6] {
            let settings = CompressionSettings(level: level)
            var output: [UInt8] = []
            output.reserveCapacity(room)
            mirrored(15, settings: settings).encode(payload.span, endsMessage: false, into: &output)
            #expect(output.count == payload.count + 10)
            #expect(output.suffix(5) == [0x00] + Self.tail)
            #expect(RawDeflate.inflate(output, count: payload.count) == payload)
        }
    }

    @Test("what goes through in one call has room to spare, however little zlib can do with it", arguments: 1...9)
    func oneCall(memoryLevel: Int) async {
        var generator = SeededGenerator(state: 5)
        for level in 0...9 {
            let settings = CompressionSettings(level: level, memoryLevel: memoryLevel)
            for length in [1, 100, 127, 1_000, 32_767, 32_768, 32_769, 70_000] {
                await Task.yield()
                let payload = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
                var output: [UInt8] = []
                mirrored(9, settings: settings).encode(payload.span, endsMessage: false, into: &output)
                #expect(output.count <= length + length / 16 + 16)
                #expect(output.suffix(4) == Self.tail[...])
                #expect(output.dropLast(5).suffix(4) != Self.tail[...])
                #expect(RawDeflate.inflate(output, count: length) == payload)
            }
        }
    }

    @Test("a long message is compressed in bounded steps, into at most double its size of room")
    func longMessage() throws {
        var generator = SeededGenerator(state: 4)
        let payload = (0..<1_000_000).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        for level in [0, 1, 6] {
            let transform = mirrored(12, settings: CompressionSettings(level: level))
            var output: [UInt8] = []
            transform.encode(payload.span, endsMessage: true, into: &output)
            #expect(output.count < payload.count + payload.count / 400)
            #expect(output.capacity < 2 * payload.count + 131_072)
            #expect(try transform.decode(output) == payload)
        }
    }

    @Test("a stock inflater reads what is sent, with the negotiated window", arguments: 9...15)
    func stockInflater(bits: Int) throws {
        var generator = SeededGenerator(state: UInt64(bits))
        let transform = mirrored(try #require(WindowBits(exactly: bits)))
        var sent: [UInt8] = []
        var expected: [UInt8] = []
        for _ in 0..<20 {
            let payload = generator.payload(upTo: 5_000)
            expected += payload
            sent += transform.encode(payload) + Self.tail
        }
        #expect(RawDeflate.inflate(sent, count: expected.count) == expected)
    }
}
