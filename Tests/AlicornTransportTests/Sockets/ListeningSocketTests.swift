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

@Suite("A socket that listens", .timeLimit(.minutes(1)))
struct ListeningSocketTests {
    /// Why listening fails; `nil` when it does not.
    private func failure(_ address: ListenAddress) -> ListeningFailure? {
        do throws(ListeningFailure) {
            try ListeningSocket(address).close()
            return nil
        } catch { return error }
    }

    // MARK: - TCP

    @Test(
        "port 0 lets the system pick one, on which the socket then listens without blocking",
        arguments: ["127.0.0.1", "::1"])
    func picksPort(host: String) throws {
        let socket = try ListeningSocket(.tcp(host: host, port: 0))
        defer { socket.close() }
        #expect(socket.endpoint.ipAddress == host)
        #expect((1...65_535).contains(socket.endpoint.port ?? 0))
        #expect(SystemSocket.option(SOL_SOCKET, SO_ACCEPTCONN, of: socket.descriptor) != 0)
        #expect(fcntl(socket.descriptor, F_GETFL) & O_NONBLOCK != 0)
        #expect(fcntl(socket.descriptor, F_GETFD) & FD_CLOEXEC != 0)
    }

    @Test("what is accepted sends small pieces without delay")
    func noDelay() throws {
        let socket = try ListeningSocket(.tcp(host: "127.0.0.1", port: 0))
        let client = SystemSocket.connected(to: socket.endpoint.port ?? 0)
        let accepted = accept(socket.descriptor, nil, nil)
        #expect(SystemSocket.option(Int32(IPPROTO_TCP), TCP_NODELAY, of: accepted) != 0)
        for descriptor in [client, accepted] { close(descriptor) }
        socket.close()
    }

    @Test("a port that is taken is refused, unless both sockets share it")
    func takenPort() throws {
        let first = try ListeningSocket(.tcp(host: "127.0.0.1", port: 0), reusesPort: true)
        let port = try #require(first.endpoint.port)
        #expect(failure(.tcp(host: "127.0.0.1", port: port)) == .refused(SystemFailure("bind", EADDRINUSE)))
        let second = try ListeningSocket(.tcp(host: "127.0.0.1", port: port), reusesPort: true)
        #expect(second.endpoint == first.endpoint)
        first.close()
        second.close()
    }

    @Test("no port has such a number", arguments: [-1, 65_536, .max])
    func invalidPort(port: Int) { #expect(failure(.tcp(host: "127.0.0.1", port: port)) == .invalidPort(port)) }

    @Test("a host without an address is named as such", arguments: ["", "not a host"])
    func unknownHost(host: String) {
        guard case .unknownHost(let reason) = failure(.tcp(host: host, port: 0)) else {
            Issue.record("\(host) has an address")
            return
        }
        #expect(!reason.isEmpty)
    }

    @Test("an address of another machine is refused")
    func foreignAddress() {
        // TEST-NET-1 is nobody's (RFC 5737 §3).
        #expect(failure(.tcp(host: "192.0.2.1", port: 0)) == .refused(SystemFailure("bind", EADDRNOTAVAIL)))
    }

    // MARK: - Unix sockets

    @Test("a Unix socket's file is there while it listens")
    func unix() throws {
        let folder = try TemporaryFolder()
        let socket = try ListeningSocket(.unix(path: folder.file("a")))
        #expect(socket.endpoint == .unix(path: folder.file("a")))
        #expect(SystemSocket.canConnect(toUnix: folder.file("a")))
        socket.close()
        #expect(folder.names.isEmpty)
        #expect(
            !SystemSocket.isOpen(socket.descriptor) || SocketEndpoint.local(of: socket.descriptor) != socket.endpoint)
    }

    @Test("a path that is empty, too long or has a zero in it is none")
    func invalidPath() throws {
        let limit = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1
        let long = String(repeating: "a", count: limit + 1)
        #expect(failure(.unix(path: "")) == .invalidPath(bytes: 0, limit: limit))
        #expect(failure(.unix(path: long)) == .invalidPath(bytes: limit + 1, limit: limit))
        #expect(failure(.unix(path: "a\0b")) == .invalidPath(bytes: 3, limit: limit))
    }

