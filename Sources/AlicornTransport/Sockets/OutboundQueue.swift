// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import DequeModule

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Writes to a non-blocking socket, and keeps what the socket does not take, in order.
///
/// Nearly always the kernel takes everything at once, from where it is: nothing is copied or allocated then.
package struct OutboundQueue: ~Copyable {
    /// What is left; most connections never have anything.
    private var kept: Kept?

    fileprivate final class Kept {
        var pieces = Deque<Piece>()
        /// How much of the first piece is gone.
        var taken = 0
        /// What is left to write, in bytes.
        var count = 0
    }

    /// Bytes of our own, or somebody's.
    package enum Piece {
        case bytes([UInt8])
        case shared(any SharedBytes)

        var count: Int {
            switch self {
            case .bytes(let bytes): bytes.count
            case .shared(let bytes): bytes.count
            }
        }

        func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
            switch self {
            case .bytes(let bytes): return bytes.withUnsafeBytes(body)
            case .shared(let bytes):
                var result: Result?
                bytes.withBytes { span in span.withUnsafeBytes { result = body($0) } }
                return result!
            }
        }
    }

    /// What came of an attempt to write.
    package enum Outcome: Hashable {
        /// Nothing is left.
        case wroteAll
        /// The socket takes no more now.
        case blocked
        /// The connection is broken.
        case failed(SystemFailure)
    }

    package init() {}

    /// What is left to write, in bytes.
    package var count: Int { kept?.count ?? 0 }
    package var isEmpty: Bool { kept == nil }

    private mutating func open() -> Kept {
        let kept = kept ?? Kept()
        self.kept = kept
        return kept
    }

    // MARK: - Keeping

    /// Takes bytes to be written later.
    ///
    /// - Parameter owner: gives who has the bytes of `body`, to share them; they are copied for `nil`.
    package mutating func keep(_ head: Span<UInt8>, _ body: Span<UInt8>, owner: () -> (any SharedBytes)?) {
        keep(head, body, writtenBefore: 0, owner: owner)
    }

    private mutating func keep(
        _ head: Span<UInt8>, _ body: Span<UInt8>, writtenBefore written: Int, owner: () -> (any SharedBytes)?
    ) {
        keepCopy(of: head.extracting(min(written, head.count)...))
        let skipped = max(0, written - head.count)
        guard skipped < body.count else { return }
        if let owner = owner() {
            // What is written of it was the first to be so: there is nothing before it.
            let kept = open()
            if skipped > 0 { kept.taken = skipped }
            kept.count += body.count - skipped
            kept.pieces.append(.shared(owner))
        } else {
            keepCopy(of: body.extracting(skipped...))
        }
    }

    /// Pieces up to this size are put together, so that many small messages for a slow peer are few pieces.
    private static let coalescingLimit = 16 * 1024

    private mutating func keepCopy(of bytes: Span<UInt8>) {
        guard bytes.count > 0 else { return }
        let kept = open()
        kept.count += bytes.count
        guard case .bytes(var last)? = kept.pieces.last, last.count + bytes.count <= Self.coalescingLimit else {
            kept.pieces.append(.bytes([UInt8](copying: bytes)))
            return
        }
        kept.pieces[kept.pieces.count - 1] = .bytes([])  // It must be nobody else's to grow in place.
        last.append(copying: bytes)
        kept.pieces[kept.pieces.count - 1] = .bytes(last)
    }

    /// Drops everything.
    package mutating func removeAll() { kept = nil }

    /// Takes out what is left, in order, as pieces and how much of each is gone already.
    package mutating func drain(_ body: (Piece, _ gone: Int) -> Void) {
        guard let kept = kept.take() else { return }
        for (index, piece) in kept.pieces.enumerated() { body(piece, index == 0 ? kept.taken : 0) }
    }

    // MARK: - Writing

    /// Writes what is left and then these bytes, as far as the socket takes them now, and keeps the rest.
    package mutating func write(
        _ head: Span<UInt8>, _ body: Span<UInt8>, owner: () -> (any SharedBytes)?, to descriptor: Int32
    ) -> Outcome {
        guard isEmpty else {
            keep(head, body, owner: owner)
            return write(to: descriptor)
        }
        let given = head.count + body.count
        while true {
            let written = body.isEmpty ? send(head, to: descriptor) : send(head, body, to: descriptor)
            if written == given { return .wroteAll }
            guard written < 0 else {
                keep(head, body, writtenBefore: written, owner: owner)
                return .blocked
            }
            switch errno {
            case EINTR: continue
            case EAGAIN, EWOULDBLOCK:
                keep(head, body, owner: owner)
                return .blocked
            default: return .failed(SystemFailure("send"))
            }
        }
    }

    /// Writes what is left, as far as the socket takes it now. One that took less than it was given is not asked again.
    package mutating func write(to descriptor: Int32) -> Outcome {
        while let kept {
            let (written, given) = kept.gather(to: descriptor)
            guard written >= 0 else {
                switch errno {
                case EINTR: continue
                case EAGAIN, EWOULDBLOCK: return .blocked
                default: return .failed(SystemFailure("send"))
                }
            }
            remove(written)
            if written < given { return .blocked }
        }
        return .wroteAll
    }

    private mutating func remove(_ written: Int) {
        kept?.remove(written)
        if count == 0 { kept = nil }
    }

    private func send(_ bytes: Span<UInt8>, to descriptor: Int32) -> Int {
        bytes.withUnsafeBytes { sendBytes(descriptor, $0.baseAddress, $0.count) }
    }

    private func send(_ head: Span<UInt8>, _ body: Span<UInt8>, to descriptor: Int32) -> Int {
        head.withUnsafeBytes { head in
            body.withUnsafeBytes { body in
                withUnsafeTemporaryAllocation(of: iovec.self, capacity: 2) { vectors in
                    vectors[0] = iovec(head)
                    vectors[1] = iovec(body)
                    return sendVectors(descriptor, vectors, count: 2)
                }
            }
        }
    }

}

