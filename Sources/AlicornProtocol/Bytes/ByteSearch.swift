// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What is asked of all bytes of a head, eight at a time.
extension Span<UInt8> {
    /// The index of the first byte below 0x20, or 0x7F, in `start..<end`; `end` when there is none.
    func firstControl(from start: Int, to end: Int) -> Int {
        precondition(start >= 0 && end <= count)
        var index = start
        while end &- index >= 8 {
            // SAFETY: index + 8 <= end <= count, and every pattern of 64 bits is a UInt64.
            let word = UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
            // The high bit of the lowest byte that matches is exact in both; those above it may be wrong.
            let below20 = (word &- 0x2020_2020_2020_2020) & ~word
            let difference = word ^ 0x7F7F_7F7F_7F7F_7F7F
            let equal7F = (difference &- 0x0101_0101_0101_0101) & ~difference
            let found = (below20 | equal7F) & 0x8080_8080_8080_8080
            if found != 0 { return index &+ found.trailingZeroBitCount >> 3 }
            index &+= 8
        }
        while index < end {
            let byte = self[index]
            if byte < 0x20 || byte == 0x7F { break }
            index &+= 1
        }
        return index
    }

    /// Whether every byte is below 0x80.
    var isASCII: Bool {
        var index = 0
        while count &- index >= 8 {
            // SAFETY: index + 8 <= count, and every pattern of 64 bits is a UInt64.
            let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            guard word & 0x8080_8080_8080_8080 == 0 else { return false }
            index &+= 8
        }
        while index < count {
            guard self[index] < 0x80 else { return false }
            index &+= 1
        }
        return true
    }
}
