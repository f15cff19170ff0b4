// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Dispatch

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A TCP connection that sends whatever it is told: the opposite of a client that keeps rules.
enum RawConnection {
    /// Connects, sends all bytes, ends its direction, and reads until the other side ends its own.
    ///
    /// - Throws: ``Failure`` when it cannot connect, when nothing comes for ten seconds, and when the connection is
    ///   reset. What was sent need not have been read: the other side may have had enough before.
    static func exchange(port: Int, sending bytes: [UInt8]) async throws -> [UInt8] {
        try await withCheckedThrowingContinuation { continuation in
            // Reading blocks, which a task must not.
            DispatchQueue.global().async {
                continuation.resume(with: Result { try exchangeNow(port: port, sending: bytes) })
            }
        }
    }

    struct Failure: Error, CustomStringConvertible {
        var call: String
        var code: Int32

        var description: String { "\(call): \(String(cString: strerror(code)))" }
    }

    private static func exchangeNow(port: Int, sending bytes: [UInt8]) throws -> [UInt8] {
        let descriptor = socket(AF_INET, streamType, 0)
        try check(descriptor, "socket")
        defer { close(descriptor) }
        var timeout = timeval(tv_sec: 10, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        try check(setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, size), "setsockopt")
        try check(setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, size), "setsockopt")
        try dial(descriptor, port: port)
        sendAll(bytes, on: descriptor)
        shutdown(descriptor, Int32(SHUT_WR))
        return try readToEnd(descriptor)
    }

    private static func dial(_ descriptor: Int32, port: Int) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try check(result, "connect")
    }

    private static func sendAll(_ bytes: [UInt8], on descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, flags) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    private static func readToEnd(_ descriptor: Int32) throws -> [UInt8] {
        var all: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = chunk.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            guard count != 0 else { return all }
            try check(Int32(clamping: count), "recv")
            all += chunk[..<count]
        }
    }

    private static func check(_ result: Int32, _ call: String) throws {
        guard result >= 0 else { throw Failure(call: call, code: errno) }
    }

    #if canImport(Glibc)
    private static let streamType = Int32(SOCK_STREAM.rawValue)
    #else
    private static let streamType = SOCK_STREAM
    #endif

    #if canImport(Darwin)
    private static let flags: Int32 = 0
    #else
    private static let flags = Int32(MSG_NOSIGNAL)
    #endif
}
