// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornTransport
import Testing

@testable import AlicornWebSocket

@Suite("All connections of a server", .timeLimit(.minutes(1)))
struct ConnectionRegistryTests {
    private final class Silence: RequestResponder, Sendable {
        func receive(_ request: RequestHead, body: ReceivedBody, from driver: HTTPServerDriver) {}
        func answer(to violation: HTTPViolation, on driver: HTTPServerDriver) -> FinalAnswer { FinalAnswer(violation) }
        func closed(_ driver: HTTPServerDriver) {}
    }

    private final class Ends: @unchecked Sendable {
        // SAFETY: used on the loop alone.
        let http: HTTPServerDriver
        let webSocket: WebSocketConnection
        let transport: MemoryTransport
        let upgraded: MemoryTransport
        private let queue: MessageQueue

        init(_ loop: VirtualLoop) {
            transport = MemoryTransport(loop: loop)
            // In truth it is the same; here the HTTP driver does not know that it was replaced.
            upgraded = MemoryTransport(loop: loop)
            http = HTTPServerDriver(
                transport: transport, limits: HTTPLimits(),
                times: HTTPServerTimes(open: .seconds(10), idle: .seconds(5), linger: .seconds(2)),
                bodies: .readOver, responder: Silence())
            transport.setDriver(http)
            let heads = OpeningHeads(
                request: RequestHead(method: "GET", target: "/"), response: ResponseHead(status: 101))
            let parts = ConnectionAssembly.makeConnection(
                role: .server, configuration: ConnectionConfiguration(), transform: nil, transport: upgraded,
                heads: heads)
            (webSocket, queue) = (parts.connection, parts.queue)
            upgraded.setDriver(parts.driver)
        }

        deinit {
            transport.virtualLoop.perform {
                transport.fail(nil)
                upgraded.fail(nil)
            }
        }
    }

    @Test("a connection that is opened at the very moment of stopping is told to go away")
    func openedWhileStopping() async {
        let clock = VirtualClock()
        let registry = ConnectionRegistry()
        let ends = clock.loop.perform { Ends(clock.loop) }
        registry.add(.http(ends.http))
        let stop = clock.loop.perform {
            // On the loop: the request to close is queued behind this, in which the connection is upgraded.
            let stop = Task(executorPreference: clock.executor) {
                await registry.stop(.goingAway, within: .seconds(100))
            }
            _ = Task(executorPreference: clock.executor) { registry.add(.webSocket(ends.webSocket)) }
            return stop
        }
        clock.advance(by: .zero)
        #expect(clock.loop.perform { ends.upgraded.taken } == [0x88, 2, 0x03, 0xE9], "1001")
        clock.loop.perform {
            registry.remove(ends.transport)
            registry.remove(ends.upgraded)
        }
        await stop.value
    }

    @Test("a connection that comes after the stop has begun has a second for its request, and is closed")
    func acceptedWhileStopping() async {
        let clock = VirtualClock()
        let registry = ConnectionRegistry()
        await registry.stop(.goingAway, within: .seconds(100))
        #expect(registry.isStopping)
        let ends = clock.loop.perform { Ends(clock.loop) }
        registry.add(.http(ends.http))
        clock.advance(by: .milliseconds(999))
        #expect(clock.loop.perform { ends.transport.endings }.isEmpty)
        clock.advance(by: .milliseconds(1))
        #expect(clock.loop.perform { ends.transport.endings } == [.closed])
        registry.remove(ends.transport)
    }

    @Test("connections that are to be waited for are told nothing, and are cut after the time for it")
    func waitedFor() async {
        let clock = VirtualClock()
        let registry = ConnectionRegistry()
        let ends = clock.loop.perform { Ends(clock.loop) }
        registry.add(.webSocket(ends.webSocket))
        #expect(registry.open.map { ObjectIdentifier($0) } == [ObjectIdentifier(ends.webSocket)])
        #expect(registry.openCallbacks.isEmpty)
        #expect(registry.count == 1 && registry.count(besides: ends.upgraded) == 0)
        async let stop: Void = registry.stop(.wait, within: .zero)
        while clock.loop.perform({ ends.upgraded.endings.isEmpty }) {
            clock.advance(by: .zero)
            await Task.yield()
        }
        #expect(clock.loop.perform { ends.upgraded.taken }.isEmpty, "no close frame")
        #expect(clock.loop.perform { ends.upgraded.endings } == [.aborted])
        registry.remove(ends.upgraded)
        await stop
    }

    @Test("a handler that goes on without its connection is cancelled when what is left is cut")
    func lastingHandler() async {
        let clock = VirtualClock()
        let registry = ConnectionRegistry()
        let ends = clock.loop.perform { Ends(clock.loop) }
        registry.add(.http(ends.http))
        let (never, hold) = AsyncStream.makeStream(of: Void.self)
        let handler = Task<Void, any Error> {
            for await _ in never {}
            registry.remove(ends.transport)
        }
        registry.add(lasting: handler, of: ends.transport)
        await registry.stop(.goingAway, within: .zero)
        #expect(handler.isCancelled)
        hold.finish()
    }
}
