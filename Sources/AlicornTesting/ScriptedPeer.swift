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

/// The other end of a TCP connection, that sends exactly what a test tells it: for what a well-behaved peer never does.
///
/// Its calls block a thread of its own, never one of the tasks'. None waits longer than ten seconds.
package final class ScriptedPeer: Sendable {
    /// What a system call had against it.
    package struct Failure: Error, CustomStringConvertible {
        package let call: String
        package let number: Int32
        package var description: String { "\(call): \(String(cString: strerror(number)))" }
    }

    private let descriptor: Int32
    private let queue = DispatchQueue(label: "alicorn.scripted-peer")

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { _ = descriptorClose(descriptor) }

    /// Connects to a port of this machine.
    ///
    /// - Parameter receiveBuffer: how much the kernel keeps for a peer that does not read, in bytes; `nil` for its default.
    package static func connect(port: Int, receiveBuffer: Int32? = nil) async throws -> ScriptedPeer {
        let descriptor = socket(AF_INET, streamType, 0)
        guard descriptor >= 0 else { throw Failure(call: "socket", number: errno) }
        if var size = receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        let peer = ScriptedPeer(descriptor)
        try await peer.onQueue {
            try withLoopback(port: port) { address, length in
                guard systemConnect(descriptor, address, length) == 0 else {
                    throw Failure(call: "connect", number: errno)
                }
            }
        }
        return peer
    }

    /// Sends all of it.
    package func send(_ bytes: [UInt8]) async throws {
        try await onQueue { [descriptor] in
            var sent = 0
            while sent < bytes.count {
                let count = bytes.withUnsafeBytes { buffer in
                    systemSend(descriptor, buffer.baseAddress! + sent, buffer.count - sent)
                }
                guard count > 0 else { throw Failure(call: "send", number: errno) }
                sent += count
            }
        }
    }

    /// Sends text.
    package func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    /// Receives until `isEnough`, or the other side's end.
    package func receive(until isEnough: @escaping @Sendable ([UInt8]) -> Bool) async throws -> [UInt8] {
        try await onQueue { [descriptor] in
            var bytes: [UInt8] = []
            var piece = [UInt8](repeating: 0, count: 64 * 1024)
            while !isEnough(bytes) {
                let count = piece.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
                guard count >= 0 else { throw Failure(call: "recv", number: errno) }
                guard count > 0 else { break }
                bytes += piece[..<count]
            }
            return bytes
        }
    }

    /// Receives the head of a response, and no byte behind it.
    package func receiveHead() async throws -> String {
        try await onQueue { [descriptor] in
            var bytes: [UInt8] = []
            var byte: UInt8 = 0
            while !bytes.suffix(4).elementsEqual([13, 10, 13, 10]) {
                let count = recv(descriptor, &byte, 1, 0)
                guard count >= 0 else { throw Failure(call: "recv", number: errno) }
                guard count > 0 else { break }
                bytes.append(byte)
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// Receives that many bytes, or fewer if the other side ends before.
    package func receive(_ count: Int) async throws -> [UInt8] {
        try await onQueue { [descriptor] in
            var bytes = [UInt8](repeating: 0, count: count)
            var filled = 0
            while filled < count {
                let read = bytes.withUnsafeMutableBytes { buffer in
                    recv(descriptor, buffer.baseAddress! + filled, count - filled, 0)
                }
                guard read >= 0 else { throw Failure(call: "recv", number: errno) }
                guard read > 0 else { break }
                filled += read
            }
            return Array(bytes[..<filled])
        }
    }

    /// Receives until the other side ends.
    package func receiveAll() async throws -> [UInt8] { try await receive { _ in false } }

    /// Ends this side's direction.
    package func finishWriting() { _ = shutdown(descriptor, sendingEnd) }

    /// Cuts the connection with a reset, as a crash does, when the peer is let go.
    package func resetWhenReleased() {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    }

    private func onQueue<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Swift.Result { try body() }) }
        }
    }
}

/// A listening socket that accepts and then says nothing of its own accord.
package final class ScriptedListener: Sendable {
    /// The port that the system picked.
    package let port: Int
    private let descriptor: Int32
    private let queue = DispatchQueue(label: "alicorn.scripted-listener")

    /// Listens on a port of this machine.
    package init() throws {
        let descriptor = socket(AF_INET, streamType, 0)
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = try withLoopback(port: 0) { address, length in
            bind(descriptor, address, length) == 0 && listen(descriptor, 16) == 0
        }
        guard descriptor >= 0, isListening else { throw ScriptedPeer.Failure(call: "listen", number: errno) }
        _ = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        self.descriptor = descriptor
    }

    deinit { _ = descriptorClose(descriptor) }

    /// Waits for the next connection.
    package func accept() async throws -> ScriptedPeer {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { [descriptor] in
                let accepted = systemAccept(descriptor)
                continuation.resume(
                    with: accepted >= 0
                        ? .success(ScriptedPeer(accepted))
                        : .failure(ScriptedPeer.Failure(call: "accept", number: errno)))
            }
        }
    }
}

#if canImport(Glibc)
private let streamType = Int32(SOCK_STREAM.rawValue)
private let sendingEnd = Int32(SHUT_WR)
#else
private let streamType = SOCK_STREAM
private let sendingEnd = SHUT_WR
#endif

// The calls whose names the classes' methods have too.
private func systemConnect(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    connect(descriptor, address, length)
}

private func systemAccept(_ descriptor: Int32) -> Int32 { accept(descriptor, nil, nil) }

private func systemSend(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
    #if canImport(Darwin)
    send(descriptor, bytes, count, 0)
    #else
    send(descriptor, bytes, count, Int32(MSG_NOSIGNAL))
    #endif
}

private func descriptorClose(_ descriptor: Int32) -> Int32 { close(descriptor) }

private func withLoopback<Result>(
    port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Result
) throws -> Result {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
    return try withUnsafePointer(to: &address) { pointer in
        try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            try body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}
