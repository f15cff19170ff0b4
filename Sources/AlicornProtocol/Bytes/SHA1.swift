// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// SHA-1 of FIPS 180-4 §6.1, for the handshake's accept value only (RFC 6455 §4.2.2).
///
/// It is no longer collision-resistant; the handshake does not need it to be (RFC 6455 §10.8).
package enum SHA1 {
    /// The 20 bytes of the digest of `message`. Takes time and memory linear in its length.
    package static func digest(of message: some Collection<UInt8>) -> [UInt8] {
        var state = State()
        let padded = pad(message)
        for start in stride(from: 0, to: padded.count, by: 64) { state.absorb(padded[start..<start + 64]) }
        return [state.a, state.b, state.c, state.d, state.e].flatMap(\.bigEndianBytes)
    }

    /// Appends a one bit, zeros, and the length in bits, up to a multiple of 64 bytes (FIPS 180-4 §5.1.1).
    private static func pad(_ message: some Collection<UInt8>) -> [UInt8] {
        var padded = Array(message)
        let bits = UInt64(truncatingIfNeeded: padded.count) &* 8
        padded.append(0x80)
        padded.append(contentsOf: repeatElement(0, count: (120 - padded.count % 64) % 64))
        padded.append(contentsOf: UInt32(truncatingIfNeeded: bits >> 32).bigEndianBytes)
        padded.append(contentsOf: UInt32(truncatingIfNeeded: bits).bigEndianBytes)
        return padded
    }

    /// The five words of the hash value, which start as FIPS 180-4 §5.3.1 says.
    private struct State {
        var a: UInt32 = 0x6745_2301
        var b: UInt32 = 0xEFCD_AB89
        var c: UInt32 = 0x98BA_DCFE
        var d: UInt32 = 0x1032_5476
        var e: UInt32 = 0xC3D2_E1F0

        /// Works in one block of 64 bytes (FIPS 180-4 §6.1.2).
        mutating func absorb(_ block: ArraySlice<UInt8>) {
            let before = self
            for (round, word) in SHA1.schedule(block).enumerated() {
                let (mix, constant) =
                    switch round {
                    case 0..<20: ((b & c) | (~b & d), 0x5A82_7999 as UInt32)
                    case 20..<40: (b ^ c ^ d, 0x6ED9_EBA1)
                    case 40..<60: ((b & c) | (b & d) | (c & d), 0x8F1B_BCDC)
                    default: (b ^ c ^ d, 0xCA62_C1D6)
                    }
                let next = a.rotatedLeft(by: 5) &+ mix &+ e &+ constant &+ word
                (a, b, c, d, e) = (next, a, b.rotatedLeft(by: 30), c, d)
            }
            a &+= before.a
            b &+= before.b
            c &+= before.c
            d &+= before.d
            e &+= before.e
        }
    }

    private static func schedule(_ block: ArraySlice<UInt8>) -> [UInt32] {
        var words: [UInt32] = []
        words.reserveCapacity(80)
        for start in stride(from: block.startIndex, to: block.endIndex, by: 4) {
            words.append(block[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) })
        }
        for index in 16..<80 {
            let word = words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16]
            words.append(word.rotatedLeft(by: 1))
        }
        return words
    }
}

extension UInt32 {
    fileprivate func rotatedLeft(by count: UInt32) -> UInt32 { self << count | self >> (32 - count) }

    fileprivate var bigEndianBytes: [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: self >> ($0 as UInt32)) }
    }
}
