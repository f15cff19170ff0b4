// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import NIOCore

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Writes to a non-blocking socket past the channel, when nothing is queued in it.
///
/// A channel's write costs an allocation or two and a walk through the pipeline for each buffer. What the kernel takes at
/// once, which is nearly everything, need not pay for that (docs/decisions/0006-writing-past-the-channel.md).
struct SocketWriter {
    let descriptor: NIOBSDSocket.Handle

    /// Pieces that one call gathers.
    static let maximumPieces = 64

    /// Writes what the socket takes at once.
    ///
    /// - Returns: how many bytes it took; 0 when it takes none now or has failed, which the channel will find out.
    func write(_ bytes: [UInt8]) -> Int {
        bytes.withUnsafeBytes { max(0, send(descriptor, $0.baseAddress, $0.count, Self.flags)) }
    }

    /// Writes what the socket takes at once of `head` and then `tail`, at most ``maximumPieces`` together.
    func write(_ head: [UInt8], _ tail: [ByteBuffer]) -> Int {
        head.withUnsafeBytes { head in
            withUnsafeTemporaryAllocation(of: iovec.self, capacity: Self.maximumPieces) { vectors in
                vectors[0] = iovec(iov_base: UnsafeMutableRawPointer(mutating: head.baseAddress), iov_len: head.count)
                return gather(tail[...], into: vectors, count: 1)
            }
        }
    }

    /// Adds the rest of the pieces one by one, each inside the scope that keeps its bytes in place, then writes all.
    private func gather(
        _ rest: ArraySlice<ByteBuffer>, into vectors: UnsafeMutableBufferPointer<iovec>, count: Int
    ) -> Int {
        guard let piece = rest.first, count < Self.maximumPieces else {
            var message = msghdr()
            message.msg_iov = vectors.baseAddress
            message.msg_iovlen = .init(count)
            return max(0, sendmsg(descriptor, &message, Self.flags))
        }
        return piece.withUnsafeReadableBytes { bytes in
            vectors[count] = iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
            return gather(rest.dropFirst(), into: vectors, count: count + 1)
        }
    }

    /// A peer that is gone is an error, not a signal. Darwin's sockets are set so by SwiftNIO.
    private static var flags: Int32 {
        #if canImport(Darwin)
        0
        #else
        Int32(MSG_NOSIGNAL)
        #endif
    }
}
