// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Finds the lines of a head in bytes that grow: no byte is looked at twice, however they arrive.
struct LineScanner: Sendable {
    /// Where the line begins that is not complete yet.
    private(set) var lineStart = 0
    /// How far that line was looked at; from here the next call goes on.
    private(set) var scanned = 0

    /// The next line, without its CRLF, or `nil` when it is not complete.
    ///
    /// What it throws depends only on the bytes up to the one at fault, not on how they were cut.
    ///
    /// - Parameters:
    ///   - bytes: what was there at the last call, and what has arrived since.
    ///   - limit: how long the line may be, and `tooLong` what it is to be longer.
    mutating func next(
        in bytes: Span<UInt8>, limit: Int, tooLong: HTTPViolation
    ) throws(HTTPViolation) -> Range<Int>? {
        let end = bytes.count - lineStart > limit ? lineStart + limit + 1 : bytes.count
        var index = scanned
        while true {
            index = bytes.firstControl(from: index, to: end)
            guard index < end else { break }
            switch bytes[index] {
            case UInt8(ascii: "\t"):
                index += 1
            case UInt8(ascii: "\r"):
                scanned = index
                guard index + 1 < bytes.count else { return nil }
                // RFC 9112 §2.2: a bare CR is refused.
                guard bytes[index + 1] == UInt8(ascii: "\n") else { throw .bareCarriageReturn }
                defer { lineStart = index + 2 }
                scanned = index + 2
                return lineStart..<index
            case UInt8(ascii: "\n"):
                // RFC 9112 §2.2 lets a recipient take LF alone for a line end; that is how requests are smuggled.
                throw .bareLineFeed
            default:
                throw .controlCharacter
            }
        }
        scanned = end
        guard end - lineStart <= limit else { throw tooLong }
        return nil
    }
}

extension Span<UInt8> {
    /// The index of the first byte below 0x20, or 0x7F, in `start..<end`; `end` when there is none.
    fileprivate func firstControl(from start: Int, to end: Int) -> Int {
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
}