extension OutboundQueue.Kept {
    fileprivate func remove(_ written: Int) {
        count -= written
        taken += written
        while let first = pieces.first, taken >= first.count {
            taken -= first.count
            pieces.removeFirst()
        }
    }

    /// Pieces that one call gathers.
    private static let maximumPieces = 64

    fileprivate func gather(to descriptor: Int32) -> (written: Int, given: Int) {
        withUnsafeTemporaryAllocation(of: iovec.self, capacity: Self.maximumPieces) { vectors in
            gather(from: 0, skipping: taken, into: vectors, descriptor)
        }
    }

    /// Adds the pieces one by one, each inside the scope that keeps its bytes in place, then writes all.
    private func gather(
        from index: Int, skipping skipped: Int, into vectors: UnsafeMutableBufferPointer<iovec>, _ descriptor: Int32
    ) -> (written: Int, given: Int) {
        guard index < pieces.count, index < Self.maximumPieces else {
            let given = vectors[..<index].reduce(0) { $0 + $1.iov_len }
            return (sendVectors(descriptor, vectors, count: index), given)
        }
        return pieces[index].withBytes { bytes in
            vectors[index] = iovec(UnsafeRawBufferPointer(rebasing: bytes.dropFirst(skipped)))
            return gather(from: index + 1, skipping: 0, into: vectors, descriptor)
        }
    }
}

extension iovec {
    /// The bytes as what a gathering call reads.
    fileprivate init(_ bytes: UnsafeRawBufferPointer) {
        self.init(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
    }
}

private func sendBytes(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    send(descriptor, bytes, count, sendFlags)
}

/// - Parameter vectors: its first `count` elements point to memory that stays in place during the call.
private func sendVectors(
    _ descriptor: Int32, _ vectors: UnsafeMutableBufferPointer<iovec>, count: Int
) -> Int {
    var message = msghdr()
    message.msg_iov = vectors.baseAddress
    message.msg_iovlen = .init(count)
    return sendmsg(descriptor, &message, sendFlags)
}

/// A peer that is gone is an error, not a signal. Darwin's sockets are set so when they are made.
private var sendFlags: Int32 {
    #if canImport(Darwin)
    0
    #else
    Int32(MSG_NOSIGNAL)
    #endif
}
