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
        var schedule = [UInt32](repeating: 0, count: 80)
        for start in stride(from: 0, to: padded.count, by: 16) {
            for index in 0..<16 { schedule[index] = padded[start + index] }
            extend(&schedule)
            state.absorb(schedule)
        }
        var digest: [UInt8] = []
        digest.reserveCapacity(20)
        for word in [state.a, state.b, state.c, state.d, state.e] {
            for shift: UInt32 in [24, 16, 8, 0] { digest.append(UInt8(truncatingIfNeeded: word >> shift)) }
        }
        return digest
    }

    /// The message as words, with a one bit, zeros, and the length in bits behind it, up to a multiple of 16 words
    /// (FIPS 180-4 §5.1.1, §5.2.1).
    private static func pad(_ message: some Collection<UInt8>) -> [UInt32] {
        let count = message.count
        var words = [UInt32](repeating: 0, count: (count + 8) / 64 * 16 + 16)
        var index = 0
        for byte in message {
            words[index >> 2] |= UInt32(byte) << UInt32(24 - 8 * (index & 3))
            index += 1
        }
        words[index >> 2] |= 0x80 << UInt32(24 - 8 * (index & 3))
        let bits = UInt64(truncatingIfNeeded: count) &* 8
        words[words.count - 2] = UInt32(truncatingIfNeeded: bits >> 32)
        words[words.count - 1] = UInt32(truncatingIfNeeded: bits)
        return words
    }

    /// The five words of the hash value, which start as FIPS 180-4 §5.3.1 says.
    private struct State {
        var a: UInt32 = 0x6745_2301
        var b: UInt32 = 0xEFCD_AB89
        var c: UInt32 = 0x98BA_DCFE
        var d: UInt32 = 0x1032_5476
        var e: UInt32 = 0xC3D2_E1F0

        /// Works in the schedule of one block (FIPS 180-4 §6.1.2).
        mutating func absorb(_ words: [UInt32]) {
            let before = self
            for round in 0..<20 { turn((b & c) | (~b & d), 0x5A82_7999, words[round]) }
            for round in 20..<40 { turn(b ^ c ^ d, 0x6ED9_EBA1, words[round]) }
            for round in 40..<60 { turn((b & c) | (b & d) | (c & d), 0x8F1B_BCDC, words[round]) }
            for round in 60..<80 { turn(b ^ c ^ d, 0xCA62_C1D6, words[round]) }
            a &+= before.a
            b &+= before.b
            c &+= before.c
            d &+= before.d
            e &+= before.e
        }

        @inline(__always)
        private mutating func turn(_ mix: UInt32, _ constant: UInt32, _ word: UInt32) {
            let next = a.rotatedLeft(by: 5) &+ mix &+ e &+ constant &+ word
            (a, b, c, d, e) = (next, a, b.rotatedLeft(by: 30), c, d)
        }
    }

    /// Makes the other 64 words of a schedule from the 16 of the block (FIPS 180-4 §6.1.2, step 1).
    private static func extend(_ words: inout [UInt32]) {
        for index in 16..<80 {
            let word = words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16]
            words[index] = word.rotatedLeft(by: 1)
        }
    }
}

extension UInt32 {
    @inline(__always)
    fileprivate func rotatedLeft(by count: UInt32) -> UInt32 { self &<< count | self &>> (32 &- count) }
}
