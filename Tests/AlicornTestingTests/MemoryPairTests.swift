// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornDeflate
import AlicornProtocol
import AlicornTesting
import AlicornWebSocket
import Testing

@Suite("Two ends joined in memory", .timeLimit(.minutes(1)))
struct MemoryPairTests {
    @Test("a message goes there and an answer comes back")
    func echo() async throws {
        let pair = MemoryPair()
        pair.serve { connection in
            for try await message in connection { try await connection.send(message) }
        }
        try await pair.client.send("hello")
        #expect(try await pair.client.receive() == "hello")
        try await pair.client.close()
        #expect(await pair.client.closure?.received?.code == .normalClosure)
        #expect(await pair.server.closure?.cause == .closedByPeer)
    }

    @Test("a handler that returns closes with 1000, one that throws with 1011")
    func handlerEnds() async throws {
        struct Fault: Error {}
        for (code, handler) in [
            (CloseCode.normalClosure, { @Sendable (_: WebSocketConnection) async throws in }),
            (.internalError, { @Sendable (_: WebSocketConnection) async throws in throw Fault() }),
        ] {
            let pair = MemoryPair()
            let task = pair.serve(handler)
            await pair.client.waitUntilClosed()
            #expect(await pair.client.closure?.received?.code == code)
            _ = await task.result
        }
    }

    @Test("an hour of keepalive takes no time and both ends stay open")
    func keepalive() async throws {
        let pair = MemoryPair()
        pair.serve { for try await _ in $0 {} }
        pair.advance(by: .seconds(3600))
        #expect(await pair.client.closure == nil)
        #expect(await pair.server.closure == nil)
    }

    @Test("a network that falls silent ends both ends by keepalive, at the moment that was configured")
    func silence() async throws {
        let pair = MemoryPair()
        pair.serve { for try await _ in $0 {} }
        pair.advance(by: .seconds(10))
        pair.fallSilent()
        pair.advance(by: .seconds(29.9))
        #expect(await pair.client.closure == nil)
        pair.advance(by: .seconds(0.2))
        #expect(await pair.client.closure?.cause == .keepaliveTimeout(silence: .seconds(40)))
        #expect(await pair.server.closure?.cause == .keepaliveTimeout(silence: .seconds(40)))
        pair.advance(by: .seconds(10))
        await pair.client.waitUntilClosed()
        #expect(await pair.client.closure?.timedOut == true)
    }

    @Test("a reset is told to both ends, with its reason")
    func reset() async throws {
        let pair = MemoryPair()
        let task = pair.serve { for try await _ in $0 {} }
        pair.reset()
        await pair.client.waitUntilClosed()
        #expect(await pair.client.closure?.cause == .transportFailed("connection reset by peer"))
        await #expect(throws: (any Error).self) { try await task.value }
    }

    @Test("a round trip takes twice the latency")
    func latency() async throws {
        let (network, clock) = (MemoryNetwork.with { $0.latency = .milliseconds(40) }, VirtualClock())
        let pair = try MemoryPair(clock: clock, client: .init(), server: .init(), network: network)
        let trip = Task(executorPreference: clock.executor) { try await pair.client.ping() }
        pair.advance(by: .seconds(1))
        #expect(try await trip.value == .milliseconds(80))
    }

    @Test("what was negotiated is what the real handshake negotiates")
    func negotiation() async throws {
        var client = WebSocketClient.Configuration()
        client.subprotocols = ["chat.v2", "chat.v1"]
        var server = WebSocketServer.Configuration()
        server.subprotocols = try Subprotocols(["chat.v1"])
        let pair = try MemoryPair(client: client, server: server, target: "/room?id=1")
        #expect(pair.client.subprotocol == "chat.v1")
        #expect(pair.server.subprotocol == "chat.v1")
        #expect(pair.server.request.target == "/room?id=1")
        #expect(pair.client.response.fields.first("Sec-WebSocket-Extensions")?.hasPrefix("permessage-deflate") == true)
    }

    @Test("a handshake that a server would refuse throws what it would say")
    func refusal() throws {
        var server = WebSocketServer.Configuration()
        server.subprotocols = try Subprotocols(["chat"], policy: .required)
        #expect(throws: HandshakeFailure.self) { _ = try MemoryPair(client: .init(), server: server) }
    }

    @Test("byte by byte and through a window of one byte everything arrives", arguments: [1, 7, 1000])
    func narrowNetwork(size: Int) async throws {
        let network = MemoryNetwork.with {
            $0.segment = size
            $0.window = size
            $0.latency = .microseconds(1)
        }
        let pair = try MemoryPair(client: .init(), server: .init(), network: network)
        pair.serve { connection in
            for try await message in connection { try await connection.send(message) }
        }
        let clock = pair.clock
        let text = String(repeating: "Alicorn ", count: 500)
        let answer = Task(executorPreference: clock.executor) {
            try await pair.client.send(text, compression: .never)
            return try await pair.client.receive().text
        }
        pair.advance(by: .seconds(1))
        #expect(try await answer.value == text)
    }

    @Test("a handler may sleep on the clock")
    func sleepingHandler() async throws {
        let clock = VirtualClock()
        let pair = MemoryPair(clock: clock)
        pair.serve { connection in
            try await clock.sleep(for: .seconds(5))
            try await connection.send("late")
        }
        pair.advance(by: .seconds(5))
        #expect(try await pair.client.receive() == "late")
        #expect(clock.now.offset == .seconds(5))
    }

    @Test("nothing of a pair stays behind when it is let go, closed or open", arguments: [true, false])
    func noLeaks(isClosed: Bool) async throws {
        weak var client: WebSocketConnection?
        weak var server: WebSocketConnection?
        let task: Task<Void, any Error>
        do {
            let pair = MemoryPair()
            (client, server) = (pair.client, pair.server)
            task = pair.serve { for try await _ in $0 {} }
            if isClosed {
                try await pair.client.close()
                await pair.server.waitUntilClosed()
                _ = await task.result
                pair.advance(by: .seconds(1))
            }
        }
        _ = await task.result
        #expect(client == nil)
        #expect(server == nil)
    }
}

extension MemoryNetwork {
    static func with(_ change: (inout Self) -> Void) -> Self {
        var network = Self()
        change(&network)
        return network
    }
}
