// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

@testable import AlicornDeflate

struct PerMessageDeflateTests {
    @Test("S18: a connection holds no context until a message needs it")
    func lazyContexts() throws {
        let transform = mirrored()
        #expect(!transform.holdsSendingContext)
        #expect(!transform.holdsReceivingContext)
        let message = transform.encode([1, 2, 3])
        #expect(transform.holdsSendingContext)
        #expect(!transform.holdsReceivingContext)
        #expect(try transform.decode(message) == [1, 2, 3])
        #expect(transform.holdsReceivingContext)
    }

    @Test("EXT-13: without context takeover a connection holds no context between messages")
    func releasedContexts() throws {
        let transform = mirrored(contextTakeover: false)
        let fragments = transform.encode(fragments: [[1, 2], [3]])
        #expect(!transform.holdsSendingContext)
        #expect(try transform.decode(pieces: fragments) == [1, 2, 3])
        #expect(!transform.holdsReceivingContext)
    }

    @Test(
        "BRD-04: a message for many is compressed from an empty window, and the context that does not know it is let go"
    )
    func standalone() throws {
        let transform = mirrored()
        _ = transform.encode([1, 2, 3])
        #expect(transform.standaloneForm(length: 5) == mirrored().standaloneForm(length: 5))
        var output: [UInt8] = []
        transform.encodeStandalone(Array("Hello".utf8).span, into: &output)
        #expect(output == [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00])
        #expect(transform.holdsSendingContext)
        transform.willSendStandalone()
        #expect(!transform.holdsSendingContext)
    }

    @Test("S19: a message is worth compressing from the threshold on", arguments: [0, 1, 64, 1_000])
    func threshold(bytes: Int) {
        let transform = mirrored(15, settings: CompressionSettings(threshold: bytes))
        #expect(transform.isWorthTransforming(length: bytes))
        #expect(!transform.isWorthTransforming(length: bytes - 1))
    }

    @Test("unless told, a direction has the largest window and takes its context over")
    func defaults() {
        #expect(PerMessageDeflate.Direction() == .init(maxWindowBits: 15, contextTakeover: true))
    }

    @Test("compressing with a window of 8 is a programming error")
    func misuse() async {
        await #expect(processExitsWith: .failure) { _ = mirrored(8) }
    }

    @Test(
        "a window of 8 is read, from a peer that keeps to it and from a zlib that made it 9", arguments: [true, false])
    func smallestWindow(contextTakeover: Bool) throws {
        let receiver = PerMessageDeflate(
            sending: .init(), receiving: .init(maxWindowBits: 8, contextTakeover: contextTakeover))
        let sender = mirrored(9, contextTakeover: contextTakeover)
        var generator = SeededGenerator(state: 88)
        for _ in 0..<50 {
            let payload = generator.payload(upTo: 2_000)
            #expect(try receiver.decode(sender.encode(payload)) == payload)
        }
    }

    @Test("what is encoded is decoded again, in every window, level and cut", arguments: 9...15, [true, false])
    func roundTrip(bits: Int, contextTakeover: Bool) throws {
        let window = try #require(WindowBits(exactly: bits))
        var generator = SeededGenerator(state: UInt64(bits * 2 + (contextTakeover ? 1 : 0)))
        for level in 0...9 {
            let settings = CompressionSettings(level: level, memoryLevel: max(level, 1))
            let sender = mirrored(window, contextTakeover: contextTakeover, settings: settings)
            let receiver = mirrored(window, contextTakeover: contextTakeover)
            for _ in 0..<12 {
                let payload = generator.payload(upTo: 4_000)
                let fragments = sender.encode(fragments: generator.pieces(of: payload, most: 4))
                let pieces = generator.pieces(of: fragments.flatMap(\.self), most: 6)
                let capacity = Int.random(in: 1...6_000, using: &generator)
                #expect(try receiver.decode(pieces: pieces, capacity: capacity) == payload)
            }
        }
    }

    @Test("the window and context takeover of one direction do not touch the other")
    func asymmetry() throws {
        let client = PerMessageDeflate(
            sending: .init(maxWindowBits: 9, contextTakeover: false), receiving: .init(maxWindowBits: 15))
        let server = PerMessageDeflate(
            sending: .init(maxWindowBits: 15), receiving: .init(maxWindowBits: 9, contextTakeover: false))
        var generator = SeededGenerator(state: 99)
        for _ in 0..<50 {
            let payload = generator.payload(upTo: 3_000)
            #expect(try server.decode(client.encode(payload)) == payload)
            #expect(try client.decode(server.encode(payload)) == payload)
        }
        #expect(!client.holdsSendingContext && client.holdsReceivingContext)
        #expect(server.holdsSendingContext && !server.holdsReceivingContext)
    }
}
