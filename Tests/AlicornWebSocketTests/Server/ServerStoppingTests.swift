// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import AlicornWebSocket
import EngineTesting
import NIOCore
import Testing

#if Lifecycle
import ServiceLifecycle
#endif

@Suite("Stopping a server", .onEachEngine, .timeLimit(.minutes(1)))
struct ServerStoppingTests {
    @Test("a server is stopped from another task, also by its handler, without being cancelled")
    func stopMethod() async throws {
        let server = try await RunningServer()
        let client = try await WebSocketClient.open(server.address)
        server.server.stop()
        server.server.stop()
        let error = await #expect(throws: WebSocketError.self) { try await client.receive() }
        #expect(error?.closure?.received == CloseFrame(.goingAway))
        try await server.stopped
        server.server.stop()
        await #expect(throws: (any Error).self) { try await ScriptedPeer.connect(port: server.port) }
    }

    @Test("code and reason of the farewell are the configuration's")
    func farewell() async throws {
        let server = try await RunningServer(
            .with { $0.farewell = .close(CloseFrame(.serviceRestart, reason: "back in a minute")) })
        let client = try await WebSocketClient.open(server.address)
        server.server.stop()
        let error = await #expect(throws: WebSocketError.self) { try await client.receive() }
        #expect(error?.closure?.received == CloseFrame(.serviceRestart, reason: "back in a minute"))
        try await server.stopped
    }

    @Test(
        "a farewell that cannot be sent is an error before anything is listened on",
        arguments: [CloseFrame(.noStatusReceived), CloseFrame(.goingAway, reason: String(repeating: "x", count: 124))])
    func impossibleFarewell(frame: CloseFrame) async throws {
        var server = WebSocketServer(host: "127.0.0.1", port: 0, logger: RunningServer.silent) { _ in }
        server.configuration.farewell = .close(frame)
        let error = await #expect(throws: WebSocketError.self) { try await server.run() }
        #expect(error?.code == .misuse)
    }

    @Test("a server that waits for its clients serves them until they leave, and nobody else")
    func waitForClients() async throws {
        let server = try await RunningServer(
            .with {
                $0.farewell = .wait
                $0.stopTimeout = .seconds(50)
            })
        let client = try await WebSocketClient.open(server.address)
        server.server.stop()
        while (try? await ScriptedPeer.connect(port: server.port)) != nil { await Task.yield() }
        try await client.send("still here")
        #expect(try await client.receive() == "still here")
        #expect(server.server.connections.count == 1)
        try await client.close()
        try await server.stopped
        #expect(server.server.connections.isEmpty)
    }

    @Test("the open connections can be read, until they end")
    func connections() async throws {
        let server = try await RunningServer()
        #expect(server.server.connections.isEmpty)
        let client = try await WebSocketClient.open(server.address + "here")
        try await client.send("open")
        _ = try await client.receive()
        let open = server.server.connections
        #expect(open.map(\.request.target) == ["/here"])
        #expect(server.server.callbackConnections.isEmpty)
        try await open[0].send("from the list")
        #expect(try await client.receive() == "from the list")
        try await client.close()
        while !server.server.connections.isEmpty { await Task.yield() }
        try await server.stop()
        #expect(WebSocketServer(host: "127.0.0.1", port: 0, handler: RunningServer.echo).connections.isEmpty)
    }

    @Test("a handler goes on without its connection where that is wanted, and a stop waits for it")
    func lastingHandler() async throws {
        let (steps, note) = AsyncStream.makeStream(of: String.self)
        let (release, hold) = AsyncStream.makeStream(of: Void.self)
        let server = try await RunningServer(
            .with { $0.cancelsHandlers = false },
            handler: { connection in
                await connection.waitUntilClosed()
                note.yield("closed")
                for await _ in release {}
                note.yield(Task.isCancelled ? "cancelled" : "done")
                note.finish()
            })
        let peer = try await server.openScripted()
        peer.resetWhenReleased()
        _ = consume peer
        var iterator = steps.makeAsyncIterator()
        #expect(await iterator.next() == "closed")
        server.server.stop()
        hold.finish()
        #expect(await iterator.next() == "done")
        try await server.stopped
    }

    @Test("a handler that goes on without its connection is cancelled when the stop has waited long enough")
    func lastingHandlerIsCut() async throws {
        let (steps, note) = AsyncStream.makeStream(of: Bool.self)
        let server = try await RunningServer(
            .with {
                $0.cancelsHandlers = false
                $0.stopTimeout = .milliseconds(100)
            },
            handler: { connection in
                let (never, hold) = AsyncStream.makeStream(of: Void.self)
                for await _ in never {}
                withExtendedLifetime(hold) {}
                note.yield(Task.isCancelled)
            })
        let peer = try await server.openScripted()
        try await server.stop()
        var iterator = steps.makeAsyncIterator()
        #expect(await iterator.next() == true)
        try await peer.receiveEnd()
    }

    #if Lifecycle
    @Test("the graceful shutdown of a service group stops the server, which closes its connections in order")
    func serviceGroup() async throws {
        let (addresses, note) = AsyncStream.makeStream(of: Int.self)
        struct Announced: Service {
            let server: WebSocketServer
            let tell: @Sendable (Int) -> Void
            func run() async throws { try await server.run { tell($0.port ?? 0) } }
        }
        var server = WebSocketServer(
            host: "127.0.0.1", port: 0, logger: RunningServer.silent, handler: RunningServer.echo)
        server.configuration.engine = EngineUnderTest.current
        let group = ServiceGroup(
            services: [Announced(server: server) { note.yield($0) }], logger: RunningServer.silent)
        let running = Task { try await group.run() }
        var iterator = addresses.makeAsyncIterator()
        let port = try #require(await iterator.next())
        let client = try await WebSocketClient.open("ws://127.0.0.1:\(port)/")
        await group.triggerGracefulShutdown()
        let error = await #expect(throws: WebSocketError.self) { try await client.receive() }
        #expect(error?.closure?.received == CloseFrame(.goingAway))
        await #expect(throws: Never.self) { try? await running.value }
    }

    @Test("a server is a service by itself")
    func service() async throws {
        var server = WebSocketServer(
            host: "127.0.0.1", port: 0, logger: RunningServer.silent, handler: RunningServer.echo)
        server.configuration.engine = EngineUnderTest.current
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: server, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: RunningServer.silent))
        async let run: Void = group.run()
        await group.triggerGracefulShutdown()
        try await run
    }
    #endif
}
