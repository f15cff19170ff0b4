// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import AlicornWebSocket
import EngineTesting
import Logging
import NIOCore

/// A server on a port of this machine that the system picked.
struct RunningServer: Sendable {
    let port: Int
    private let task: Task<Void, any Error>

    /// Starts a server and waits until it listens.
    init(
        _ configuration: WebSocketServer.Configuration = .init(), handler: @escaping WebSocketServer.Handler = Self.echo
    ) async throws {
        try await self.init(
            WebSocketServer(
                host: "127.0.0.1", port: 0, configuration: configuration, logger: Self.silent, handler: handler))
    }

    /// Starts an echo server that also answers over plain HTTP.
    init(respond: @escaping WebSocketServer.Responder) async throws {
        try await self.init(
            WebSocketServer(
                host: "127.0.0.1", port: 0, logger: Self.silent, respond: respond, handler: Self.echo))
    }

    init(_ server: WebSocketServer) async throws {
        var server = server
        server.configuration.engine = EngineUnderTest.current
        let (ports, note) = AsyncStream.makeStream(of: Int.self)
        task = Task { [server] in
            defer { note.finish() }
            try await server.run { note.yield($0.port ?? 0) }
        }
        var iterator = ports.makeAsyncIterator()
        guard let port = await iterator.next() else {
            try await task.value
            fatalError("a server that runs has told its address")
        }
        self.port = port
    }

    static let echo: WebSocketServer.Handler = { connection in
        for try await message in connection { try await connection.send(message) }
    }

    static let silent = Logger(label: "alicorn.tests") { _ in SwiftLogNoOpLogHandler() }

    var address: String { "ws://127.0.0.1:\(port)/" }

    /// Stops gracefully, and waits for it.
    func stop() async throws {
        task.cancel()
        try await task.value
    }

    /// Begins to stop.
    func cancel() { task.cancel() }

    var stopped: Void {
        get async throws { try await task.value }
    }

    /// A connection over which the test speaks itself, opened.
    func openScripted(receiveBuffer: Int? = nil) async throws -> ScriptedPeer {
        let peer = try await ScriptedPeer.connect(port: port, receiveBuffer: receiveBuffer)
        try await peer.send(Self.openingRequest)
        _ = try await peer.receiveHead()
        return peer
    }

    static let openingRequest = """
        GET / HTTP/1.1\r
        Host: 127.0.0.1\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        Sec-WebSocket-Version: 13\r
        \r

        """
}
