// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornTransport

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Two sockets that are connected to each other; each is closed unless somebody has taken it.
final class SocketPair {
    let near: Int32
    let far: Int32
    /// Whether somebody else closes the near end.
    var isNearTaken = false
    private var isFarOpen = true

    /// - Parameter sendBuffer: what the kernel keeps of unread bytes, about; its default when `nil`.
    init(sendBuffer: Int32? = nil) throws {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, SystemSocket.stream, 0, &ends) == 0 else { throw SystemFailure("socketpair") }
        (near, far) = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        guard var size = sendBuffer else { return }
        for end in ends { setsockopt(end, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size)) }
    }

    deinit {
        if !isNearTaken { _ = close(near) }
        closeFar()
    }

    func closeFar() {
        guard isFarOpen else { return }
        isFarOpen = false
        _ = close(far)
    }

    /// Sends from the far end what it takes now.
    func sendFar(_ bytes: [UInt8]) { _ = bytes.withUnsafeBytes { send(far, $0.baseAddress, $0.count, 0) } }

    func finishFar() { shutdown(far, Int32(SHUT_WR)) }

    /// What the far end has to read now, at most `limit` bytes; `nil` at the end.
    func receiveFar(_ limit: Int = 1 << 20) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = bytes.withUnsafeMutableBytes { recv(far, $0.baseAddress, $0.count, 0) }
        if count == 0 { return nil }
        return Array(bytes[..<max(0, count)])
    }
}

/// Sockets as other programs make them.
enum SystemSocket {
    #if canImport(Glibc)
    static let stream = Int32(SOCK_STREAM.rawValue)
    static let datagram = Int32(SOCK_DGRAM.rawValue)
    #else
    static let stream = SOCK_STREAM
    static let datagram = SOCK_DGRAM
    #endif

    /// A TCP socket, bound to a port that the system picks.
    static func bound() -> Int32 {
        let descriptor = socket(AF_INET, stream, 0)
        #expect(bind(descriptor, port: 0) == 0)
        return descriptor
    }

    static func bind(_ descriptor: Int32, port: UInt16) -> Int32 {
        withLoopback(port: port) { systemBind(descriptor, $0, $1) }
    }

    /// A blocking TCP connection to a port of this machine.
    static func connected(to port: Int) -> Int32 {
        let descriptor = socket(AF_INET, stream, 0)
        #expect(withLoopback(port: UInt16(port)) { connect(descriptor, $0, $1) } == 0)
        return descriptor
    }

    /// A Unix socket, bound to a path; with a zero in front, to a name that is not in the file system.
    static func boundUnix(_ path: String, type: Int32 = stream) -> Int32 {
        let descriptor = socket(AF_UNIX, type, 0)
        #expect(withUnix(path) { systemBind(descriptor, $0, $1) } == 0)
        return descriptor
    }

    /// - Returns: whether somebody accepts connections at the path.
    static func canConnect(toUnix path: String) -> Bool {
        let descriptor = socket(AF_UNIX, stream, 0)
        defer { close(descriptor) }
        return withUnix(path) { connect(descriptor, $0, $1) } == 0
    }

    /// Whether input comes, or has come, within the time.
    static func isReadable(_ descriptor: Int32, withinMilliseconds milliseconds: Int32 = 0) -> Bool {
        var question = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&question, 1, milliseconds) == 1
    }

    static func isOpen(_ descriptor: Int32) -> Bool { fcntl(descriptor, F_GETFD) != -1 }

    static func option(_ level: Int32, _ name: Int32, of descriptor: Int32) -> Int32 {
        var value: Int32 = -1
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, level, name, &value, &length)
        return value
    }

    private static func withLoopback(port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }

    private static func withUnix(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.utf8.count)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }
}

private func systemBind(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    bind(descriptor, address, length)
}

/// A folder that is removed with all in it. Its name is short: paths of Unix sockets must be.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/alicorn-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemFailure("mkdtemp") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        for name in names { unlink(path + "/" + name) }
        rmdir(path)
    }

    /// The path of a file in it.
    func file(_ name: String) -> String { path + "/" + name }

    var names: [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
