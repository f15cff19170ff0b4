// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// How hard the local side compresses, and what it does not compress at all. Nothing here is negotiated.
public struct CompressionSettings: Sendable, Hashable {
    /// zlib's level: 0 stores, 1 is fastest, 9 smallest; 6 unless told.
    public let level: Int

    /// zlib's memory level, 1 to 9; 5 unless told, which costs 16 KiB and compresses nearly as well as 8 does in 128.
    public let memoryLevel: Int

    /// The bytes from which a message is worth compressing; 0 compresses every message.
    ///
    /// 64 unless told: a smaller message fits into one packet either way, and the microseconds that compressing and
    /// restoring it take exceed what the saved bytes are worth. Not compressing at all is also the remedy against guessing a
    /// secret from the length of a message that holds it beside text of an attacker (CRIME, BREACH); send such a
    /// message uncompressed whatever its length.
    public let threshold: Int

    /// Creates settings. Values out of range are a programming error and trap.
    ///
    /// - Parameters:
    ///   - level: zlib's level, 0 to 9.
    ///   - memoryLevel: zlib's memory level, 1 to 9.
    ///   - threshold: the bytes from which a message is compressed.
    public init(level: Int = 6, memoryLevel: Int = 5, threshold: Int = 64) {
        precondition((0...9).contains(level), "a compression level is 0 to 9")
        precondition((1...9).contains(memoryLevel), "a memory level is 1 to 9")
        precondition(threshold >= 0, "a threshold is a number of bytes")
        self.level = level
        self.memoryLevel = memoryLevel
        self.threshold = threshold
    }
}
