// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import CZlib

/// The inflating half of permessage-deflate (RFC 7692 §7.2.2), with output bounded call by call.
@safe struct Decompressor: ~Copyable {
    private let windowBits: Int32
    private let keepsContext: Bool

    private var context: ZlibContext?

    /// Whether nothing is pending in zlib: the last bit that it read ended a block, and a byte.
    private var isAtBlockBoundary = true

    /// Whether zlib used up the room that it had, so that there may be more to come without further input.
    private var mayHaveMoreOutput = false

    /// The byte after those that the capacity had room for. Only by producing it can one know that there is more.
    private var lookahead: UInt8?

    /// Why receiving failed. It stays failed.
    private var failure: TransformFailure?

    init(_ direction: PerMessageDeflate.Direction) {
        // A larger window than the peer's is always right; zlib's deflate takes 9 where 8 was asked for.
        windowBits = Int32(max(direction.maxWindowBits, 9).rawValue)
        keepsContext = direction.contextTakeover
    }

    var holdsContext: Bool { context != nil }

    /// Restores a piece of a message, as ``MessageTransform`` describes it.
    ///
    /// ``DecodeProgress/hasMoreOutput`` is exact: at least one more byte will come. So a message of just the capacity
    /// is told from a longer one.
    mutating func decode(
        _ input: Span<UInt8>, from position: inout Int, endsMessage: Bool, into output: inout [UInt8], capacity: Int
    ) throws(TransformFailure) -> DecodeProgress {
        if let failure { throw failure }
        do throws(TransformFailure) {
            guard try inflateAll(of: input, from: &position, into: &output, capacity: capacity) else {
                return .hasMoreOutput
            }
            guard endsMessage else { return .needsInput }
            try finishMessage()
        } catch {
            failure = error
            context = nil
            throw error
        }
        return .endOfMessage
    }

    /// Inflates until the input is used up, which is `true`, or the capacity is and there is more, which is `false`.
    private mutating func inflateAll(
        of input: Span<UInt8>, from position: inout Int, into output: inout [UInt8], capacity: Int
    ) throws(TransformFailure) -> Bool {
        var capacity = capacity
        if let byte = lookahead, capacity > 0 {
            output.append(byte)
            lookahead = nil
            capacity -= 1
        }
        while lookahead == nil, mayHaveMoreOutput || position < input.count {
            if capacity > 0 {
                // In steps of at most 64 KiB: nothing is reserved for what has not arrived.
                let guess = 4 * min(input.count - position, 16_000) + 64
                let room = min(capacity, max(guess, output.capacity - output.count))
                capacity -= try inflate(input, from: &position, into: &output, room: room)
            } else {
                lookahead = try inflateByte(input, from: &position)
            }
        }
        return lookahead == nil
    }

    /// Does what is due at the end of a message (RFC 7692 §7.2.2).
    private mutating func finishMessage() throws(TransformFailure) {
        // At a boundary the tail would begin a block that nothing ends. That is so after a block with BFINAL that is not
        // followed by an empty one, and where the payload is empty; both mean that the message is complete.
        if !isAtBlockBoundary {
            let tail: [UInt8] = [0x00, 0x00, 0xff, 0xff]
            var position = 0
            // In a complete message the tail is the rest of an empty block, and so has no output.
            guard try inflateByte(tail.span, from: &position) == nil, position == 4, isAtBlockBoundary else {
                throw TransformFailure("the compressed message is truncated")
            }
        }
        if !keepsContext { releaseContext() }
    }

    /// Appends at most `room` bytes and returns how many it were.
    private mutating func inflate(
        _ input: Span<UInt8>, from position: inout Int, into output: inout [UInt8], room: Int
    ) throws(TransformFailure) -> Int {
        let start = output.count
        try output.append(addingCapacity: room) { (span: inout OutputSpan<UInt8>) throws(TransformFailure) in
            // SAFETY: `step` initialises as many bytes from the start of `spare` as it says.
            unsafe try span.withUnsafeMutableBufferPointer { (spare, count) throws(TransformFailure) in
                count = try unsafe step(input, from: &position, to: spare.extracting(..<min(room, spare.count)))
            }
        }
        return output.count - start
    }

    /// Restores one byte, or none if the input ends before.
    private mutating func inflateByte(
        _ input: Span<UInt8>, from position: inout Int
    ) throws(TransformFailure) -> UInt8? {
        var byte: UInt8 = 0
        // SAFETY: a buffer of one byte over one byte.
        let count = try unsafe withUnsafeMutablePointer(to: &byte) { (byte) throws(TransformFailure) in
            try unsafe step(input, from: &position, to: UnsafeMutableBufferPointer(start: byte, count: 1))
        }
        return count == 0 ? nil : byte
    }

    /// Calls zlib once, from `position` on, and returns how many bytes it wrote to the start of `output`.
    private mutating func step(
        _ input: Span<UInt8>, from position: inout Int, to output: UnsafeMutableBufferPointer<UInt8>
    ) throws(TransformFailure) -> Int {
        let stream = unsafe openContext().stream
        let slice = uInt(clamping: input.count - position)
        let room = uInt(clamping: output.count)
        // SAFETY: zlib reads at most `avail_in` bytes from `next_in`, which are what is left of `input`, and writes at
        // most `avail_out` bytes to `next_out`, which is at most the size of `output`; it gets no other chance to,
        // as both are set anew before each call. `stream` is initialised.
        let status = unsafe input.extracting(droppingFirst: position).withUnsafeBufferPointer { bytes in
            unsafe stream.pointee.next_in = bytes.baseAddress
            unsafe stream.pointee.avail_in = slice
            unsafe stream.pointee.next_out = output.baseAddress
            unsafe stream.pointee.avail_out = room
            return unsafe CZlib.inflate(stream, Z_SYNC_FLUSH)
        }
        let (left, spare) = unsafe (stream.pointee.avail_in, stream.pointee.avail_out)
        position += Int(slice - left)
        switch status {
        case Z_OK, Z_BUF_ERROR:
            mayHaveMoreOutput = spare == 0
            // A call that finds nothing to do forgets in zlib that it came at a boundary.
            guard left != slice || spare != room else { break }
            // zlib.h on inflate: the unused bits of the last byte, + 64 in a final block, + 128 after the end of a block.
            isAtBlockBoundary = unsafe stream.pointee.data_type == 128
        case Z_STREAM_END:
            // RFC 7692 §7.2.3.4: a block with BFINAL ends neither the message nor the window. Whoever goes on with the
            // window may refer to it, whoever begins anew does not. Unlike inflateReset this keeps the window, at no
            // cost, where copying it out and in would cost 64 KiB for each two bytes that a peer sends.
            unsafe inflateResetKeep(stream)
            mayHaveMoreOutput = false
            isAtBlockBoundary = true
        default:
            throw TransformFailure("the compressed data is corrupt")
        }
        return Int(room - spare)
    }

    private mutating func openContext() -> ZlibContext {
        if let context { return context }
        let kind = ZlibContext.Kind.inflating(windowBits: windowBits)
        let opened = keepsContext ? ZlibContext(kind) : ContextPool.inflating.take(kind)
        context = opened
        return opened
    }

    private mutating func releaseContext() {
        guard let released = context else { return }
        context = nil
        isAtBlockBoundary = true
        mayHaveMoreOutput = false
        ContextPool.inflating.giveBack(released)
    }
}
