// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import NIOCore

/// The message of which pieces have come, in one buffer. It holds no memory between messages.
struct MessageAssembly {
    private var buffer: ByteBuffer

    /// Begins with what has come already.
    init(_ buffer: ByteBuffer = ByteBuffer()) { self.buffer = buffer }

    /// How many bytes have come.
    var count: Int { buffer.readableBytes }

    /// Takes the next bytes. Never reserves more than twice what has arrived, whatever a header announces, but for memory
    /// that is there anyway.
    mutating func append(_ bytes: Span<UInt8>, announced: Int, with memory: LoopBuffers) {
        reserve(bytes.count, announced: announced, with: memory)
        _ = bytes.withUnsafeBytes { buffer.writeBytes($0) }
    }

    /// The least that is lent for reading into, once it is used up.
    private static let step = 64 * 1024

    /// Lends memory for the next bytes, at most `announced`; `body` returns how many it has put there.
    mutating func fill(
        announced: Int, with memory: LoopBuffers, _ body: (UnsafeMutableBufferPointer<UInt8>) -> Int
    ) {
        let step = min(announced, Self.step)
        reserve(step, announced: announced - step, with: memory)
        _ = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: step) { bytes in
            bytes.withMemoryRebound(to: UInt8.self) { bytes in
                body(UnsafeMutableBufferPointer(rebasing: bytes.prefix(announced)))
            }
        }
    }

    private mutating func reserve(_ count: Int, announced: Int, with memory: LoopBuffers) {
        let needed = buffer.readableBytes + count
        guard needed > buffer.capacity else { return }
        if buffer.readableBytes == 0,
            let pooled = memory.take(capacity: needed.addingClamped(announced))
        {
            buffer = pooled
        } else {
            buffer.reserveCapacity(min(needed.addingClamped(announced), max(2 * needed, 4096)))
        }
    }

    /// Takes the whole message out.
    mutating func take(with memory: LoopBuffers) -> ByteBuffer {
        var whole = ByteBuffer()
        swap(&whole, &buffer)
        memory.remember(whole)
        return whole
    }

    /// Forgets what has come.
    mutating func drop() { buffer = ByteBuffer() }
}
