// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

/// RFC 6455 §5.3.
struct MaskTests {
    static func masked(_ bytes: [UInt8], _ key: MaskingKey, in range: Range<Int>) -> [UInt8] {
        var bytes = bytes
        var span = bytes.mutableSpan
        key.apply(to: &span, in: range)
        return bytes
    }

    @Test("the masked Hello of RFC 6455 §5.7")
    func masksExample() {
        let key = MaskingKey(0x3D21_FA37)
        #expect((0..<4).map { key[$0] } == [0x37, 0xFA, 0x21, 0x3D])
        #expect(Self.masked(Array("Hello".utf8), key, in: 0..<5) == Wire.hex("7f 9f 4d 51 58"))
        #expect(Self.masked(Wire.hex("7f 9f 4d 51 58"), key, in: 0..<5) == Array("Hello".utf8))
    }

    @Test("octet i is combined with octet i modulo 4 of the key, at every alignment and length, and nothing beside")
    func masksRanges() {
        let key = MaskingKey(0x8142_2418)
        let bytes = (0..<48).map { UInt8(truncatingIfNeeded: $0 * 37 + 11) }
        for start in 0...16 {
            for end in start...48 {
                let expected = bytes.enumerated().map { index, byte in
                    start <= index && index < end ? byte ^ key[(index - start) % 4] : byte
                }
                #expect(Self.masked(bytes, key, in: start..<end) == expected)
            }
        }
    }

    @Test("long payloads are masked like short ones, wherever they lie in memory")
    func masksLongRanges() {
        let key = MaskingKey(0x8142_2418)
        let bytes = (0..<400).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
        for start in 0..<64 {
            for count in [127, 128, 129, 191, 192, 200, 255, 256, 300] {
                let range = start..<start + count
                let expected = bytes.enumerated().map { range.contains($0) ? $1 ^ key[($0 - start) % 4] : $1 }
                #expect(Self.masked(bytes, key, in: range) == expected)
            }
        }
    }

    @Test("unmasking tells whether all is ASCII now, whichever byte is not, and changes nothing beside")
    func findsASCII() {
        let key = MaskingKey(0x8142_2418)
        for count in 0...40 {
            for odd in 0...count {
                // At the place `count` none of them is odd.
                let text = (0..<count).map { $0 == odd ? 0x80 : UInt8($0) }
                var bytes = [0xFF] + Self.masked(text, key, in: 0..<count) + [0xFF]
                var span = bytes.mutableSpan
                #expect(key.applyFindingASCII(to: &span, in: 1..<count + 1) == (odd == count))
                #expect(bytes == [0xFF] + text + [0xFF])
            }
        }
    }

    @Test("no bytes are masked without harm")
    func masksNothing() {
        #expect(Self.masked([], MaskingKey(7), in: 0..<0) == [])
        #expect(Self.masked([1, 2], MaskingKey(7), in: 2..<2) == [1, 2])
    }

    @Test("a payload that comes in two pieces is masked as in one, wherever it is cut")
    func advances() {
        let key = MaskingKey(0xDEAD_BEEF)
        let bytes = (0..<23).map { UInt8($0) }
        let whole = Self.masked(bytes, key, in: 0..<23)
        for cut in 0...23 {
            let first = Self.masked(bytes, key, in: 0..<cut)
            #expect(Self.masked(first, key.advanced(by: cut), in: cut..<23) == whole)
        }
        #expect(key.advanced(by: .max) == key.advanced(by: 3))
    }

    @Test("masking twice is the identity")
    func isInvolution() {
        var generator = SeededGenerator(seed: 53)
        for _ in 0..<200 {
            let key = MaskingKey(UInt32.random(in: 0 ... .max, using: &generator))
            let bytes = (0..<Int.random(in: 0...300, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            let masked = Self.masked(bytes, key, in: 0..<bytes.count)
            #expect(Self.masked(masked, key, in: 0..<bytes.count) == bytes)
        }
    }
}
