// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport
import NIOCore

/// The memory of messages that were received on one loop, used again for the next ones once nobody else has it.
final class LoopBuffers {
    private let large: LargeBufferPool
    private var small = SmallBufferRing()

    private init(loop: ConnectionLoop) { large = LargeBufferPool(loop: loop) }

    /// Those of a loop. On the loop.
    static func of(_ loop: ConnectionLoop) -> LoopBuffers {
        if let buffers = loop.surfaceStorage as? LoopBuffers { return buffers }
        let buffers = LoopBuffers(loop: loop)
        loop.surfaceStorage = buffers
        return buffers
    }

    /// A buffer with these bytes.
    func copy(of bytes: Span<UInt8>) -> ByteBuffer {
        bytes.count <= SmallBufferRing.largestSize
            ? small.copy(of: bytes) : bytes.withUnsafeBytes { ByteBuffer(bytes: $0) }
    }

    /// An empty buffer for a long message of at least that capacity, if one is free.
    func take(capacity: Int) -> ByteBuffer? { large.take(capacity: capacity) }

    /// Remembers the memory of a message that is handed out, if it was a long one.
    func remember(_ buffer: ByteBuffer) { large.remember(buffer) }
}

/// Memory for short messages, one after the other: most are answered and forgotten before their memory's turn comes again,
/// and an allocation costs as much as all else that is done with them. What is still in use then is left to its users.
private struct SmallBufferRing {
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

/// Memory of long messages.
///
/// It comes fresh from the kernel and goes back to it with every message, a page fault for each 4 KiB, which costs as much
/// as all else that is done with the message. The pool keeps a reference to what it handed out, and hands it out again once
/// nobody else has one. It holds at most ``maximumCount`` buffers, and none a little while after the last long message.
private final class LargeBufferPool: AlarmedConnection {
    var alarmIndex: Int?
    private unowned let loop: ConnectionLoop
    private var buffers: [ByteBuffer] = []

    /// Messages below this size are not worth it.
    private static let smallestSize = 128 * 1024
    private static let largestSize = 4 << 20
    private static let maximumCount = 8
    private static let lifetime = Duration.seconds(2)

    init(loop: ConnectionLoop) { self.loop = loop }

    func take(capacity: Int) -> ByteBuffer? {
        guard capacity >= Self.smallestSize else { return nil }
        let index = buffers.indices.first { index in
            buffers[index].capacity >= capacity && buffers[index].modifyIfUniquelyOwned { $0.clear() } != nil
        }
        return index.map { buffers.remove(at: $0) }
    }

    func remember(_ buffer: ByteBuffer) {
        guard (Self.smallestSize...Self.largestSize).contains(buffer.capacity), buffers.count < Self.maximumCount
        else { return }
        buffers.append(buffer)
        if alarmIndex == nil { loop.setAlarm(of: self, at: loop.now.advanced(by: Self.lifetime)) }
    }

    func ring(at now: Timestamp) { buffers = [] }
}
