// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornWebSocket
import EngineTesting
import Synchronization
import Testing

@Suite("Reconnecting", .timeLimit(.minutes(1)))
struct ReconnectingTests {
    /// What the client did, as words, without the random part of delays.
    private final class Diary: Sendable {
        private let words = Mutex<[String]>([])
        private let delays = Mutex<[Duration]>([])

        var all: [String] { words.withLock { $0 } }
        var waits: [Duration] { delays.withLock { $0 } }

        func write(_ state: ReconnectionState) {
            let word =
                switch state {
                case .connecting(let attempt): "connecting \(attempt)"
                case .connected: "connected"
                case .waiting(let delay, _):
                    {
                        delays.withLock { $0.append(delay) }; return "waiting"
                    }()
                case .gaveUp(let error): "gave up: \(error.code)"
                }
            words.withLock { $0.append(word) }
        }
    }

    /// Sleeps for no time, but moves on as if it had: what is waited for is in the diary.
    private final class HurriedClock: Clock, Sendable {
        typealias Instant = VirtualClock.Instant
        private let time = Mutex(Instant(offset: .zero))

        var now: Instant { time.withLock { $0 } }
        var minimumResolution: Duration { .nanoseconds(1) }

        func advance(by duration: Duration) { time.withLock { $0 = $0.advanced(by: duration) } }

        func sleep(until deadline: Instant, tolerance: Duration?) async throws {
            try Task.checkCancellation()
            time.withLock { $0 = max($0, deadline) }
        }
    }

    private struct Done: Error {}

    @Test("a server that accepts and closes at once is not hammered (D9, REC-06)")
    func shortLived() async throws {
        let server = try await RunningServer(handler: { try await $0.close(.policyViolation) })
        let (diary, clock) = (Diary(), HurriedClock())
        var count = 0
        for try await connection in WebSocketClient.reconnecting(
            to: server.address, clock: clock, stateChanged: { diary.write($0) })
        {
            _ = try? await connection.receive()
            count += 1
            if count == 8 { break }
        }
        // Each waits longer than the one before it, up to chance: 3 s, 4.9 s, 7.9 s, 12.7 s, 20.6 s, 33.3 s, 53.8 s.
        let expected = [3, 4.854, 7.854, 12.707, 20.561, 33.267, 53.827]
        #expect(diary.waits.count == 7)
        for (wait, expected) in zip(diary.waits, expected) {
            #expect((0.8 * expected - 0.01...1.2 * expected + 0.01).contains(wait / .seconds(1)))
        }
        try await server.stop()
    }

