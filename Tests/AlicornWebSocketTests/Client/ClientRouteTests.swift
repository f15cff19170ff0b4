// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornTransport
import AlicornWebSocket
import EngineTesting
import Foundation
import NIOCore
import Testing

@Suite("A client's way to its server", .timeLimit(.minutes(1)))
struct ClientRouteTests {
    private static func expectEcho(_ address: String, _ configuration: WebSocketClient.Configuration) async throws {
        try await WebSocketClient.connect(to: address, configuration: configuration) { connection in
            try await connection.send("hello")
            let echo = try await connection.receive().text
            #expect(echo == "hello")
        }
    }

    private static func configuration(
        _ change: (inout WebSocketClient.Configuration) throws -> Void
    ) rethrows -> WebSocketClient.Configuration {
        var configuration = WebSocketClient.Configuration()
        try change(&configuration)
        return configuration
    }

    @Test("it may lead elsewhere than the address, which the request still names (HC-16)", .onEachEngine)
    func endpoint() async throws {
        let server = try await RunningServer(handler: { connection in
            try await connection.send(connection.request.fields.first("Host") ?? "")
        })
        let elsewhere = Self.configuration { $0.endpoint = .tcp(host: "127.0.0.1", port: server.port) }
        try await WebSocketClient.connect(to: "ws://feed.example:81/", configuration: elsewhere) { connection in
            let host = try await connection.receive().text
            #expect(host == "feed.example:81")
        }
        try await server.stop()
    }

