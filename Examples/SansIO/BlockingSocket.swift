// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A TCP socket whose calls block the thread.
final class BlockingSocket: Sendable {
    private let descriptor: Int32

    /// Listens on this machine.
    init(listeningOn port: Int) {
        #if canImport(Glibc)
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
        descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0, listen(descriptor, 64) == 0 else {
            fatalError("port \(port): \(String(cString: strerror(errno)))")
        }
    }

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { _ = systemClose(descriptor) }

    func accept() -> BlockingSocket { BlockingSocket(descriptor: systemAccept(descriptor)) }

    /// What has come: bytes, nothing (the peer ended its direction), or `nil` when nothing came until the deadline.
    func read(until deadline: Timestamp?) -> [UInt8]? {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let milliseconds = deadline.map { max(0, $0.nanoseconds - Timestamp.now.nanoseconds) / 1_000_000 + 1 } ?? -1
        guard poll(&waiting, 1, Int32(clamping: milliseconds)) > 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 16 * 1024)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        return Array(bytes.prefix(max(0, count)))
    }

    /// Whether all of it was written.
    func write(_ bytes: [UInt8]) -> Bool {
        #if canImport(Darwin)
        let flags: Int32 = 0
        #else
        let flags = Int32(MSG_NOSIGNAL)
        #endif
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, flags) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    func endWriting() { _ = shutdown(descriptor, Int32(SHUT_WR)) }
}

// The calls whose names the class's methods have too.
private func systemClose(_ descriptor: Int32) -> Int32 { close(descriptor) }
private func systemAccept(_ descriptor: Int32) -> Int32 { accept(descriptor, nil, nil) }

extension Timestamp {
    /// The time of a clock that never goes back.
    static var now: Self {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Self(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
