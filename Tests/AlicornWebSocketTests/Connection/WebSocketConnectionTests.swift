// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornTransport
import AlicornWebSocket
import NIOCore
import Testing

@Suite("An open connection", .timeLimit(.minutes(1)))
struct WebSocketConnectionTests {
    @Test(
        "every kind and size of message comes back as it went",
        arguments: [0, 1, 125, 126, 4095, 4096, 65_536, 1 << 20])
    func echo(size: Int) async throws {
        let pair = MemoryPair()
        pair.serve { connection in
            for try await message in connection { try await connection.send(message) }
        }
        let text = WebSocketMessage.text(String(repeating: "x", count: size))
        let binary = WebSocketMessage.binary(ByteBuffer(repeating: 0xFF, count: size))
        for message in [text, binary] {
            try await pair.client.send(message)
            #expect(try await pair.client.receive() == message)
        }
        try await pair.client.send(text.text)
        #expect(try await pair.client.receive() == text)
        try await pair.client.send(binary.buffer, compression: .always)
        #expect(try await pair.client.receive() == binary)
    }

    @Test("messages sent by several tasks at once arrive whole, each task's in order")
    func concurrentSends() async throws {
        let pair = MemoryPair()
        let received = Task {
            var counts: [String: Int] = [:]
            for try await message in pair.server {
                let text = message.text
                let sender = String(text.prefix(1))
                let number = counts[sender, default: 0]
                #expect(text == String(repeating: "\(sender)\(number)", count: 200))
                counts[sender] = number + 1
            }
            return counts
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for sender in ["a", "b", "c", "d"] {
                group.addTask {
                    for number in 0..<100 {
                        try await pair.client.send(String(repeating: "\(sender)\(number)", count: 200))
                    }
                }
            }
            try await group.waitForAll()
        }
        try await pair.client.close()
        #expect(try await received.value == ["a": 100, "b": 100, "c": 100, "d": 100])
    }

    @Test(
        "iterating ends without an error after 1000, 1001 and a close frame without a code",
        arguments: [1000, 1001, 1005] as [UInt16])
    func normalEnd(code: UInt16) async throws {
        let peer = ScriptedConnection()
        peer.receive("one")
        if code == 1005 {
            peer.perform { $0.deliver(ScriptedConnection.frame(0x88, [])) }
        } else {
            peer.receiveClose(code)
        }
        let texts = peer.start { connection in
            var texts: [String] = []
            for try await message in connection { texts.append(message.text) }
            return texts
        }
        #expect(try await texts.value == ["one"])
    }

    @Test("a normal close whose TCP ends at once, so that it cannot be answered, is normal all the same")
    func normalEndUnanswered() async throws {
        let peer = ScriptedConnection()
        peer.receive("one")
        peer.receiveClose(1000)
        peer.perform { $0.deliverEOF() }
        let texts = peer.start { connection in
            var texts: [String] = []
            for try await message in connection { texts.append(message.text) }
            return texts
        }
        #expect(try await texts.value == ["one"])
    }

    @Test("a task that is cancelled while it receives as the connection's only reader stops waiting")
    func cancelledReader() async throws {
        let pair = MemoryPair()
        let handler = pair.serve { for try await _ in $0 {} }
        handler.cancel()
        await #expect(throws: CancellationError.self) { try await handler.value }
        await pair.client.waitUntilClosed()
        #expect(await pair.client.closure?.received?.code == .internalError)
    }

    @Test(
        "iterating throws after any other code, and says which", arguments: [1002, 1008, 1011, 3000, 4999] as [UInt16])
    func otherEnd(code: UInt16) async throws {
        let peer = ScriptedConnection()
        peer.receiveClose(code)
        let task = peer.start { for try await _ in $0 {} }
        let error = await #expect(throws: WebSocketError.self) { try await task.value }
        #expect(error?.closure?.received?.code.rawValue == code)
        #expect(error?.description.contains("\(code)") == true)
    }

    @Test(
        "closing goes both ways: each side sees the other's code",
        arguments: [1000, 1001, 1008, 1011, 3000, 4000] as [UInt16])
    func closeCodes(code: UInt16) async throws {
        for isClientFirst in [true, false] {
            let pair = MemoryPair()
            let (first, second) = isClientFirst ? (pair.client, pair.server) : (pair.server, pair.client)
            let waiting = Task(executorPreference: pair.clock.executor) { try? await second.receive() }
            pair.settle()
            try await first.close(CloseCode(rawValue: code), reason: "because")
            _ = await waiting.value
            #expect(await first.closure?.sent?.code.rawValue == code)
            #expect(await first.closure?.received?.code.rawValue == code)
            await second.waitUntilClosed()
            #expect(await second.closure?.received?.reason == "because")
            #expect(await second.closure?.cause == .closedByPeer)
        }
    }

    @Test("both sides close at once: both are closed, in order and at once")
    func closeRace() async throws {
        let network = MemoryNetwork.with { $0.latency = .milliseconds(50) }
        let pair = try MemoryPair(client: .init(), server: .init(), network: network)
        let ends = [pair.client, pair.server].map { connection in
            Task(executorPreference: pair.clock.executor) { try await connection.close() }
        }
        pair.advance(by: .milliseconds(200))
        for end in ends { try await end.value }
        for connection in [pair.client, pair.server] {
            #expect(await connection.closure?.isNormal == true)
            #expect(await connection.closure?.timedOut == false)
        }
    }

