// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if os(Linux)
import CLinux
import Glibc
import Synchronization
import Testing

@testable import AlicornTransport

@Suite("A listener on the native engine", .timeLimit(.minutes(1)))
struct NativeListenerTests {
    /// A listener whose connections echo.
    private final class Echo: Sendable {
        let listener: NativeListener
        let port: Int
        let troubles: AsyncStream<SystemFailure>

        convenience init(_ address: ListenAddress = .tcp(host: "127.0.0.1", port: 0), loops: NativeLoops) throws {
            let socket = try ListeningSocket(address)
            try self.init(socket, loops: loops)
        }

        init(_ socket: ListeningSocket, loops: NativeLoops) throws {
            port = socket.endpoint.port ?? 0
            let (troubles, note) = AsyncStream.makeStream(of: SystemFailure.self)
            self.troubles = troubles
            let count = Counter()
            listener = NativeListener(socket, loops: loops, troubled: { note.yield($0) }) { transport in
                count.add(ObjectIdentifier(transport.loop))
                let driver = PlainDriver(transport)
                driver.onReceive = { $0.send($0.received) }
                driver.onEnd = { $0.transport.close() }
                return driver
            }
            self.count = count
        }

        private let count: Counter
        var connections: [Int] { count.all.values.sorted() }
    }

    private final class Counter: Sendable {
        private let counts = Mutex<[ObjectIdentifier: Int]>([:])
        func add(_ key: ObjectIdentifier) { counts.withLock { $0[key, default: 0] += 1 } }
        var all: [ObjectIdentifier: Int] { counts.withLock { $0 } }
    }

    private func echoes(_ client: Int32) -> Bool {
        var byte: UInt8 = 7
        guard send(client, &byte, 1, Int32(MSG_NOSIGNAL)) == 1 else { return false }
        return SystemSocket.isReadable(client, withinMilliseconds: 10_000) && recv(client, &byte, 1, 0) == 1
    }

