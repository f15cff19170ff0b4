// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import CZlib

/// The deflating half of permessage-deflate (RFC 7692 §7.2.1).
///
/// Invariant: after each piece the deflate stream stands byte-aligned at a block boundary, with nothing pending in zlib.
@safe struct Compressor: ~Copyable {
    private let windowBits: Int32
    private let keepsContext: Bool
    private let level: Int32
    private let memoryLevel: Int32
    private var context: ZlibContext?

    init(_ direction: PerMessageDeflate.Direction, _ settings: CompressionSettings) {
        windowBits = Int32(direction.maxWindowBits.rawValue)
        keepsContext = direction.contextTakeover
        level = Int32(settings.level)
        memoryLevel = Int32(settings.memoryLevel)
    }

    /// One that keeps no context.
    private init(windowBits: Int32, level: Int32, memoryLevel: Int32) {
        self.windowBits = windowBits
        keepsContext = false
        self.level = level
        self.memoryLevel = memoryLevel
    }

    var holdsContext: Bool { context != nil }

    /// Appends what `piece` becomes, followed by a sync flush, of which the last piece leaves out `00 00 ff ff`.
    mutating func encode(_ piece: Span<UInt8>, endsMessage: Bool, into output: inout [UInt8]) {
        if !piece.isEmpty {
            let standsAlone = endsMessage && !keepsContext
            let context = openContext(standsAlone ? windowForMessage(of: piece.count) : windowBits)
            unsafe Self.compress(piece, with: context.stream, into: &output)
            if endsMessage { output.removeLast(4) }
        } else if endsMessage {
            // RFC 7692 §7.2.3.6: the header of an empty stored block, of which the receiver adds the rest. The context
            // does not need to know about it.
            output.append(0)
        }
        if endsMessage, !keepsContext { releaseContext() }
    }

    /// What ``encodeStandalone(_:into:)`` makes depends on, beside the message.
    func standaloneForm(length: Int) -> UInt32 {
        UInt32(windowForMessage(of: length)) << 16 | UInt32(level) << 8 | UInt32(memoryLevel)
    }

    /// Appends what a message becomes that stands alone, whatever this compressor's context.
    func encodeStandalone(_ message: Span<UInt8>, into output: inout [UInt8]) {
        var alone = Compressor(
            windowBits: windowForMessage(of: message.count), level: level, memoryLevel: memoryLevel)
        alone.encode(message, endsMessage: true, into: &output)
    }

    /// The smallest window in which a message that stands alone can refer to all of itself.
    ///
    /// Making a context with window 15 takes 20 µs, most of it to map fresh memory, and less than 1 µs with window 9; the
    /// smaller also stays in the caches. zlib looks back no farther than the window less 262 bytes.
    private func windowForMessage(of length: Int) -> Int32 {
        var bits: Int32 = 9
        while length > (1 << bits) - 262, bits < windowBits { bits += 1 }
        return bits
    }

    private static func compress(
        _ piece: Span<UInt8>, with stream: UnsafeMutablePointer<z_stream>, into output: inout [UInt8]
    ) {
        // SAFETY: zlib reads `avail_in` bytes from `next_in`, which is set to a part of `input` that is left, and the
        // pointer is used only inside of this closure. `stream` is initialised.
        unsafe piece.withUnsafeBufferPointer { input in
            unsafe stream.pointee.next_in = input.baseAddress
            var left = input.count
            var isFull = false
            // A flush for which the room is just enough would be repeated by zlib: what may not fit ends its block first
            // and is flushed then, with room to spare.
            while isFull || left > lengthInOneCall {
                let slice = uInt(clamping: left)
                unsafe stream.pointee.avail_in = slice
                isFull = unsafe deflate(stream, Z_BLOCK, into: &output, room: room(for: left))
                left -= unsafe Int(slice - stream.pointee.avail_in)
            }
            unsafe stream.pointee.avail_in = uInt(left)
            _ = unsafe deflate(stream, Z_SYNC_FLUSH, into: &output, room: room(for: left))
            unsafe stream.pointee.next_in = nil
        }
    }

    /// What certainly fits into the room for a call, flush and all: zlib adds no more than 5 bytes to each 127.
    private static let lengthInOneCall = 32_768

    /// The room for a call: what `length` bytes become at worst, in steps of at most 64 KiB.
    private static func room(for length: Int) -> Int {
        let slice = min(length, 65_536)
        return min(slice + slice / 8 + 64, 65_536)
    }

    /// Calls zlib once and returns whether it filled all the room, so that there may be more to come.
    private static func deflate(
        _ stream: UnsafeMutablePointer<z_stream>, _ flush: Int32, into output: inout [UInt8], room: Int
    ) -> Bool {
        let room = max(room, output.capacity - output.count)
        output.append(addingCapacity: room) { span in
            // SAFETY: zlib writes at most `avail_out` bytes to `next_out`, which is the size of `spare`, and what it
            // wrote is what is counted as initialised.
            unsafe span.withUnsafeMutableBufferPointer { spare, count in
                let size = uInt(clamping: spare.count)
                unsafe stream.pointee.next_out = spare.baseAddress
                unsafe stream.pointee.avail_out = size
                let status = unsafe CZlib.deflate(stream, flush)
                precondition(status == Z_OK || status == Z_BUF_ERROR, "zlib's stream was damaged")
                count = unsafe Int(size - stream.pointee.avail_out)
            }
        }
        return unsafe stream.pointee.avail_out == 0
    }

    /// The context that is held, or one with this window.
    private mutating func openContext(_ windowBits: Int32) -> ZlibContext {
        if let context { return context }
        let kind = ZlibContext.Kind.deflating(windowBits: windowBits, level: level, memoryLevel: memoryLevel)
        let opened = ContextPool.deflating.take(kind)
        context = opened
        return opened
    }

    /// Forgets all messages so far.
    mutating func releaseContext() {
        guard let released = context else { return }
        context = nil
        ContextPool.deflating.giveBack(released)
    }
}
