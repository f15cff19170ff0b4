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
    /// All ports that it listens on.
    let ports: [Int]
    let server: WebSocketServer
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
        let (told, note) = AsyncStream.makeStream(of: Int.self)
        task = Task { [server] in
            defer { note.finish() }
            try await server.run { note.yield($0.port ?? 0) }
        }
        var iterator = told.makeAsyncIterator()
        var ports: [Int] = []
        for _ in server.addresses {
            guard let port = await iterator.next() else {
                try await task.value
                fatalError("a server that runs has told its addresses")
            }
            ports.append(port)
        }
        self.ports = ports
        port = ports[0]
        self.server = server
    }

    /// Starts a server on one port that does what `respond` and `routes` say.
    init(
        _ configuration: WebSocketServer.Configuration = .init(), respond: WebSocketServer.Responder? = nil,
        routes: Routes
    ) async throws {
        try await self.init(
            WebSocketServer(
                listeningOn: .tcp(host: "127.0.0.1", port: 0), configuration: configuration, logger: Self.silent,
                respond: respond, routes: routes))
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

    /// What the server answers to that much of a request, over a connection of its own, until it closes or has sent all.
    ///
    /// - Parameter text: sent as it is, with an end behind it.
    func answer(to text: String) async throws -> String {
        let peer = try await ScriptedPeer.connect(port: port)
        try await peer.send(text)
        peer.finishWriting()
        return String(decoding: try await peer.receiveAll(), as: UTF8.self)
    }

    /// The answer to a plain request.
    func answer(_ target: String, method: String = "GET", fields: String = "") async throws -> String {
        try await answer(to: "\(method) \(target) HTTP/1.1\r\nHost: a\r\n\(fields)Connection: close\r\n\r\n")
    }

    /// The answer to an opening handshake, of a connection that is then given up.
    func handshake(_ target: String = "/", fields: String = "") async throws -> String {
        let peer = try await ScriptedPeer.connect(port: port)
        try await peer.send(Self.openingRequest(target, fields: fields))
        defer { peer.resetWhenReleased() }
        return try await peer.receiveHead()
    }

    /// A connection over which the test speaks itself, opened.
    func openScripted(receiveBuffer: Int? = nil) async throws -> ScriptedPeer {
        let peer = try await ScriptedPeer.connect(port: port, receiveBuffer: receiveBuffer)
        try await peer.send(Self.openingRequest)
        _ = try await peer.receiveHead()
        return peer
    }

    static let openingRequest = openingRequest("/")

    /// - Parameter fields: more header fields, each with its line end.
    static func openingRequest(_ target: String, fields: String = "") -> String {
        ScriptedPeer.openingRequest(
            target: target, fields: fields.split(separator: "\r\n").map(String.init))
    }
}
