// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport
import NIOCore

/// The memory of messages that were received on one loop, used again for the next ones once nobody else has it.
final class LoopBuffers {
    @exclusivity(unchecked) private var short = ShortBufferRing()
    @exclusivity(unchecked) private var lent: LentBuffer?
    private let middling: BufferPool
    private let long: BufferPool

    private init(loop: ConnectionLoop) {
        middling = BufferPool(loop: loop, sizes: 1024...BufferPool.longest / 32, maximumCount: 16)
        long = BufferPool(loop: loop, sizes: BufferPool.longest / 32 + 1...BufferPool.longest, maximumCount: 8)
    }

    /// Those of a loop. On the loop.
    static func of(_ loop: ConnectionLoop) -> LoopBuffers {
        if let buffers = loop.surfaceStorage as? LoopBuffers { return buffers }
        let buffers = LoopBuffers(loop: loop)
        loop.surfaceStorage = buffers
        return buffers
    }

    /// Lends memory for at least `count` bytes of input. Until `body` returns, ``buffer(of:)`` need not copy what lies there.
    func lend(_ count: Int, _ body: (UnsafeMutableBufferPointer<UInt8>) -> Void) {
        var buffer = take(capacity: count) ?? ByteBufferAllocator().buffer(capacity: count)
        buffer.moveWriterIndex(to: buffer.capacity)
        lent = LentBuffer(buffer)
        // SAFETY: nobody else has the buffer, which stays alive until the end of this.
        body(UnsafeMutableRawBufferPointer(mutating: lent!.bytes).bindMemory(to: UInt8.self))
        lent = nil
        remember(buffer)
    }

    /// A buffer with these bytes: a part of what is lent, if they are enough of it, or else a copy.
    func buffer(of bytes: Span<UInt8>) -> ByteBuffer {
        if let part = lent?.part(bytes) { return part }
        if bytes.count <= ShortBufferRing.largestSize { return short.copy(of: bytes) }
        var buffer = take(capacity: bytes.count) ?? ByteBufferAllocator().buffer(capacity: bytes.count)
        _ = bytes.withUnsafeBytes { buffer.writeBytes($0) }
        remember(buffer)
        return buffer
    }

    /// An empty buffer of at least that capacity, if one is free.
    func take(capacity: Int) -> ByteBuffer? { middling.take(capacity: capacity) ?? long.take(capacity: capacity) }

    /// Remembers the memory of a message that is handed out, if it is worth it.
    func remember(_ buffer: ByteBuffer) {
        middling.remember(buffer)
        long.remember(buffer)
    }
}

/// Memory that is being read to, all of it readable.
private struct LentBuffer {
    let buffer: ByteBuffer
    let bytes: UnsafeRawBufferPointer

    init(_ buffer: ByteBuffer) {
        self.buffer = buffer
        // SAFETY: `buffer` keeps its storage, which nobody writes to through it.
        bytes = buffer.withUnsafeReadableBytesWithStorageManagement { bytes, _ in bytes }
    }

    /// The part of the buffer where `part` lies, unless that is elsewhere, or would keep too much memory for what it is.
    func part(_ part: Span<UInt8>) -> ByteBuffer? {
        guard part.count <= bytes.count, part.count * BufferPool.largestExcess >= bytes.count else { return nil }
        // SAFETY: the addresses are only compared.
        let offset = part.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) &- UInt(bitPattern: bytes.baseAddress) }
        guard offset <= UInt(bytes.count - part.count) else { return nil }
        return buffer.getSlice(at: Int(offset), length: part.count)
    }
}

/// Memory for short messages, one after the other: most are answered and forgotten before their memory's turn comes again,
/// and an allocation costs as much as all else that is done with them. What is still in use then is left to its users.
private struct ShortBufferRing {
    private var buffers: [ByteBuffer] = []
    private var next = 0

    static let largestSize = 512
    private static let count = 32

    mutating func copy(of bytes: Span<UInt8>) -> ByteBuffer {
        guard buffers.count == Self.count else {
            buffers.append(bytes.withUnsafeBytes { ByteBuffer(bytes: $0) })
            return buffers[buffers.count - 1]
        }
        next = (next + 1) % Self.count
        let isReused: Void? = buffers[next].modifyIfUniquelyOwned { buffer in
            buffer.clear()
            bytes.withUnsafeBytes { _ = buffer.writeBytes($0) }
        }
        if isReused == nil { buffers[next] = bytes.withUnsafeBytes { ByteBuffer(bytes: $0) } }
        return buffers[next]
    }
}

/// Memory of longer messages.
///
/// The longest comes fresh from the kernel and goes back to it with every message, a page fault for each 4 KiB, which costs as
/// much as all else that is done with the message. A pool keeps a reference to what it handed out, and hands it out again once
/// nobody else has one. It holds at most so many buffers, and none a little while after the last message.
private final class BufferPool: AlarmedConnection {
    var alarmIndex: Int?
    private unowned let loop: ConnectionLoop
    private let sizes: ClosedRange<Int>
    private let maximumCount: Int
    private var buffers: [ByteBuffer] = []

    /// Messages above this size go back to the kernel.
    static let longest = 4 << 20
    private static let lifetime = Duration.seconds(2)
    /// A buffer may be so much larger than what is put into it, which may be kept for long.
    static let largestExcess = 4

    init(loop: ConnectionLoop, sizes: ClosedRange<Int>, maximumCount: Int) {
        self.loop = loop
        self.sizes = sizes
        self.maximumCount = maximumCount
    }

    func take(capacity: Int) -> ByteBuffer? {
        guard capacity <= sizes.upperBound, capacity.addingClamped(capacity) > sizes.lowerBound else { return nil }
        let index = buffers.indices.first { index in
            (capacity...capacity * Self.largestExcess).contains(buffers[index].capacity)
                && buffers[index].modifyIfUniquelyOwned { $0.clear() } != nil
        }
        return index.map { buffers.remove(at: $0) }
    }

    func remember(_ buffer: ByteBuffer) {
        guard sizes.contains(buffer.capacity), buffers.count < maximumCount else { return }
        buffers.append(buffer)
        if alarmIndex == nil { loop.setAlarm(of: self, at: loop.now.advanced(by: Self.lifetime)) }
    }

    func ring(at now: Timestamp) { buffers = [] }
}
