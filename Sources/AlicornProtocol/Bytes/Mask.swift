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
        let word = UInt64(bytes) | UInt64(bytes) &<< 32
        let wordKey = word.littleEndian
        var offset = 0
        // SAFETY: the conditions of both loops keep `offset + width` at or below `count`.
        while offset &+ 8 <= count {
            let value = unsafe start.loadUnaligned(fromByteOffset: offset, as: UInt64.self) ^ wordKey
            unsafe start.storeBytes(of: value, toByteOffset: offset, as: UInt64.self)
            offset &+= 8
        }
        var rest = word
        while offset < count {
            let value = unsafe start.load(fromByteOffset: offset, as: UInt8.self) ^ UInt8(truncatingIfNeeded: rest)
            unsafe start.storeBytes(of: value, toByteOffset: offset, as: UInt8.self)
            rest &>>= 8
            offset &+= 1
        }
    }
}
