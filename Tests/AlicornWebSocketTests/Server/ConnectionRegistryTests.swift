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
        func receive(_ request: RequestHead, hasBody: Bool, from driver: HTTPServerDriver) {}
        func failed(_ violation: HTTPViolation, on driver: HTTPServerDriver) {}
        func closed(_ driver: HTTPServerDriver) {}
    }

    private final class Ends: @unchecked Sendable {
        // SAFETY: used on the loop alone.
        let http: HTTPServerDriver
        let webSocket: WebSocketDriver
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
                responder: Silence())
            transport.setDriver(http)
            (webSocket, queue) = ConnectionAssembly.makeDriver(
                role: .server, configuration: ConnectionConfiguration(), transform: nil, transport: upgraded
            ) { MessageQueue(driver: $0, configuration: ConnectionConfiguration()) }
            upgraded.setDriver(webSocket)
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
            let stop = Task(executorPreference: clock.executor) { await registry.stop(within: .seconds(100)) }
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

    @Test("a connection that comes after the stop has begun is closed at once")
    func acceptedWhileStopping() async {
        let clock = VirtualClock()
        let registry = ConnectionRegistry()
        await registry.stop(within: .seconds(100))
        #expect(registry.isStopping)
        let ends = clock.loop.perform { Ends(clock.loop) }
        registry.add(.http(ends.http))
        clock.advance(by: .zero)
        #expect(clock.loop.perform { ends.transport.endings } == [.closed])
        registry.remove(ends.transport)
    }
}
