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

@Suite("One end of a connection", .timeLimit(.minutes(1)))
struct SocketEndpointTests {
    private static func ipv4(_ text: String, _ port: UInt16) -> SocketEndpoint {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, text, &address.sin_addr)
        return SocketEndpoint(address)
    }

    private static func ipv6(_ text: String, _ port: UInt16) -> SocketEndpoint {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        inet_pton(AF_INET6, text, &address.sin6_addr)
        return SocketEndpoint(address)
    }

    @Test(
        "an IP address is written as in an address, IPv6 in brackets (RFC 3986 §3.2.2)",
        arguments: [
            (ipv4("192.0.2.1", 80), "192.0.2.1:80", "192.0.2.1", 80),
            (ipv4("255.255.255.255", 65_535), "255.255.255.255:65535", "255.255.255.255", 65_535),
            (ipv4("0.0.0.0", 0), "0.0.0.0:0", "0.0.0.0", 0),
            (ipv6("2001:db8::1", 8765), "[2001:db8::1]:8765", "2001:db8::1", 8765),
            (ipv6("::", 1), "[::]:1", "::", 1),
            (ipv6("::ffff:192.0.2.1", 1), "[::ffff:192.0.2.1]:1", "::ffff:192.0.2.1", 1),
        ])
    func ipTexts(endpoint: SocketEndpoint, text: String, address: String, port: Int) {
        #expect(endpoint.description == text)
        #expect(endpoint.ipAddress == address)
        #expect(endpoint.port == port)
    }

    @Test(
        "other sockets have a name, but neither address nor port",
        arguments: [
            (SocketEndpoint.unix(path: "/run/a.sock"), "unix:/run/a.sock"), (.unix(path: nil), "unix"),
            (.named("a socket of family 16"), "a socket of family 16"),
        ])
    func otherTexts(endpoint: SocketEndpoint, text: String) {
        #expect(endpoint.description == text)
        #expect(endpoint.ipAddress == nil)
        #expect(endpoint.port == nil)
        #expect(!endpoint.isWildcard)
    }

    @Test("only the unspecified address stands for all")
    func wildcards() {
        #expect(Self.ipv4("0.0.0.0", 80).isWildcard)
        #expect(Self.ipv6("::", 80).isWildcard)
        #expect(!Self.ipv4("127.0.0.1", 80).isWildcard)
        #expect(!Self.ipv6("::1", 80).isWildcard)
        #expect(!Self.ipv6("1::", 80).isWildcard)
    }

    @Test("both ends of a TCP connection name each other")
    func tcp() throws {
        let listening = SystemSocket.bound()
        #expect(listen(listening, 1) == 0)
        let port = try #require(SocketEndpoint.local(of: listening)?.port)
        let client = SystemSocket.connected(to: port)
        let accepted = accept(listening, nil, nil)
        defer { for descriptor in [listening, client, accepted] { close(descriptor) } }
        #expect(SocketEndpoint.local(of: client) == SocketEndpoint.peer(of: accepted))
        #expect(SocketEndpoint.peer(of: client) == SocketEndpoint.local(of: accepted))
        #expect(SocketEndpoint.peer(of: client)?.description == "127.0.0.1:\(port)")
        #expect(SocketEndpoint.peer(of: listening) == nil)
        #expect(SocketEndpoint.local(of: -1) == nil)
    }

    @Test("a Unix socket has the path that it was bound to, and a client's has none")
    func unix() throws {
        let folder = try TemporaryFolder()
        let bound = SystemSocket.boundUnix(folder.file("a"))
        let pair = try SocketPair()
        defer { close(bound) }
        #expect(SocketEndpoint.local(of: bound) == .unix(path: folder.file("a")))
        #expect(SocketEndpoint.local(of: pair.near) == .unix(path: nil))
        #expect(SocketEndpoint.peer(of: pair.near) == .unix(path: nil))
    }

    @Test("a path that fills the whole address ends with it")
    func longestPath() {
        var storage = sockaddr_storage()
        storage.ss_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout<sockaddr_un>.size - (MemoryLayout.offset(of: \sockaddr_un.sun_path) ?? 0)
        withUnsafeMutableBytes(of: &storage) { $0[(MemoryLayout<sockaddr_un>.size - room)...].prefix(room).copy("a") }
        let endpoint = SocketEndpoint(storage, length: socklen_t(MemoryLayout<sockaddr_un>.size))
        #expect(endpoint == .unix(path: String(repeating: "a", count: room)))
    }

    @Test("a family that is not known is named by its number")
    func unknownFamily() {
        var storage = sockaddr_storage()
        storage.ss_family = 250
        #expect(SocketEndpoint(storage, length: 16) == .named("a socket of family 250"))
    }
}

extension Slice where Base == UnsafeMutableRawBufferPointer {
    /// Fills all of it with one character.
    fileprivate func copy(_ character: Character) {
        for index in indices { base[index] = character.asciiValue ?? 0 }
    }
}