    @Test("the longest path is one")
    func longestPath() throws {
        let folder = try TemporaryFolder()
        let limit = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1
        let path = folder.file(String(repeating: "a", count: limit - folder.path.utf8.count - 1))
        let socket = try ListeningSocket(.unix(path: path))
        #expect(socket.endpoint == .unix(path: path))
        socket.close()
        #expect(folder.names.isEmpty)
    }

    @Test("a folder that is not there is refused")
    func missingFolder() throws {
        let folder = try TemporaryFolder()
        #expect(failure(.unix(path: folder.file("b/a"))) == .refused(SystemFailure("bind", ENOENT)))
    }

    @Test("the file has the permissions that it is to have")
    func permissions() throws {
        let folder = try TemporaryFolder()
        let socket = try ListeningSocket(.unix(path: folder.file("a"), permissions: 0o640))
        defer { socket.close() }
        var status = stat()
        #expect(lstat(folder.file("a"), &status) == 0 && status.st_mode & 0o777 == 0o640)
    }

    @Test("what is no socket is left alone")
    func otherFiles() throws {
        let folder = try TemporaryFolder()
        let file = folder.file("file")
        close(open(file, O_CREAT | O_WRONLY, 0o600))
        symlink(file, folder.file("link"))
        for path in [file, folder.file("link"), folder.path] {
            #expect(failure(.unix(path: path)) == .notASocketFile)
        }
        #expect(Set(folder.names) == ["file", "link"])
    }

    @Test("a stale socket is taken over")
    func staleSocket() throws {
        let folder = try TemporaryFolder()
        let stale = SystemSocket.boundUnix(folder.file("a"))
        listen(stale, 1)
        close(stale)
        #expect(!SystemSocket.canConnect(toUnix: folder.file("a")))
        let socket = try ListeningSocket(.unix(path: folder.file("a")))
        #expect(SystemSocket.canConnect(toUnix: folder.file("a")))
        socket.close()
        #expect(folder.names.isEmpty)
    }

    @Test("a socket on which somebody listens is left alone")
    func usedSocket() throws {
        let folder = try TemporaryFolder()
        let first = try ListeningSocket(.unix(path: folder.file("a")))
        #expect(failure(.unix(path: folder.file("a"))) == .pathInUse)
        #expect(SystemSocket.canConnect(toUnix: folder.file("a")))
        first.close()
    }

    @Test("a socket of another type is left alone")
    func datagramSocket() throws {
        let folder = try TemporaryFolder()
        let datagram = SystemSocket.boundUnix(folder.file("a"), type: SystemSocket.datagram)
        defer { close(datagram) }
        #expect(failure(.unix(path: folder.file("a"))) == .pathInUse)
        #expect(folder.names == ["a"])
    }

    @Test("at the end a file that is somebody else's by now stays")
    func othersFile() throws {
        let folder = try TemporaryFolder()
        let first = try ListeningSocket(.unix(path: folder.file("a")))
        unlink(folder.file("a"))
        let second = try ListeningSocket(.unix(path: folder.file("a")))
        first.close()
        #expect(SystemSocket.canConnect(toUnix: folder.file("a")))
        second.close()
        #expect(folder.names.isEmpty)
    }

    // MARK: - Inherited descriptors

    @Test(
        "a bound socket is listened on, a listening one goes on, and both stay their owner's", arguments: [false, true])
    func inherited(listens: Bool) throws {
        let theirs = SystemSocket.bound()
        defer { close(theirs) }
        if listens { listen(theirs, 1) }
        let socket = try ListeningSocket(.descriptor(theirs))
        #expect(socket.descriptor != theirs)
        #expect(socket.endpoint == SocketEndpoint.local(of: theirs))
        let client = SystemSocket.connected(to: socket.endpoint.port ?? 0)
        let accepted = accept(socket.descriptor, nil, nil)
        #expect(accepted >= 0)
        #expect(SystemSocket.option(Int32(IPPROTO_TCP), TCP_NODELAY, of: accepted) != 0)
        for descriptor in [client, accepted] { close(descriptor) }
        socket.close()
        #expect(SystemSocket.isOpen(theirs))
        #expect(SystemSocket.option(SOL_SOCKET, SO_ACCEPTCONN, of: theirs) != 0)
    }