    @Test("connections go to the loops in turn")
    func turns() async throws {
        let echo = try Echo(loops: NativeLoops(threads: 3))
        let clients = (0..<9).map { _ in SystemSocket.connected(to: echo.port) }
        for client in clients { #expect(echoes(client)) }
        #expect(echo.connections == [3, 3, 3])
        for client in clients { close(client) }
        echo.listener.close()
        await echo.listener.waitUntilClosed()
    }

    @Test("more clients than are accepted in one go are all served")
    func manyAtOnce() async throws {
        let echo = try Echo(loops: NativeLoops(threads: 1))
        let clients = (0..<150).map { _ in SystemSocket.connected(to: echo.port) }
        for client in clients {
            #expect(echoes(client))
            close(client)
        }
        #expect(echo.connections == [150])
        echo.listener.close()
        await echo.listener.waitUntilClosed()
    }

    @Test("after closing, open connections go on, and its address is free")
    func closes() async throws {
        let loops = try NativeLoops(threads: 2)
        let echo = try Echo(loops: loops)
        let client = SystemSocket.connected(to: echo.port)
        #expect(echoes(client))
        echo.listener.close()
        echo.listener.close()
        await echo.listener.waitUntilClosed()
        await echo.listener.waitUntilClosed()
        #expect(echoes(client))
        close(client)
        let again = try Echo(.tcp(host: "127.0.0.1", port: echo.port), loops: loops)
        again.listener.close()
        await again.listener.waitUntilClosed()
    }

    @Test("whoever waits for the end hears of it when the socket is closed, not when it was asked to be")
    func waitsForTheEnd() async throws {
        let loops = try NativeLoops(threads: 1)
        let folder = try TemporaryFolder()
        let echo = try Echo(.unix(path: folder.file("a")), loops: loops)
        // The loop is busy until it is told.
        let (busy, free) = AsyncStream.makeStream(of: Void.self)
        let gate = Mutex(false)
        loops.members[0].host.execute {
            free.finish()
            while !gate.withLock({ $0 }) { sched_yield() }
        }
        for await _ in busy {}
        echo.listener.close()
        let namesAtTheEnd = Task {
            await echo.listener.waitUntilClosed()
            return folder.names
        }
        for _ in 0..<100 { await Task.yield() }
        gate.withLock { $0 = true }
        #expect(await namesAtTheEnd.value.isEmpty)
    }

    @Test("when it is closed, all that it has accepted is on its loop, though that was busy")
    func closesWithHandedOver() async throws {
        let loops = try NativeLoops(threads: 2)
        let echo = try Echo(loops: loops)
        let gate = Mutex(false)
        loops.members[1].host.execute { while !gate.withLock({ $0 }) { sched_yield() } }
        let clients = (0..<3).map { _ in SystemSocket.connected(to: echo.port) }
        #expect(echoes(clients[2]), "which was accepted behind the one that the busy loop has to take")
        echo.listener.close()
        let connectionsAtTheEnd = Task {
            await echo.listener.waitUntilClosed()
            return echo.connections
        }
        for _ in 0..<100 { await Task.yield() }
        gate.withLock { $0 = true }
        #expect(await connectionsAtTheEnd.value == [1, 2])
        for client in clients {
            #expect(echoes(client))
            close(client)
        }
    }

    @Test("a loop that does not move keeps it from closing for a second, not for ever")
    func closesBesideStuckLoop() async throws {
        let loops = try NativeLoops(threads: 2)
        let echo = try Echo(loops: loops)
        let gate = Mutex(false)
        loops.members[1].host.execute { while !gate.withLock({ $0 }) { sched_yield() } }
        echo.listener.close()
        await echo.listener.waitUntilClosed()
        gate.withLock { $0 = true }
    }

    @Test("clients that wait to be accepted when it closes are let go")
    func closesWithWaiting() async throws {
        let loops = try NativeLoops(threads: 1)
        let echo = try Echo(loops: loops)
        let gate = Mutex(false)
        loops.members[0].host.execute { while !gate.withLock({ $0 }) { sched_yield() } }
        echo.listener.close()
        let clients = (0..<10).map { _ in SystemSocket.connected(to: echo.port) }
        gate.withLock { $0 = true }
        await echo.listener.waitUntilClosed()
        for client in clients {
            // Either it was accepted before, or it is reset now.
            if !echoes(client) { #expect(SystemSocket.isReadable(client, withinMilliseconds: 10_000)) }
            close(client)
        }
    }

    @Test("a socket on which listening has ended elsewhere is tried again now and then, not all the time")
    func endedElsewhere() async throws {
        let theirs = SystemSocket.bound()
        defer { close(theirs) }
        let echo = try Echo(.descriptor(theirs), loops: NativeLoops(threads: 1))
        let client = SystemSocket.connected(to: echo.port)
        #expect(echoes(client))
        shutdown(theirs, Int32(SHUT_RDWR))
        #expect(await echo.troubles.first { _ in true } == SystemFailure("accept4", EINVAL))
        #expect(echoes(client))
        listen(theirs, 10)
        let next = SystemSocket.connected(to: SocketEndpoint.local(of: theirs)?.port ?? 0)
        #expect(echoes(next))
        for descriptor in [client, next] { close(descriptor) }
        echo.listener.close()
        await echo.listener.waitUntilClosed()
    }

    @Test("a socket that cannot be watched is a trouble, and can be closed")
    func unwatchable() async throws {
        let folder = try TemporaryFolder()
        let socket = try ListeningSocket(.tcp(host: "127.0.0.1", port: 0))
        let file = open(folder.file("a"), O_CREAT | O_RDWR, 0o600)
        dup2(file, socket.descriptor)
        close(file)
        let echo = try Echo(socket, loops: NativeLoops(threads: 1))
        #expect(await echo.troubles.first { _ in true } == SystemFailure("epoll_ctl", EPERM))
        echo.listener.close()
        await echo.listener.waitUntilClosed()
    }
}

private func open(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 { Glibc.open(path, flags, mode) }

#endif
