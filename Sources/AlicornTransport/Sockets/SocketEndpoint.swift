// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if canImport(Darwin)
package import Darwin
#elseif canImport(Musl)
package import Musl
#else
package import Glibc
#endif

/// One end of a connection, or what a server listens on; its text is made only when somebody asks.
package enum SocketEndpoint: Sendable, Hashable {
    /// An IPv4 address as it stands in memory, in network byte order.
    case ipv4(UInt32, port: UInt16)
    /// An IPv6 address as it stands in memory, in network byte order, and its zone.
    case ipv6(UInt64, UInt64, port: UInt16, zone: UInt32)
    /// A Unix socket; most clients' have no path, and one outside of the file system begins with `@`.
    case unix(path: String?)
    /// Something else, by its name.
    case named(String)

    /// The port, where there are such.
    package var port: Int? {
        switch self {
        case .ipv4(_, let port), .ipv6(_, _, let port, _): Int(port)
        case .unix, .named: nil
        }
    }

    /// The IP address as text, where there is one.
    package var ipAddress: String? {
        switch self {
        case .ipv4(let address, _): Self.text(of: address, family: AF_INET)
        case .ipv6(let high, let low, _, _): Self.text(of: (high, low), family: AF_INET6)
        case .unix, .named: nil
        }
    }

    /// Whether it stands for all addresses of the machine.
    package var isWildcard: Bool {
        switch self {
        case .ipv4(let address, _): address == 0
        case .ipv6(let high, let low, _, _): high == 0 && low == 0
        case .unix, .named: false
        }
    }

    private static func text<Address>(of address: Address, family: Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
            let isText = withUnsafeBytes(of: address) { bytes in
                inet_ntop(family, bytes.baseAddress, text.baseAddress, socklen_t(text.count)) != nil
            }
            // SAFETY: a call that succeeds has ended the text with a zero, within the buffer.
            return isText ? String(cString: text.baseAddress!) : ""
        }
    }
}

extension SocketEndpoint: CustomStringConvertible {
    /// `192.0.2.1:80`, `[2001:db8::1]:80`, `unix:/run/a.sock` or `unix`.
    package var description: String {
        switch self {
        case .ipv4(_, let port): "\(ipAddress ?? ""):\(port)"
        case .ipv6(_, _, let port, _): "[\(ipAddress ?? "")]:\(port)"
        case .unix(let path): path.map { "unix:\($0)" } ?? "unix"
        case .named(let name): name
        }
    }
}

// MARK: - The system's form

extension SocketEndpoint {
    /// What a call of the system left in `storage`.
    init(_ storage: sockaddr_storage, length: socklen_t) {
        self = withUnsafeBytes(of: storage) { bytes in
            // SAFETY: sockaddr_storage has room and alignment for each of the families' own forms.
            switch Int32(storage.ss_family) {
            case AF_INET: return Self(bytes.load(as: sockaddr_in.self))
            case AF_INET6: return Self(bytes.load(as: sockaddr_in6.self))
            case AF_UNIX: return .unix(path: Self.path(in: bytes.prefix(Int(length))))
            case let family: return .named("a socket of family \(family)")
            }
        }
    }

    package init(_ address: sockaddr_in) {
        self = .ipv4(address.sin_addr.s_addr, port: UInt16(bigEndian: address.sin_port))
    }

    package init(_ address: sockaddr_in6) {
        let (high, low) = withUnsafeBytes(of: address.sin6_addr) {
            ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
        self = .ipv6(high, low, port: UInt16(bigEndian: address.sin6_port), zone: address.sin6_scope_id)
    }

    private static func path(in address: Slice<UnsafeRawBufferPointer>) -> String? {
        let name = address.dropFirst(MemoryLayout.offset(of: \sockaddr_un.sun_path) ?? 0)
        let path = name.prefix { $0 != 0 }
        if !path.isEmpty { return String(decoding: path, as: UTF8.self) }
        #if os(Linux)
        // Names outside of the file system begin with a zero (unix(7)).
        if name.count > 1 { return "@" + String(decoding: name.dropFirst(), as: UTF8.self) }
        #endif
        return nil
    }

    /// The family of its sockets; unspecified for what has no system's form.
    var family: Int32 {
        switch self {
        case .ipv4: AF_INET
        case .ipv6: AF_INET6
        case .unix: AF_UNIX
        case .named: AF_UNSPEC
        }
    }

    /// Calls `body` with what a call of the system takes.
    ///
    /// - Returns: what `body` returned; -1 with `errno` when there is no such form, as of a path that is too long.
    func withSystemForm(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        switch self {
        case .ipv4(let address, let port):
            var form = sockaddr_in()
            form.sin_family = sa_family_t(AF_INET)
            form.sin_port = port.bigEndian
            form.sin_addr.s_addr = address
            return Self.call(body, with: form)
        case .ipv6(let high, let low, let port, let zone):
            var form = sockaddr_in6()
            form.sin6_family = sa_family_t(AF_INET6)
            form.sin6_port = port.bigEndian
            form.sin6_scope_id = zone
            // SAFETY: an IPv6 address has sixteen bytes.
            withUnsafeMutableBytes(of: &form.sin6_addr) {
                $0.storeBytes(of: high, as: UInt64.self)
                $0.storeBytes(of: low, toByteOffset: 8, as: UInt64.self)
            }
            return Self.call(body, with: form)
        case .unix(let path):
            guard let form = path.flatMap({ sockaddr_un(path: $0) }) else { break }
            return Self.call(body, with: form)
        case .named: break
        }
        errno = EINVAL
        return -1
    }

    private static func call<Form>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32, with form: Form) -> Int32 {
        // SAFETY: each family's form begins as a sockaddr does, and its size is told.
        withUnsafePointer(to: form) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<Form>.size)) }
        }
    }

    /// Our end of a socket.
    package static func local(of descriptor: Int32) -> Self? { ask(getsockname, descriptor) }
    /// The peer's end of a socket, if it is connected.
    package static func peer(of descriptor: Int32) -> Self? { ask(getpeername, descriptor) }

    private static func ask(
        _ call: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32, _ descriptor: Int32
    ) -> Self? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        // SAFETY: the call writes at most `length` bytes, which is the storage's size.
        let status = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call(descriptor, $0, &length) }
        }
        return status == 0 ? Self(storage, length: length) : nil
    }
}

extension sockaddr_un {
    /// The longest path, in bytes: the zero at its end has room, too.
    static var longestPath: Int { MemoryLayout.size(ofValue: Self().sun_path) - 1 }

    /// - Returns: `nil` for a path that is empty, too long or has a zero in it.
    init?(path: String) {
        self.init()
        let bytes = Array(path.utf8)
        guard (1...Self.longestPath).contains(bytes.count), !bytes.contains(0) else { return nil }
        sun_family = sa_family_t(AF_UNIX)
        // SAFETY: the line above leaves room for the zero at the end, which is there already.
        withUnsafeMutableBytes(of: &sun_path) { $0.copyBytes(from: bytes) }
    }
}
