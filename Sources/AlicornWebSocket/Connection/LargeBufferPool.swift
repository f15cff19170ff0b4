// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport
import NIOCore

/// The memory of large messages that were received on one loop, used again for the next ones.
///
/// Memory of this size comes fresh from the kernel and goes back to it with every message, a page fault for each 4 KiB,
/// which costs as much as all else that is done with the message. The pool keeps a reference to what it handed out, and
/// hands it out again once nobody else has one. It holds at most ``maximumCount`` buffers, and none a little while after
/// the last large message.
final class LargeBufferPool: AlarmedConnection {
    var alarmIndex: Int?
    private unowned let loop: ConnectionLoop
    private var buffers: [ByteBuffer] = []

    /// Messages below this size are not worth it.
    static let smallestSize = 128 * 1024
    private static let largestSize = 4 << 20
    private static let maximumCount = 8
    private static let lifetime = Duration.seconds(2)

    private init(loop: ConnectionLoop) { self.loop = loop }

    /// The pool of a loop. On the loop.
    static func of(_ loop: ConnectionLoop) -> LargeBufferPool {
        if let pool = loop.surfaceStorage as? LargeBufferPool { return pool }
        let pool = LargeBufferPool(loop: loop)
        loop.surfaceStorage = pool
        return pool
    }

    /// An empty buffer of at least that capacity, if one is free.
    func take(capacity: Int) -> ByteBuffer? {
        let index = buffers.indices.first { index in
            buffers[index].capacity >= capacity && buffers[index].modifyIfUniquelyOwned { $0.clear() } != nil
        }
        return index.map { buffers.remove(at: $0) }
    }

    /// Remembers the memory of a buffer that is handed out.
    func remember(_ buffer: ByteBuffer) {
        guard buffer.capacity <= Self.largestSize, buffers.count < Self.maximumCount else { return }
        buffers.append(buffer)
        if alarmIndex == nil { loop.setAlarm(of: self, at: loop.now.advanced(by: Self.lifetime)) }
    }

    func ring(at now: Timestamp) { buffers = [] }
}
