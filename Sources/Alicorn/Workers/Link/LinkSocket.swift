// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTransport

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// One end of what connects a supervisor and a worker: a stream of one-byte messages, closed with its owner.
final class LinkSocket: Sendable {
    let descriptor: Int32

    enum Message: UInt8 {
        /// The worker serves.
        case ready = 0x2b
        /// The supervisor asks whether the worker is healthy.
        case ping = 0x3f
        /// The worker is.
        case pong = 0x2e
    }

    /// Takes the descriptor over, and keeps it from other processes.
    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        #if canImport(Darwin)
        var isOn: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &isOn, socklen_t(MemoryLayout<Int32>.size))
        #endif
    }

    deinit { close(descriptor) }

    /// Two ends that are connected.
    static func pair() throws(SystemFailure) -> (LinkSocket, LinkSocket) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, streamSocketType, 0, &ends) == 0 else { throw SystemFailure("socketpair") }
        return (LinkSocket(ends[0]), LinkSocket(ends[1]))
    }

    /// Never waits: to a peer that has left hundreds unread, one more says nothing.
    func send(_ message: Message) {
        var byte = message.rawValue
        #if canImport(Darwin)
        let flags: Int32 = 0
        #else
        let flags = Int32(MSG_NOSIGNAL)
        #endif
        _ = sendBytes(descriptor, &byte, 1, flags)
    }

    /// What has come.
    ///
    /// - Returns: `nil` when the other end is closed.
    func receive() -> [Message]? {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { bytes in
            let count = recv(descriptor, bytes.baseAddress, bytes.count, 0)
            if count > 0 { return bytes.prefix(count).compactMap(Message.init) }
            return count < 0 && [EAGAIN, EWOULDBLOCK, EINTR].contains(errno) ? [] : nil
        }
    }
}

private func sendBytes(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int, _ flags: Int32) -> Int {
    send(descriptor, bytes, count, flags)
}