    @Test("closing twice, and sending after closing, harm nothing")
    func afterClosing() async throws {
        let pair = MemoryPair()
        pair.serve { for try await _ in $0 {} }
        try await pair.client.close()
        try await pair.client.close(.goingAway)
        #expect(await pair.client.closure?.sent?.code == .normalClosure)
        for body in [
            { try await pair.client.send("late") }, { _ = try await pair.client.ping() },
            { try await pair.client.pong() }, { try await pair.client.send(ByteBuffer(repeating: 0, count: 5000)) },
        ] as [@Sendable () async throws -> Void] {
            let error = await #expect(throws: WebSocketError.self) { try await body() }
            #expect(error?.code == .closed)
        }
        pair.client.post("late")
        pair.settle()
    }

    @Test("closing while the peer has not read everything waits for the end and does not throw")
    func closeWithUnsent() async throws {
        let peer = ScriptedConnection()
        peer.perform { $0.appetite = 0 }
        peer.connection.post(.binary(ByteBuffer(repeating: 0, count: 100_000)))
        let close = peer.start { try await $0.close() }
        peer.perform { $0.appetite = .max }
        peer.receiveClose(1000)
        peer.perform { $0.deliverEOF() }
        try await close.value
        #expect(await peer.connection.closure?.isNormal == true)
    }

    @Test("D1: closing returns after the close timeout though the peer reads nothing and answers nothing")
    func closeTimeout() async throws {
        let peer = ScriptedConnection { $0.limits.closeTimeout = .seconds(3) }
        peer.perform { $0.appetite = 0 }
        peer.connection.post(.binary(ByteBuffer(repeating: 0, count: 100_000)))
        let close = peer.start { try await $0.close() }
        peer.advance(3)
        try await close.value
        #expect(await peer.connection.closure?.timedOut == true)
    }

    @Test("what must not be sent is misuse, and the connection goes on")
    func misuse() async throws {
        let pair = MemoryPair()
        for body in [
            { try await pair.client.close(1015) }, { try await pair.client.close(1006) },
            { try await pair.client.close(.normalClosure, reason: String(repeating: "x", count: 124)) },
            { _ = try await pair.client.ping([UInt8](repeating: 0, count: 126)) },
            { try await pair.client.pong([UInt8](repeating: 0, count: 126)) },
        ] as [@Sendable () async throws -> Void] {
            let error = await #expect(throws: WebSocketError.self) { try await body() }
            #expect(error?.code == .misuse)
        }
        try await pair.client.send("still open")
        #expect(try await pair.server.receive() == "still open")
    }

    @Test("sending waits while the peer does not read, and goes on when it does")
    func sendingWaits() async throws {
        let peer = ScriptedConnection()
        peer.perform { $0.appetite = 0 }
        let large = ByteBuffer(repeating: 0, count: 50_000)
        let task = peer.start { connection in
            for _ in 0..<10 { try await connection.send(large) }
        }
        #expect(peer.perform { $0.unsentBytes } < 200_000)
        peer.perform { $0.appetite = .max }
        try await task.value
        #expect(peer.sent.count > 500_000)
    }

    @Test("a slow reader bounds what the sender has in memory")
    func slowReader() async throws {
        let pair = try MemoryPair(client: .init(), server: .with { $0.connection.receiveQueueLimit = 100_000 })
        let sender = Task(executorPreference: pair.clock.executor) {
            var sent = 0
            for _ in 0..<1000 {
                try await pair.client.send(ByteBuffer(repeating: 0, count: 10_000), compression: .never)
                sent += 10_000
                if sent == 10_000_000 { try await pair.client.close() }
            }
            return sent
        }
        pair.settle()
        var received = 0
        for try await message in pair.server { received += message.buffer.readableBytes }
        #expect(received == 10_000_000)
        #expect(try await sender.value == 10_000_000)
    }

    @Test("posting never waits, and a peer that does not read is cut at the cap")
    func postingCap() async {
        let peer = ScriptedConnection { $0.maximumUnsentBytes = 1_000_000 }
        peer.perform { $0.appetite = 0 }
        let message = WebSocketMessage.binary(ByteBuffer(repeating: 0, count: 5000))
        for _ in 0..<250 { peer.connection.post(message) }
        await peer.connection.waitUntilClosed()
        guard case .tooMuchUnsent(_, limit: 1_000_000) = await peer.connection.closure?.cause else {
            Issue.record("\(String(describing: await peer.connection.closure))")
            return
        }
    }

    @Test("posts of one thread arrive in their order")
    func postOrder() async throws {
        let pair = MemoryPair()
        for number in 0..<100 { pair.client.post(.text("\(number)")) }
        for number in 0..<100 { #expect(try await pair.server.receive() == .text("\(number)")) }
    }

    @Test("a handler that is busy when its peer closes is cancelled once the grace for it is over")
    func handlerCancelled() async throws {
        let pair = MemoryPair()
        let task = pair.serve { connection in
            _ = try await connection.receive()
            try await pair.clock.sleep(for: .seconds(1000))
        }
        try await pair.client.send("go")
        let close = Task(executorPreference: pair.clock.executor) { try await pair.client.close() }
        pair.advance(by: .seconds(1))
        try await close.value
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}

extension MemoryNetwork {
    static func with(_ change: (inout Self) -> Void) -> Self {
        var network = Self()
        change(&network)
        return network
    }
}

extension WebSocketServer.Configuration {
    static func with(_ change: (inout Self) -> Void) -> Self {
        var configuration = Self()
        change(&configuration)
        return configuration
    }
}
