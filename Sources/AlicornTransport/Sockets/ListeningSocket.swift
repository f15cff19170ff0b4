// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A socket that listens, for an engine to accept from. Who has it closes it.
package struct ListeningSocket: Sendable {
    /// Non-blocking, and not passed on to child processes.
    package let descriptor: Int32
    /// What is listened on, with the port that the system picked for 0.
    package let endpoint: SocketEndpoint
    /// Connections that the kernel keeps until they are accepted, as far as it lets (listen(2)).
    package let backlog: Int32
    /// The file of a Unix socket that was made, to be removed at the end.
    private let file: SocketFile?

    /// Binds and listens.
    ///
    /// A stale Unix socket, on which nobody listens any more, is replaced.
    ///
    /// - Parameter reusesPort: lets other sockets of this user listen on the same port, and the kernel share out the
    ///   connections (SO_REUSEPORT).
    /// - Parameter backlog: connections that the kernel keeps until they are accepted, as far as it lets (listen(2)).
    package init(
        _ address: ListenAddress, reusesPort: Bool = false, backlog: Int32 = 4096
    ) throws(ListeningFailure) {
        switch address {
        case .tcp(let host, let port): try self.init(host: host, port: port, reusesPort: reusesPort, backlog)
        case .unix(let path, let permissions): try self.init(path: path, permissions: permissions, backlog)
        case .descriptor(let number): try self.init(inherited: number, backlog)
        }
    }

    /// Has the kernel keep so many connections again, after somebody else has told it another number.
    package func restoreBacklog() { _ = listen(descriptor, backlog) }

    /// Stops listening.
    package func close() {
        removeFile()
        closeDescriptor(descriptor)
    }

    /// Removes the file of a Unix socket, unless it is somebody else's by now. For who closes the descriptor otherwise.
    package func removeFile() { file?.remove() }

    private init(
        listeningOn socket: consuming OwnedDescriptor, _ backlog: Int32, file: SocketFile? = nil
    ) throws(ListeningFailure) {
        guard listen(socket.number, backlog) == 0 else { throw .refused(SystemFailure("listen")) }
        guard let local = SocketEndpoint.local(of: socket.number) else {
            throw .refused(SystemFailure("getsockname"))
        }
        endpoint = local
        self.backlog = backlog
        self.file = file
        descriptor = socket.release()
    }
}

// MARK: - TCP

extension ListeningSocket {
    private init(host: String, port: Int, reusesPort: Bool, _ backlog: Int32) throws(ListeningFailure) {
        guard (0...65_535).contains(port) else { throw .invalidPort(port) }
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = streamSocketType
        var found: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &found)
        guard status == 0, let found else { throw .unknownHost(String(cString: gai_strerror(status))) }
        defer { freeaddrinfo(found) }
        try self.init(first: found, reusesPort: reusesPort, backlog)
    }

    /// Listens on the first of the addresses on which it can.
    private init(
        first: UnsafeMutablePointer<addrinfo>, reusesPort: Bool, _ backlog: Int32
    ) throws(ListeningFailure) {
        var next: UnsafeMutablePointer<addrinfo>? = first
        var failure = ListeningFailure.unknownHost("none was found")
        while let info = next {
            next = info.pointee.ai_next
            do throws(ListeningFailure) {
                let socket = try OwnedDescriptor.socket(family: info.pointee.ai_family)
                // What is accepted inherits the last one, which saves a call for each connection.
                try socket.enable(SOL_SOCKET, SO_REUSEADDR)
                if reusesPort { try socket.enable(SOL_SOCKET, SO_REUSEPORT) }
                try socket.enable(Int32(IPPROTO_TCP), TCP_NODELAY)
                guard bind(socket.number, info.pointee.ai_addr, info.pointee.ai_addrlen) == 0 else {
                    throw .refused(SystemFailure("bind"))
                }
                try self.init(listeningOn: socket, backlog)
                return
            } catch {
                failure = error
            }
        }
        throw failure
    }
}

// MARK: - Unix sockets

