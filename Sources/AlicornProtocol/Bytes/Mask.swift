// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The masking key of a frame (RFC 6455 §5.3), and the transformation it stands for.
public struct MaskingKey: Sendable, Hashable, BitwiseCopyable {
    /// The four bytes of the key, the first in the low eight bits.
    @usableFromInline
    var bytes: UInt32

    /// Creates the key whose first byte on the wire is in the low eight bits of `bytes`.
    @inlinable
    public init(_ bytes: UInt32) { self.bytes = bytes }

    /// The byte that stands at `index`, 0 to 3, on the wire.
    @inlinable
    public subscript(index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: bytes &>> (8 &* UInt32(truncatingIfNeeded: index)))
    }

    /// The key for payload that goes on after `count` bytes of it.
    @inlinable
    public func advanced(by count: Int) -> Self {
        let bits = UInt32(truncatingIfNeeded: count & 3) &* 8
        return bits == 0 ? self : Self(bytes &>> bits | bytes &<< (32 &- bits))
    }

    /// Masks or unmasks the bytes in `range` in place, the first of them with the key's first byte.
    ///
    /// Costs one pass over the bytes, at memory speed; allocates nothing.
    public func apply(to payload: inout MutableSpan<UInt8>, in range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= payload.count)
        // SAFETY: all accesses are at `range.lowerBound + offset` with `offset + width <= range.count`, and the line
        // above holds the range within the buffer.
        unsafe payload.withUnsafeMutableBytes { buffer in
            guard !range.isEmpty, let base = buffer.baseAddress else { return }
            unsafe apply(at: base + range.lowerBound, count: range.count)
        }
    }

    /// Masks or unmasks as ``apply(to:in:)`` does, at best when there is not much of it.
    ///
    /// - Returns: whether all that stands there now is ASCII, which saves looking at text once more.
    func applyFindingASCII(to payload: inout MutableSpan<UInt8>, in range: Range<Int>) -> Bool {
        precondition(range.lowerBound >= 0 && range.upperBound <= payload.count)
        // SAFETY: the line above holds the range within the buffer.
        return unsafe payload.withUnsafeMutableBytes { buffer in
            guard !range.isEmpty, let base = buffer.baseAddress else { return true }
            return unsafe applyInSteps(at: base + range.lowerBound, count: range.count)
        }
    }

    /// - Parameters:
    ///   - start: valid for reading and writing of `count` bytes.
    @unsafe
    private func apply(at start: UnsafeMutableRawPointer, count: Int) {
        guard count >= 2 * Self.block else {
            _ = unsafe applyInSteps(at: start, count: count)
            return
        }
        // What crosses lines of the cache takes twice as long: a large payload is worth starting at one.
        var offset = -Int(bitPattern: start) & (Self.block - 1)
        _ = unsafe applyInSteps(at: start, count: offset)
        let key = advanced(by: offset)
        let blockKey = SIMD8(repeating: key.wordOnTheWire)
        // SAFETY: the condition keeps `offset + block` at or below `count`.
        while count &- offset >= Self.block {
            let value = unsafe start.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt64>.self) ^ blockKey
            unsafe start.storeBytes(of: value, toByteOffset: offset, as: SIMD8<UInt64>.self)
            offset &+= Self.block
        }
        _ = unsafe key.applyInSteps(at: start + offset, count: count &- offset)
    }

    /// - Parameters:
    ///   - start: valid for reading and writing of `count` bytes.
    /// - Returns: whether all bytes are ASCII now.
    @unsafe @inline(__always)
    private func applyInSteps(at start: UnsafeMutableRawPointer, count: Int) -> Bool {
        let word = wordOnTheWire
        let pair = SIMD2(repeating: word)
        var seen = SIMD2<UInt64>.zero
        var offset = 0
        // SAFETY: the conditions keep `offset` and what a step takes at or below `count`.
        while count &- offset >= 16 {
            let value = unsafe start.loadUnaligned(fromByteOffset: offset, as: SIMD2<UInt64>.self) ^ pair
            unsafe start.storeBytes(of: value, toByteOffset: offset, as: SIMD2<UInt64>.self)
            seen |= value
            offset &+= 16
        }
        var rest = seen[0] | seen[1]
        if count &- offset >= 8 {
            let value = unsafe start.loadUnaligned(fromByteOffset: offset, as: UInt64.self) ^ word
            unsafe start.storeBytes(of: value, toByteOffset: offset, as: UInt64.self)
            rest |= value
            offset &+= 8
        }
        if count &- offset >= 4 {
            let value =
                unsafe start.loadUnaligned(fromByteOffset: offset, as: UInt32.self) ^ UInt32(truncatingIfNeeded: word)
            unsafe start.storeBytes(of: value, toByteOffset: offset, as: UInt32.self)
            rest |= UInt64(value)
            offset &+= 4
        }
        while offset < count {
            let value = unsafe start.load(fromByteOffset: offset, as: UInt8.self) ^ self[offset & 3]
            unsafe start.storeBytes(of: value, toByteOffset: offset, as: UInt8.self)
            rest |= UInt64(value)
            offset &+= 1
        }
        return rest & 0x8080_8080_8080_8080 == 0
    }

    /// The bytes that one step of the loop over large payloads takes: a line of the cache.
    private static var block: Int { 64 }

    /// The key twice, as eight bytes in memory.
    private var wordOnTheWire: UInt64 {
        let bytes = UInt64(bytes.littleEndian)
        return bytes | bytes &<< 32
    }
}
