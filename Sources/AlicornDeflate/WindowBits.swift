// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// The size of an LZ77 sliding window, as its base-2 logarithm: 8 to 15, that is 256 bytes to 32 KiB
/// (RFC 7692 §7.1.2).
public struct WindowBits: Sendable, Hashable, Comparable, ExpressibleByIntegerLiteral {
    /// The logarithm, 8 to 15.
    public let rawValue: Int

    /// The smallest window that the protocol knows. zlib can inflate with it, but not deflate.
    public static let smallest = WindowBits(trusted: 8)

    /// The window that counts where nothing was negotiated.
    public static let largest = WindowBits(trusted: 15)

    /// Creates a window size from a number of which it is not known whether it is in range.
    ///
    /// - Returns: `nil` unless `bits` is 8 to 15.
    public init?(exactly bits: Int) {
        guard (8...15).contains(bits) else { return nil }
        rawValue = bits
    }

    /// Creates a window size from a number in the source; one outside 8 to 15 is a programming error and traps.
    public init(integerLiteral bits: Int) {
        precondition((8...15).contains(bits), "a deflate window has 8 to 15 bits")
        rawValue = bits
    }

    private init(trusted bits: Int) { rawValue = bits }

    /// Whether the left window is smaller.
    public static func < (left: WindowBits, right: WindowBits) -> Bool { left.rawValue < right.rawValue }

    /// Whether zlib can compress with this window: it has no raw deflate with 8 bits.
    var isFitForCompression: Bool { self > .smallest }
}