extension ListeningSocket {
    private init(path: String, permissions: UInt16?, _ backlog: Int32) throws(ListeningFailure) {
        let socket = try OwnedDescriptor.socket(family: AF_UNIX)
        var status = try withUnixAddress(path) { bind(socket.number, $0, $1) }
        if status != 0, errno == EADDRINUSE {
            try removeStaleSocket(path)
            status = try withUnixAddress(path) { bind(socket.number, $0, $1) }
        }
        guard status == 0 else { throw .refused(SystemFailure("bind")) }
        let file = SocketFile(path: path)
        // Nobody can connect yet, so that there is no moment with other permissions.
        if let permissions, chmod(path, mode_t(permissions)) != 0 {
            let failure = SystemFailure("chmod")
            file?.remove()
            throw .refused(failure)
        }
        try self.init(listeningOn: socket, backlog, file: file)
    }
}

/// Removes a socket on which nobody listens.
private func removeStaleSocket(_ path: String) throws(ListeningFailure) {
    guard let file = SocketFile(path: path) else { throw .notASocketFile }
    let probe = try OwnedDescriptor.socket(family: AF_UNIX)
    guard try withUnixAddress(path, { connect(probe.number, $0, $1) }) != 0, errno == ECONNREFUSED else {
        throw .pathInUse
    }
    file.remove()
}

private func withUnixAddress(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
) throws(ListeningFailure) -> Int32 {
    guard let address = sockaddr_un(path: path) else {
        throw .invalidPath(bytes: path.utf8.count, limit: sockaddr_un.longestPath)
    }
    return withUnsafePointer(to: address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
}

/// A Unix socket's file, recognised again by its number.
private struct SocketFile: Sendable {
    let path: String
    private let device: UInt64
    private let number: UInt64

    /// - Returns: `nil` when there is no socket at the path.
    init?(path: String) {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
        self.path = path
        device = UInt64(status.st_dev)
        number = UInt64(status.st_ino)
    }

    func remove() {
        guard let current = Self(path: path), current.device == device, current.number == number else { return }
        unlink(path)
    }
}

// MARK: - Inherited descriptors

extension ListeningSocket {
    private init(inherited number: Int32, _ backlog: Int32) throws(ListeningFailure) {
        var type: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard fcntl(number, F_GETFD) != -1 else { throw .notADescriptor }
        guard getsockopt(number, SOL_SOCKET, SO_TYPE, &type, &length) == 0, type == streamSocketType else {
            throw .notASocket
        }
        guard SocketEndpoint.peer(of: number) == nil else { throw .connected }
        guard let local = SocketEndpoint.local(of: number), local.isBound else { throw .notBound }
        let socket = try OwnedDescriptor.taken(fcntl(number, F_DUPFD_CLOEXEC, 0), from: "fcntl")
        if local.port != nil { try socket.enable(Int32(IPPROTO_TCP), TCP_NODELAY) }
        try self.init(listeningOn: socket, backlog)
    }
}

extension SocketEndpoint {
    /// Whether a socket with that local end can be reached.
    fileprivate var isBound: Bool {
        switch self {
        case .ipv4, .ipv6: port != 0
        case .unix(let path): path != nil
        case .named: false
        }
    }
}

// MARK: - A socket that is being made

extension OwnedDescriptor {
    fileprivate static func socket(family: Int32) throws(ListeningFailure) -> Self {
        try taken(open(family, streamSocketType, 0), from: "socket")
    }

    /// Takes a socket that a call of the system gave, and makes it non-blocking and private to this process.
    fileprivate static func taken(_ number: Int32, from call: String) throws(ListeningFailure) -> Self {
        let socket: OwnedDescriptor
        do throws(SystemFailure) { socket = try Self(number, from: call) } catch { throw .refused(error) }
        let flags = fcntl(number, F_GETFL)
        guard flags >= 0, fcntl(number, F_SETFL, flags | O_NONBLOCK) == 0, fcntl(number, F_SETFD, FD_CLOEXEC) == 0
        else { throw .refused(SystemFailure("fcntl")) }
        return socket
    }

    fileprivate func enable(_ level: Int32, _ option: Int32) throws(ListeningFailure) {
        var isOn: Int32 = 1
        guard setsockopt(number, level, option, &isOn, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw .refused(SystemFailure("setsockopt"))
        }
    }
}

private func open(_ family: Int32, _ type: Int32, _ protocolNumber: Int32) -> Int32 {
    socket(family, type, protocolNumber)
}
