// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import AlicornWebSocket
import EngineTesting
import Foundation
import NIOCore
import Testing

@Suite("The addresses of a server", .onEachEngine, .timeLimit(.minutes(1)))
struct ServerAddressesTests {
    private static let loopback = WebSocketServer.Address.tcp(host: "127.0.0.1", port: 0)

    @Test("a server listens on all its addresses, tells each, and leaves all of them when it stops")
    func several() async throws {
        let path = Self.path("several")
        let server = try await RunningServer(
            WebSocketServer(
                listeningOn: Self.loopback, .tcp(host: "::1", port: 0), .unix(path: path), Self.loopback,
                logger: RunningServer.silent, handler: RunningServer.echo))
        #expect(Set(server.ports).count == 4, "three ports, and none for the Unix socket")
        for (host, port) in [
            ("127.0.0.1", server.ports[0]), ("[::1]", server.ports[1]), ("127.0.0.1", server.ports[3]),
        ] {
            try await WebSocketClient.connect(to: "ws://\(host):\(port)/") { connection in
                try await connection.send("hello")
                #expect(try await connection.receive() == "hello")
            }
        }
        #expect(FileManager.default.fileExists(atPath: path))
        try await server.stop()
        #expect(!FileManager.default.fileExists(atPath: path))
        for port in [server.ports[0], server.ports[3]] {
            await #expect(throws: (any Error).self) { try await ScriptedPeer.connect(port: port) }
        }
    }

    @Test("when one address is taken, the error names it and the others are given up")
    func oneTaken() async throws {
        let other = try await RunningServer()
        let path = Self.path("taken")
        var server = WebSocketServer(
            listeningOn: .unix(path: path), .tcp(host: "127.0.0.1", port: other.port), Self.loopback,
            logger: RunningServer.silent, handler: RunningServer.echo)
        server.configuration.engine = EngineUnderTest.current
        let error = await #expect(throws: WebSocketError.self) { try await server.run() }
        #expect(error?.code == .listeningFailed)
        #expect(error?.message.contains("127.0.0.1, port \(other.port)") == true)
        #expect(!FileManager.default.fileExists(atPath: path))
        // Nothing is left of the attempt: with another address in its place the same server runs.
        server.addresses[1] = Self.loopback
        let running = try await RunningServer(server)
        try await running.stop()
        try await other.stop()
    }

    @Test("a server without an address is an error")
    func none() async throws {
        var server = WebSocketServer(listeningOn: Self.loopback, logger: RunningServer.silent) { _ in }
        server.addresses = []
        let error = await #expect(throws: WebSocketError.self) { try await server.run() }
        #expect(error?.code == .listeningFailed)
    }

    @Test("the file of a Unix socket has the permissions that it is to have", arguments: [0o600, 0o666] as [UInt16])
    func permissions(permissions: UInt16) async throws {
        let path = Self.path("permissions-\(permissions)")
        let server = try await RunningServer(
            WebSocketServer(
                listeningOn: .unix(path: path, permissions: permissions), logger: RunningServer.silent,
                handler: RunningServer.echo))
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == Int(permissions))
        try await server.stop()
    }

    @Test("a server that runs already does not run again, and one that has stopped does")
    func again() async throws {
        let running = try await RunningServer()
        let error = await #expect(throws: WebSocketError.self) { try await running.server.run() }
        #expect(error?.code == .misuse)
        try await running.stop()
        let second = try await RunningServer(running.server)
        try await WebSocketClient.open(second.address).close()
        try await second.stop()
    }

    private static func path(_ name: String) -> String {
        FileManager.default.temporaryDirectory
            .appendingPathComponent("alicorn-\(ProcessInfo.processInfo.processIdentifier)-\(name)").path
    }
}