    @Test("a connection that lived long has the delays begin anew (REC-04)")
    func longLived() async throws {
        let server = try await RunningServer(handler: { try await $0.close(.goingAway) })
        let (diary, clock) = (Diary(), HurriedClock())
        var count = 0
        for try await connection in WebSocketClient.reconnecting(
            to: server.address, clock: clock, stateChanged: { diary.write($0) })
        {
            await connection.waitUntilClosed()
            clock.advance(by: .seconds(30))
            count += 1
            if count == 3 { break }
        }
        #expect(diary.waits.count == 2)
        #expect(diary.waits.allSatisfy { (.zero ... .seconds(5)).contains($0) })
        #expect(
            diary.all == [
                "connecting 1", "connected", "waiting", "connecting 1", "connected", "waiting", "connecting 1",
                "connected",
            ])
        try await server.stop()
    }

    @Test("after so many failures in a row it gives up with the last (REC-07)")
    func maximumAttempts() async throws {
        let (diary, clock) = (Diary(), HurriedClock())
        var policy = ReconnectionPolicy()
        policy.maximumAttempts = 3
        // Nobody listens there any more.
        let address = "ws://127.0.0.1:\(try ScriptedListener().port)/"
        let error = await #expect(throws: WebSocketError.self) {
            for try await _ in WebSocketClient.reconnecting(
                to: address, policy: policy, clock: clock, stateChanged: { diary.write($0) })
            {}
        }
        #expect(error?.code == .connectionFailed)
        #expect(
            diary.all == [
                "connecting 1", "waiting", "connecting 2", "waiting", "connecting 3", "gave up: connectionFailed",
            ])
    }

    @Test("Retry-After is honoured up to a maximum, and refusals for good end it (REC-02)")
    func retryAfter() async throws {
        let asked = Mutex(0)
        let server = try await RunningServer(respond: { _ in
            let count = asked.withLock {
                $0 += 1; return $0
            }
            var response = WebSocketServer.Response.text("later", status: count < 3 ? 503 : 404)
            try response.head.fields.append(name: "Retry-After", value: count == 1 ? "120" : "86400")
            return response
        })
        let (diary, clock) = (Diary(), HurriedClock())
        let error = await #expect(throws: WebSocketError.self) {
            for try await _ in WebSocketClient.reconnecting(
                to: server.address, clock: clock, stateChanged: { diary.write($0) })
            {}
        }
        #expect(error?.response?.head.status == 404)
        #expect(diary.waits == [.seconds(120), .seconds(600)])
        try await server.stop()
    }

    @Test("while it waits, it tells for how long and why (REC-05)")
    func toldWhileWaiting() async throws {
        let asked = Mutex(0)
        let server = try await RunningServer(
            WebSocketServer(host: "127.0.0.1", port: 0, logger: RunningServer.silent) { _ in
                let isFirst = asked.withLock {
                    $0 += 1; return $0 == 1
                }
                guard isFirst else { return nil }
                var response = WebSocketServer.Response.text("later", status: 503)
                try response.head.fields.append(name: "Retry-After", value: "120")
                return response
            } handler: {
                try await $0.close(.tryAgainLater, reason: "busy")
            })
        let clock = HurriedClock()
        let begin = clock.now
        let told = Mutex<[(delay: Duration, reason: WebSocketError)]>([])
        var count = 0
        for try await connection in WebSocketClient.reconnecting(
            to: server.address, clock: clock,
            stateChanged: { state in
                if case .waiting(let delay, let reason) = state { told.withLock { $0.append((delay, reason)) } }
            })
        {
            await connection.waitUntilClosed()
            count += 1
            if count == 2 { break }
        }
        let waits = told.withLock { $0 }
        try #require(waits.count == 2)
        #expect(waits[0].delay == .seconds(120))
        #expect(waits[0].reason.response?.head.status == 503)
        #expect(waits[1].reason.closure?.received?.code == .tryAgainLater)
        #expect(waits[1].reason.description.contains("busy"))
        // What it tells is what it waits.
        #expect(begin.duration(to: clock.now) == waits[0].delay + waits[1].delay)
        try await server.stop()
    }

    @Test("after a redirect it begins at the original address again, with its credentials (RED-05)")
    func redirected() async throws {
        let elsewhere = try await RunningServer(handler: { connection in
            let fields = connection.request.fields
            try await connection.send("\(connection.request.target) \(fields.first("Authorization") ?? "-")")
        })
        let asked = Mutex<[String]>([])
        let original = try await RunningServer(respond: { request in
            let count = asked.withLock {
                $0.append("\(request.target) \(request.fields.first("Authorization") ?? "-")")
                return $0.count
            }
            var response = WebSocketServer.Response.text("elsewhere", status: 307)
            try response.head.fields.append(name: "Location", value: "\(elsewhere.address)\(count)")
            return response
        })
        var landings: [String] = []
        for try await connection in WebSocketClient.reconnecting(
            to: "ws://user:pw@127.0.0.1:\(original.port)/feed", clock: HurriedClock())
        {
            landings.append(try await connection.receive().text)
            if landings.count == 3 { break }
        }
        #expect(landings == ["/1 -", "/2 -", "/3 -"])
        #expect(asked.withLock { $0 } == Array(repeating: "/feed Basic dXNlcjpwdw==", count: 3))
        try await original.stop()
        try await elsewhere.stop()
    }

    @Test("leaving the loop closes the connection with 1000, and so does asking for the next")
    func closes() async throws {
        let (codes, note) = AsyncStream.makeStream(of: CloseCode?.self)
        let server = try await RunningServer(handler: { connection in
            _ = try? await connection.receive()
            note.yield(await connection.closure?.received?.code)
        })
        var seen = 0
        for try await _ in WebSocketClient.reconnecting(to: server.address, clock: HurriedClock()) {
            seen += 1
            if seen == 2 { break }
        }
        var iterator = codes.makeAsyncIterator()
        #expect(await iterator.next() == .normalClosure)
        #expect(await iterator.next() == .normalClosure)
        try await server.stop()
    }

    @Test("forEach goes on when a connection ends, and ends with what its body throws")
    func forEach() async throws {
        let server = try await RunningServer(handler: { try await $0.close(.internalError) })
        let count = Mutex(0)
        await #expect(throws: Done.self) {
            try await WebSocketClient.reconnecting(to: server.address, clock: HurriedClock()).forEach { connection in
                if count.withLock({
                    $0 += 1; return $0
                }) == 3 {
                    throw Done()
                }
                _ = try await connection.receive()
            }
        }
        #expect(count.withLock { $0 } == 3)
        try await server.stop()
    }

    @Test("cancelling ends it, also while it waits")
    func cancelled() async throws {
        let clock = VirtualClock()
        let (waits, note) = AsyncStream.makeStream(of: Void.self)
        // Nobody listens there any more.
        let address = "ws://127.0.0.1:\(try ScriptedListener().port)/"
        let task = Task {
            for try await _ in WebSocketClient.reconnecting(
                to: address, clock: clock, stateChanged: { if case .waiting = $0 { note.yield() } })
            {}
        }
        _ = await waits.first { _ in true }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
