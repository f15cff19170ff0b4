// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornWebSocket
import EngineTesting
import Foundation
import NIOCore
import Testing

/// Python's `websockets` both ways, over TLS and over Unix sockets.
@Suite("Python over TLS and Unix sockets", .enabled(if: Python.isThere, Python.skipped), .timeLimit(.minutes(3)))
struct PythonTransportTests {
    private static let scenarios = [
        "text", "binary", "16-mebibytes", "fragmented", "pipelined", "deflate", "pings", "close-codes",
        "close-without-code", "too-big",
    ]

    private static var configuration: WebSocketServer.Configuration {
        var configuration = WebSocketServer.Configuration()
        configuration.connection.limits.maximumMessageSize = 16 << 20
        return configuration
    }

    private static func socketPath() -> String {
        NSTemporaryDirectory() + "alicorn-\(UUID().uuidString.prefix(8)).sock"
    }

    private static func play(_ arguments: [String]) async throws {
        let outcome = try await PythonProgram.run("peer_client.py", arguments + scenarios) { await $0.outcome() }
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output == "ok\n")
    }

    @Test(
        "Python's client plays with our server over TLS",
        .enabled(if: TestAuthority.absence == nil, TestAuthority.absence))
    func clientOverTLS() async throws {
        let first = try TestAuthority.first()
        var configuration = Self.configuration
        configuration.tls = try ServerTLS(identity: first.issue("DNS:localhost").identity)
        try await WebSocketServer.local(configuration, handler: WebSocketServer.echo).serving { port in
            try await Self.play(["--authority", first.rootFile, "wss://localhost:\(port)/"])
        }
    }

    @Test("Python's client plays with our server over a Unix socket (UNX-01)", .onEachEngine)
    func clientOverUnixSocket() async throws {
        let path = Self.socketPath()
        var configuration = Self.configuration
        configuration.engine = EngineUnderTest.current
        let server = WebSocketServer(
            listeningOn: .unix(path: path), configuration: configuration, logger: .silent, handler: WebSocketServer.echo
        )
        try await server.serving { _ in try await Self.play(["--unix", path, "ws://localhost/"]) }
    }

    private static func talk(to address: String, _ configuration: WebSocketClient.Configuration) async throws {
        var configuration = configuration
        configuration.connection.limits.maximumMessageSize = 16 << 20
        try await WebSocketClient.connect(to: address + "/echo", configuration: configuration) { connection in
            for size in [0, 125, 65_536, 16 << 20] {
                let message = WebSocketMessage.binary(ByteBuffer(repeating: 7, count: size))
                try await connection.send(message)
                let echo = try await connection.receive()
                #expect(echo == message)
            }
            _ = try await connection.ping()
        }
        let closed = try await WebSocketClient.open(address + "/close?code=4000", configuration: configuration)
        await closed.waitUntilClosed()
        #expect(await closed.closure?.received?.code == CloseCode(rawValue: 4000))
        let dropped = try await WebSocketClient.open(address + "/drop", configuration: configuration)
        try await dropped.send("now")
        await dropped.waitUntilClosed()
        #expect(await dropped.closure?.isNormal == false)
    }

    @Test(
        "our client talks to Python's server over TLS",
        .enabled(if: TestAuthority.absence == nil, TestAuthority.absence))
    func serverOverTLS() async throws {
        let first = try TestAuthority.first()
        let files = try first.issue("DNS:localhost")
        let arguments = ["--certificate", files.certificate, "--key", files.key]
        try await PythonProgram.run("peer_server.py", arguments) { server in
            try await Self.talk(
                to: "wss://localhost:\(await server.readLine())", TLSTests.trusting(first))
        }
    }

    @Test("our client talks to Python's server over a Unix socket (UNX-02)")
    func serverOverUnixSocket() async throws {
        let path = Self.socketPath()
        try await PythonProgram.run("peer_server.py", ["--unix", path]) { server in
            var configuration = WebSocketClient.Configuration()
            configuration.endpoint = .unix(path: await server.readLine())
            try await Self.talk(to: "ws://localhost", configuration)
        }
        try? FileManager.default.removeItem(atPath: path)
    }
}
