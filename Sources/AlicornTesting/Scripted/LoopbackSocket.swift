// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A TCP socket of this machine whose calls block, each for ten seconds at most unless told.
final class LoopbackSocket: Sendable {
    private let descriptor: Int32

    convenience init() throws {
        let descriptor = socket(AF_INET, streamType, 0)
        guard descriptor >= 0 else { throw ScriptedPeer.Failure("socket") }
        self.init(descriptor)
    }

    private init(_ descriptor: Int32) {
        self.descriptor = descriptor
        setPatience(.seconds(10))
    }

    /// How long sending and receiving may block each.
    func setPatience(_ patience: Duration) {
        var time = timeval()
        time.tv_sec = .init(patience.components.seconds)
        time.tv_usec = .init(patience.components.attoseconds / 1_000_000_000_000)
        set(SO_RCVTIMEO, time)
        set(SO_SNDTIMEO, time)
    }

    deinit { _ = systemClose(descriptor) }

    /// How much the kernel keeps for whoever does not read. Before connecting.
    ///
    /// Segments are short then: of a window that has room for less than one nothing is said (RFC 9293 §3.8.6.2.2), and the
    /// other side asks ever more seldom.
    func setReceiveBuffer(_ size: Int) {
        set(SO_RCVBUF, Int32(clamping: size))
        set(TCP_MAXSEG, Int32(clamping: min(size / 4, 16_384)), of: Int32(IPPROTO_TCP))
    }

    /// Closing will cut the connection with a reset, as a crash does.
    func resetWhenClosed() { set(SO_LINGER, linger(l_onoff: 1, l_linger: 0)) }

    /// Ends this side's direction.
    func finishWriting() { _ = shutdown(descriptor, sendingEnd) }

    func connect(port: Int) throws {
        guard withLoopback(port: port, { systemConnect(descriptor, $0, $1) }) == 0 else {
            throw ScriptedPeer.Failure("connect")
        }
    }

    /// Listens.
    ///
    /// - Returns: the port that the system picked.
    func listen() throws -> Int {
        guard withLoopback(port: 0, { bind(descriptor, $0, $1) }) == 0, systemListen(descriptor) == 0 else {
            throw ScriptedPeer.Failure("listen")
        }
        return port
    }

    /// The port of this end; 0 when it has none.
    var port: Int {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    func accept() throws -> LoopbackSocket {
        // Not all systems have a receive timeout for accepting.
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 10_000) > 0 else { throw ScriptedPeer.Failure("accept", number: EAGAIN) }
        let accepted = systemAccept(descriptor)
        guard accepted >= 0 else { throw ScriptedPeer.Failure("accept") }
        return LoopbackSocket(accepted)
    }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                systemSend(descriptor, buffer.baseAddress! + sent, buffer.count - sent)
            }
            guard count > 0 else { throw ScriptedPeer.Failure("send") }
            sent += count
        }
    }

    /// Receives into the array from `start` on.
    ///
    /// - Returns: how many bytes came; 0 at the other side's end.
    func receive(into bytes: inout [UInt8], from start: Int = 0) throws -> Int {
        let count = bytes.withUnsafeMutableBytes { buffer in
            recv(descriptor, buffer.baseAddress! + start, buffer.count - start, 0)
        }
        guard count >= 0 else { throw ScriptedPeer.Failure("recv") }
        return count
    }

    private func set<Value>(_ option: Int32, _ value: Value, of level: Int32 = SOL_SOCKET) {
        _ = withUnsafePointer(to: value) {
            setsockopt(descriptor, level, option, $0, socklen_t(MemoryLayout<Value>.size))
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

// The calls whose names the class's methods have too.
private func systemConnect(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    connect(descriptor, address, length)
}

private func systemListen(_ descriptor: Int32) -> Int32 { listen(descriptor, 16) }

private func systemAccept(_ descriptor: Int32) -> Int32 { accept(descriptor, nil, nil) }

private func systemSend(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
    #if canImport(Darwin)
    send(descriptor, bytes, count, 0)
    #else
    send(descriptor, bytes, count, Int32(MSG_NOSIGNAL))
    #endif
}

private func systemClose(_ descriptor: Int32) -> Int32 { close(descriptor) }

private func withLoopback(port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}
