// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornTesting
import AlicornWebSocket
import EngineTesting
import Logging

/// A server of an application on a port of this machine that the system picked.
struct ServedApplication: Sendable {
    let port: Int
    let server: Server
    private let task: Task<Void, any Error>

    /// Starts the server and waits until it listens.
    init(
        _ application: any Application, _ change: (inout ServerSettings) -> Void = { _ in }
    ) async throws {
        var settings = ServerSettings()
        settings.listening.addresses = [.tcp(host: "127.0.0.1", port: 0)]
        settings.logging.level = .critical
        settings.logging.access = false
        settings.processes.engine = EngineUnderTest.current == .nio ? .nio : .auto
        settings.webSocket.implementation = ImplementationUnderTest.current
        change(&settings)
        let server = Server(application, settings: settings)
        let (told, note) = AsyncStream.makeStream(of: String.self)
        task = Task {
            defer { note.finish() }
            try await server.run { for address in $0 { note.yield(address) } }
        }
        self.server = server
        var addresses = told.makeAsyncIterator()
        guard let address = await addresses.next() else {
            try await task.value
            throw DidNotListen()
        }
        port = Int(address.split(separator: ":").last ?? "") ?? 0
    }

    struct DidNotListen: Error {}

    var webSocketAddress: String { "ws://127.0.0.1:\(port)/" }

    /// What comes over a connection of one's own on which `request` is sent, until the server ends it.
    func exchange(_ request: String) async throws -> String {
        let peer = try await ScriptedPeer.connect(port: port)
        try await peer.send(request)
        return String(decoding: try await peer.receiveAll(), as: UTF8.self)
    }

    /// Ends in order, and waits for it.
    func stop() async throws {
        server.stop()
        try await task.value
    }
}

/// An application that is a closure, and knows of no lifespan.
struct ClosureApplication: Application {
    let body: @Sendable (Scope, Receive, Send) async throws -> Void

    init(_ body: @escaping @Sendable (Scope, Receive, Send) async throws -> Void) { self.body = body }

    func handle(_ scope: Scope, receive: Receive, send: Send) async throws {
        if case .lifespan = scope { throw UnsupportedScope(scope) }
        try await body(scope, receive, send)
    }
}