    @Test("it may be a Unix socket (UNX-02)", .onEachEngine)
    func unixSocket() async throws {
        let path = NSTemporaryDirectory() + "alicorn-\(UUID().uuidString.prefix(8)).sock"
        let server = try await RunningServer(
            WebSocketServer(listeningOn: .unix(path: path), logger: RunningServer.silent, handler: RunningServer.echo))
        try await Self.expectEcho("ws://localhost/", Self.configuration { $0.endpoint = .unix(path: path) })
        try await server.stop()
        let gone = await #expect(throws: WebSocketError.self) {
            try await WebSocketClient.open(
                "ws://localhost/", configuration: Self.configuration { $0.endpoint = .unix(path: path) })
        }
        #expect(gone?.code == .connectionFailed)
        #expect(gone?.description.contains(path) == true)
    }

    @Test("it may be a socket that is connected already (HC-17)", .onEachEngine)
    func connectedSocket() async throws {
        let server = try await RunningServer()
        let descriptor = try Self.connect(to: server.port)
        try await Self.expectEcho(
            server.address, Self.configuration { $0.endpoint = .connectedSocket(descriptor: descriptor) })
        try await server.stop()
    }

    private static func connect(to port: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, streamSocketType, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(status == 0)
        return descriptor
    }

    @Test("which addresses are tried and where from can be said (HC-18)", .onEachEngine)
    func socketOptions() async throws {
        let server = try await RunningServer(handler: { try await $0.send($0.remoteAddress) })
        let address = "ws://localhost:\(server.port)/"
        let from = Self.configuration {
            $0.addressFamily = .ipv4
            $0.localAddress = "127.0.0.2"
        }
        try await WebSocketClient.connect(to: address, configuration: from) { connection in
            let seen = try await connection.receive().text
            #expect(seen.hasPrefix("127.0.0.2:"))
            #expect(connection.localAddress.hasPrefix("127.0.0.2:"))
            #expect(connection.remoteAddress == "127.0.0.1:\(server.port)")
        }
        // The server listens on IPv4 alone.
        let error = await #expect(throws: WebSocketError.self) {
            try await WebSocketClient.open(address, configuration: Self.configuration { $0.addressFamily = .ipv6 })
        }
        #expect(error?.code == .connectionFailed)
        let nonsense = await #expect(throws: WebSocketError.self) {
            try await WebSocketClient.open(address, configuration: Self.configuration { $0.localAddress = "here" })
        }
        #expect(nonsense?.code == .connectionFailed)
        try await server.stop()
    }

    @Test("Nagle's algorithm is off at both of its ends (HC-22)", .onEachEngine)
    func noDelay() async throws {
        let server = try await RunningServer()
        let connected = try Self.connect(to: server.port)
        for endpoint in [nil, .connectedSocket(descriptor: connected)] as [WebSocketClient.Endpoint?] {
            let configuration = Self.configuration { $0.endpoint = endpoint }
            try await WebSocketClient.connect(to: server.address, configuration: configuration) { connection in
                let port = try #require(connection.localAddress.split(separator: ":").last.flatMap { Int($0) })
                // Client and server are this process: one descriptor each.
                let ends = try Self.openSockets { [$0, $1].sorted() == [port, server.port].sorted() }
                #expect(ends.count == 2)
                #expect(ends.allSatisfy { Self.hasNoDelay($0) })
            }
        }
        try await server.stop()
    }

    /// The descriptors of this process that are TCP connections over IPv4 between the ports that are asked for.
    private static func openSockets(where isMeant: (Int, Int) -> Bool) throws -> [Int32] {
        try FileManager.default.contentsOfDirectory(atPath: "/dev/fd").compactMap { Int32($0) }.filter { descriptor in
            guard let local = port(descriptor, getsockname), let peer = port(descriptor, getpeername) else {
                return false
            }
            return isMeant(local, peer)
        }
    }

    private static func port(
        _ descriptor: Int32,
        _ name: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> Int? {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { name(descriptor, $0, &length) }
        }
        return status == 0 && Int32(address.sin_family) == AF_INET ? Int(in_port_t(bigEndian: address.sin_port)) : nil
    }

    private static func hasNoDelay(_ descriptor: Int32) -> Bool {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &value, &length)
        return value != 0
    }

    @Test("a proxy and a fixed socket contradict each other, and it is said")
    func contradiction() async throws {
        for endpoint in [WebSocketClient.Endpoint.unix(path: "/run/a.sock"), .connectedSocket(descriptor: -1)] {
            let configuration = try Self.configuration {
                $0.proxy = .proxy(try ProxyAddress("http://proxy.example"))
                $0.endpoint = endpoint
            }
            let error = await #expect(throws: WebSocketError.self) {
                try await WebSocketClient.open("ws://localhost/", configuration: configuration)
            }
            #expect(error?.code == .misuse)
        }
    }

    @Test(
        "a proxy that answers nonsense, nothing, or too much is given up with a sentence",
        arguments: [
            ("http", "SSH-2.0-OpenSSH_9.2\r\n", "did not answer in HTTP"),
            ("http", "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\n\r\nnope", "answered 502 Bad Gateway"),
            (
                "http", "HTTP/1.1 302 Found\r\nLocation: ws://evil.example/\r\nContent-Length: 0\r\n\r\n",
                "answered 302 Found"
            ),
            ("http", "HTTP/1.1 200 OK\r\n\r\nearly", "sent bytes before there was a way"),
            ("http", "", "ended the connection before it had answered"),
            ("socks5h", "HTTP/1.1 400 Bad Request\r\n\r\n", "does not speak SOCKS 5"),
            ("socks4a", "\u{5}\u{0}", "does not speak SOCKS 4"),
            ("socks5h", "\u{5}\u{2}", "wants a user name and password"),
            ("socks5h", "", "ended the connection before it had answered"),
        ])
    func nonsense(kind: String, answer: String, sentence: String) async throws {
        let listener = try ScriptedListener()
        let configuration = try Self.configuration {
            $0.proxy = .proxy(try ProxyAddress("\(kind)://127.0.0.1:\(listener.port)"))
        }
        let opening = Task { try await WebSocketClient.open("ws://feed.example/", configuration: configuration) }
        let proxy = try await listener.accept()
        _ = try await proxy.receive { !$0.isEmpty }
        try await proxy.send(answer)
        proxy.finishWriting()
        let error = await #expect(throws: WebSocketError.self) { try await opening.value }
        #expect(error?.code == .proxyFailed)
        #expect(error?.description.contains(sentence) == true, "\(String(describing: error))")
    }

    @Test("a proxy that says nothing is given up after the open timeout, and at once when the task is cancelled")
    func silence() async throws {
        let listener = try ScriptedListener()
        let configuration = try Self.configuration {
            $0.proxy = .proxy(try ProxyAddress("http://127.0.0.1:\(listener.port)"))
            $0.connection.openTimeout = .milliseconds(100)
        }
        let opening = Task { try await WebSocketClient.open("ws://feed.example/", configuration: configuration) }
        let proxy = try await listener.accept()
        let error = await #expect(throws: WebSocketError.self) { try await opening.value }
        #expect(error?.code == .timedOut)
        // The connection is cut, not left behind.
        try await proxy.receiveEnd()

        let patient = try Self.configuration {
            $0.proxy = .proxy(try ProxyAddress("http://127.0.0.1:\(listener.port)"))
            $0.connection.openTimeout = .seconds(60)
        }
        let task = Task { try await WebSocketClient.open("ws://feed.example/", configuration: patient) }
        let second = try await listener.accept()
        _ = try await second.receiveHead()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        try await second.receiveEnd()
    }

    @Test("a server that does not get on with TLS is let go at once when the task is cancelled (HC-21)")
    func cancelledTLS() async throws {
        let listener = try ScriptedListener()
        let configuration = Self.configuration { $0.connection.openTimeout = .seconds(60) }
        let uri = "wss://127.0.0.1:\(listener.port)/"
        let task = Task { try await WebSocketClient.open(uri, configuration: configuration) }
        let server = try await listener.accept()
        _ = try await server.receive(1)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        try await server.receiveEnd()
    }
}