    @Test("an inherited Unix socket's file stays its owner's")
    func inheritedUnix() throws {
        let folder = try TemporaryFolder()
        let theirs = SystemSocket.boundUnix(folder.file("a"))
        defer { close(theirs) }
        let socket = try ListeningSocket(.descriptor(theirs))
        #expect(socket.endpoint == .unix(path: folder.file("a")))
        socket.close()
        #expect(folder.names == ["a"])
    }

    #if os(Linux)
    @Test("an inherited Unix socket may have a name outside of the file system (unix(7))")
    func inheritedAbstract() throws {
        let name = "alicorn-test-\(getpid())"
        let theirs = SystemSocket.boundUnix("\0" + name)
        defer { close(theirs) }
        let socket = try ListeningSocket(.descriptor(theirs))
        #expect(socket.endpoint == .unix(path: "@" + name))
        #expect(SystemSocket.canConnect(toUnix: "\0" + name))
        socket.close()
    }
    #endif

    @Test("a descriptor that is not open is none", arguments: [-1, 999_999])
    func notOpen(number: Int32) { #expect(failure(.descriptor(number)) == .notADescriptor) }

    @Test("a descriptor that cannot accept says what it is")
    func otherDescriptors() throws {
        let folder = try TemporaryFolder()
        let file = open(folder.file("a"), O_CREAT | O_RDWR, 0o600)
        let datagram = socket(AF_INET, SystemSocket.datagram, 0)
        let unbound = socket(AF_INET, SystemSocket.stream, 0)
        let unboundUnix = socket(AF_UNIX, SystemSocket.stream, 0)
        let pair = try SocketPair()
        defer { for descriptor in [file, datagram, unbound, unboundUnix] { close(descriptor) } }
        #expect(failure(.descriptor(file)) == .notASocket)
        #expect(failure(.descriptor(datagram)) == .notASocket)
        #expect(failure(.descriptor(pair.near)) == .connected)
        #expect(failure(.descriptor(unbound)) == .notBound)
        #expect(failure(.descriptor(unboundUnix)) == .notBound)
        for descriptor in [file, datagram, unbound, unboundUnix, pair.near] { #expect(SystemSocket.isOpen(descriptor)) }
    }

    // MARK: - In words

    @Test(
        "addresses and failures are said in words",
        arguments: [
            (ListenAddress.tcp(host: "::1", port: 80).description, "::1, port 80"),
            (ListenAddress.unix(path: "/a").description, "the Unix socket /a"),
            (ListenAddress.descriptor(3).description, "the inherited descriptor 3"),
            (ListeningFailure.unknownHost("x").description, "no address here: x"),
            (ListeningFailure.invalidPort(-1).description, "-1 is not a port"),
            (ListeningFailure.invalidPath(bytes: 200, limit: 107).description, "1 to 107 bytes, not 200"),
            (ListeningFailure.pathInUse.description, "another server is listening"),
            (ListeningFailure.notASocketFile.description, "a file that is no socket"),
            (ListeningFailure.notADescriptor.description, "no such descriptor is open"),
            (ListeningFailure.notASocket.description, "not a stream socket"),
            (ListeningFailure.notBound.description, "without an address"),
            (ListeningFailure.connected.description, "a connected socket"),
            (ListeningFailure.refused(SystemFailure("bind", EADDRINUSE)).description, "Address already in use (bind)"),
        ])
    func words(text: String, part: String) { #expect(text.contains(part)) }

    @Test("only what runs out is a shortage")
    func shortage() {
        for number in [EMFILE, ENFILE, ENOBUFS, ENOMEM] { #expect(SystemFailure("accept4", number).isShortage) }
        for number in [EINVAL, ECONNRESET] { #expect(!SystemFailure("accept4", number).isShortage) }
    }
}
