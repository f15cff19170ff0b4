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

    /// - Parameters:
    ///   - start: valid for reading and writing of `count` bytes.
    @unsafe
    private func apply(at start: UnsafeMutableRawPointer, count: Int) {
        let isLarge = count >= 2 * Self.block
        // What crosses lines of the cache takes twice as long: a large payload is worth starting at one.
        var offset = isLarge ? -Int(bitPattern: start) & 7 : 0
        unsafe applyBytewise(at: start, to: 0..<offset)
        let key = advanced(by: offset).wordOnTheWire
        if isLarge {
            unsafe applyWordwise(key, at: start, from: &offset, to: -Int(bitPattern: start) & (Self.block - 1))
            let blockKey = SIMD8(repeating: key)
            // SAFETY: the condition keeps `offset + block` at or below `count`.
            while count &- offset >= Self.block {
                let value = unsafe start.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt64>.self) ^ blockKey
                unsafe start.storeBytes(of: value, toByteOffset: offset, as: SIMD8<UInt64>.self)
                offset &+= Self.block
            }
        }
        unsafe applyWordwise(key, at: start, from: &offset, to: count)
        // SAFETY: the conditions keep `offset` and what a step takes at or below `count`.
        if count &- offset >= 4 {
            let value = unsafe start.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
            unsafe start.storeBytes(
                of: value ^ UInt32(truncatingIfNeeded: key), toByteOffset: offset, as: UInt32.self)
            offset &+= 4
        }
        unsafe applyBytewise(at: start, to: offset..<count)
    }

    /// Goes on in steps of eight bytes, as long as they end at or before `end`.
    ///
    /// - Parameters:
    ///   - start: valid for reading and writing of `end` bytes.
    @unsafe @inline(__always)
    private func applyWordwise(_ key: UInt64, at start: UnsafeMutableRawPointer, from offset: inout Int, to end: Int) {
        // SAFETY: the condition keeps `offset + 8` at or below `end`.
        while end &- offset >= 8 {
            let value = unsafe start.loadUnaligned(fromByteOffset: offset, as: UInt64.self) ^ key
            unsafe start.storeBytes(of: value, toByteOffset: offset, as: UInt64.self)
            offset &+= 8
        }
    }

    /// - Parameters:
    ///   - start: valid for reading and writing of the bytes in `range`, and where the key's first byte belongs.
    @unsafe
    private func applyBytewise(at start: UnsafeMutableRawPointer, to range: Range<Int>) {
        for offset in range {
            // SAFETY: `offset` is in `range`.
            let value = unsafe start.load(fromByteOffset: offset, as: UInt8.self) ^ self[offset & 3]
            unsafe start.storeBytes(of: value, toByteOffset: offset, as: UInt8.self)
        }
    }

    /// The bytes that one step of the loop over large payloads takes: a line of the cache.
    private static var block: Int { 64 }

    /// The key twice, as eight bytes in memory.
    private var wordOnTheWire: UInt64 { (UInt64(bytes) | UInt64(bytes) &<< 32).littleEndian }
}
