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

/// Bytes on their way to a non-blocking socket, in order.
///
/// Nearly always it is one array that the kernel takes whole, at once; it holds no memory of its own then.
package struct OutboundQueue {
    /// What comes first; part of it may be gone.
    private var head: [UInt8] = []
    private var tail = Deque<Piece>()
    /// How much of the first piece is gone.
    private var taken = 0
    /// What is left to write, in bytes.
    package private(set) var count = 0

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

    package var isEmpty: Bool { count == 0 }

    // MARK: - Taking

    /// Pieces below this size are put together, so that many small messages for a slow peer are few pieces.
    private static let coalescingLimit = 16 * 1024

    package mutating func append(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        let wasEmpty = count == 0
        count += bytes.count
        if wasEmpty {
            head = bytes
        } else if !tail.isEmpty {
            appendToTail(bytes)
        } else if head.count + bytes.count <= Self.coalescingLimit {
            head.append(contentsOf: bytes)
        } else {
            tail.append(.bytes(bytes))
        }
    }

    private mutating func appendToTail(_ bytes: [UInt8]) {
        guard case .bytes(var last) = tail[tail.count - 1], last.count + bytes.count <= Self.coalescingLimit else {
            tail.append(.bytes(bytes))
            return
        }
        tail[tail.count - 1] = .bytes([])  // It must be nobody else's to grow in place.
        last.append(contentsOf: bytes)
        tail[tail.count - 1] = .bytes(last)
    }

    package mutating func append(_ bytes: any SharedBytes) {
        guard bytes.count > 0 else { return }
        count += bytes.count
        tail.append(.shared(bytes))
    }

    /// Drops everything.
    package mutating func removeAll() { self = Self() }

    /// Takes out what is left, in order, as pieces and how much of each is gone already.
    package mutating func drain(_ body: (Piece, _ gone: Int) -> Void) {
        if !head.isEmpty {
            body(.bytes(head), taken)
            taken = 0
        }
        for piece in tail {
            body(piece, taken)
            taken = 0
        }
        removeAll()
    }

    // MARK: - Writing

    /// Writes what the socket takes now. One that took less than it was given is not asked again.
    package mutating func write(to descriptor: Int32) -> Outcome {
        while count > 0 {
            let (written, given) = tail.isEmpty ? send(head, to: descriptor) : gather(to: descriptor)
            guard written >= 0 else {
                switch errno {
                case EINTR: continue
                case EAGAIN, EWOULDBLOCK: return .blocked
                default: return .failed(SystemFailure("send"))
                }
            }
            advance(by: written)
            if written < given { return .blocked }
        }
        return .wroteAll
    }

    private func send(_ bytes: [UInt8], to descriptor: Int32) -> (written: Int, given: Int) {
        // SAFETY: `taken` is less than the number of bytes, of which that many are left.
        bytes.withUnsafeBytes { bytes in
            let given = bytes.count - taken
            return (sendBytes(descriptor, bytes.baseAddress! + taken, given), given)
        }
    }

    private mutating func advance(by written: Int) {
        count -= written
        guard count > 0 else {
            removeAll()
            return
        }
        taken += written
        if !head.isEmpty, taken >= head.count {
            taken -= head.count
            head = []
        }
        guard head.isEmpty else { return }
        while let first = tail.first, taken >= first.count {
            taken -= first.count
            tail.removeFirst()
        }
    }

    /// Pieces that one call gathers.
    private static let maximumPieces = 64

    private func gather(to descriptor: Int32) -> (written: Int, given: Int) {
        withUnsafeTemporaryAllocation(of: iovec.self, capacity: Self.maximumPieces) { vectors in
            guard !head.isEmpty else { return gather(from: 0, skipping: taken, into: vectors, count: 0, descriptor) }
            return head.withUnsafeBytes { bytes in
                vectors[0] = iovec(UnsafeRawBufferPointer(rebasing: bytes.dropFirst(taken)))
                return gather(from: 0, skipping: 0, into: vectors, count: 1, descriptor)
            }
        }
    }

    /// Adds the pieces one by one, each inside the scope that keeps its bytes in place, then writes all.
    private func gather(
        from index: Int, skipping skipped: Int, into vectors: UnsafeMutableBufferPointer<iovec>, count: Int,
        _ descriptor: Int32
    ) -> (written: Int, given: Int) {
        guard index < tail.count, count < Self.maximumPieces else {
            var message = msghdr()
            message.msg_iov = vectors.baseAddress
            message.msg_iovlen = .init(count)
            return (sendmsg(descriptor, &message, sendFlags), vectors[..<count].reduce(0) { $0 + $1.iov_len })
        }
        return tail[index].withBytes { bytes in
            vectors[count] = iovec(UnsafeRawBufferPointer(rebasing: bytes.dropFirst(skipped)))
            return gather(from: index + 1, skipping: 0, into: vectors, count: count + 1, descriptor)
        }
    }
}

extension iovec {
    /// The bytes as what a gathering call reads.
    fileprivate init(_ bytes: UnsafeRawBufferPointer) {
        self.init(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
    }
}

private func sendBytes(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
    send(descriptor, bytes, count, sendFlags)
}

/// A peer that is gone is an error, not a signal. Darwin's sockets are set so when they are made.
private var sendFlags: Int32 {
    #if canImport(Darwin)
    0
    #else
    Int32(MSG_NOSIGNAL)
    #endif
}
