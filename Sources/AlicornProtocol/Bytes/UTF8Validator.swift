// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Validates UTF-8 that arrives in pieces, and fails at the first byte that no valid text can have there.
///
/// The state between pieces is what the next byte may be: how many continuation bytes are still due and the bounds of
/// the next one, which rule out overlong forms, surrogates and what lies beyond U+10FFFF (RFC 3629 §4).
public struct UTF8Validator: Sendable {
    private var continuationsDue: UInt8 = 0
    private var lowerBound: UInt8 = 0x80
    private var upperBound: UInt8 = 0xBF

    /// Creates the state before the first byte.
    public init() {}

    /// Whether the text may end here: no character is half received.
    public var isAtCharacterBoundary: Bool { continuationsDue == 0 }

    /// Whether a text of its own stands in `range`.
    static func isText(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        var validator = Self()
        return validator.firstInvalidByte(in: bytes, range) == nil && validator.isAtCharacterBoundary
    }

    /// Takes the next bytes of the text.
    ///
    /// Costs one pass; ASCII goes 32 bytes at a time.
    ///
    /// - Returns: the index in `bytes` of the first byte that cannot stand there, or `nil` if all are fine so far.
    public mutating func firstInvalidByte(in bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        var index = range.lowerBound
        while index < range.upperBound {
            if continuationsDue == 0 { index = Self.skipCharacters(in: bytes, index..<range.upperBound) }
            guard index < range.upperBound else { break }
            // SAFETY: `index` is below `range.upperBound`, which the precondition holds within the bytes.
            guard accept(unsafe bytes[unchecked: index]) else { return index }
            index &+= 1
        }
        return nil
    }

    @inline(__always)
    private mutating func accept(_ byte: UInt8) -> Bool {
        if continuationsDue > 0 {
            guard byte >= lowerBound, byte <= upperBound else { return false }
            expect(continuationsDue &- 1, from: 0x80, to: 0xBF)
            return true
        }
        switch byte {
        case 0x00...0x7F: break
        case 0xC2...0xDF: expect(1, from: 0x80, to: 0xBF)
        case 0xE0: expect(2, from: 0xA0, to: 0xBF)
        case 0xED: expect(2, from: 0x80, to: 0x9F)
        case 0xE1...0xEF: expect(2, from: 0x80, to: 0xBF)
        case 0xF0: expect(3, from: 0x90, to: 0xBF)
        case 0xF1...0xF3: expect(3, from: 0x80, to: 0xBF)
        case 0xF4: expect(3, from: 0x80, to: 0x8F)
        default: return false
        }
        return true
    }

    @inline(__always)
    private mutating func expect(_ continuations: UInt8, from lower: UInt8, to upper: UInt8) {
        continuationsDue = continuations
        lowerBound = lower
        upperBound = upper
    }

    /// The index behind the valid characters that `range` begins with and holds whole.
    private static func skipCharacters(in bytes: Span<UInt8>, _ range: Range<Int>) -> Int {
        // SAFETY: every access lies in `range`, which the caller has checked against the bytes.
        unsafe bytes.withUnsafeBytes { buffer in
            var index = range.lowerBound
            while index < range.upperBound {
                let length: Int
                switch unsafe buffer[index] {
                case 0x00...0x7F:
                    index = unsafe skipASCII(in: buffer, index &+ 1..<range.upperBound)
                    continue
                case 0xC2...0xDF: length = 2
                case 0xE0...0xEF: length = 3
                case 0xF0...0xF4: length = 4
                default: return index
                }
                guard range.upperBound &- index >= length else { return index }
                guard unsafe isCharacter(buffer, at: index, length: length) else { return index }
                index &+= length
            }
            return index
        }
    }

    /// Whether the bytes behind the first, which announces `length`, complete it (RFC 3629 §4).
    @inline(__always)
    private static func isCharacter(_ buffer: UnsafeRawBufferPointer, at index: Int, length: Int) -> Bool {
        // SAFETY: the caller has made sure of `length` bytes from `index` on.
        let (first, second) = unsafe (buffer[index], buffer[index &+ 1])
        guard second & 0xC0 == 0x80 else { return false }
        guard length > 2 else { return true }
        guard unsafe buffer[index &+ 2] & 0xC0 == 0x80 else { return false }
        switch first {
        case 0xE0: return second >= 0xA0
        case 0xED: return second <= 0x9F
        case 0xF0 where second < 0x90, 0xF4 where second > 0x8F: return false
        default: break
        }
        return unsafe length == 3 || buffer[index &+ 3] & 0xC0 == 0x80
    }

    /// The index of the first byte in `range` that is not ASCII, or the end of the range.
    @inline(__always)
    private static func skipASCII(in buffer: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int {
        var index = range.lowerBound
        // SAFETY: the conditions keep every access below `range.upperBound`, which the caller has checked.
        while range.upperBound &- index >= 32 {
            let words = unsafe buffer.loadUnaligned(fromByteOffset: index, as: SIMD4<UInt64>.self)
            guard words & 0x8080_8080_8080_8080 == .zero else { break }
            index &+= 32
        }
        while range.upperBound &- index >= 8 {
            let word = unsafe buffer.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080
            guard word == 0 else { return index &+ word.littleEndian.trailingZeroBitCount >> 3 }
            index &+= 8
        }
        while index < range.upperBound, unsafe buffer[index] < 0x80 { index &+= 1 }
        return index
    }
}
