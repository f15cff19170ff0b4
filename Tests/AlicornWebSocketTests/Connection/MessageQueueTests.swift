// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornTransport
import AlicornWebSocket
import Testing

@Suite("Messages on their way to whoever receives", .timeLimit(.minutes(1)))
struct MessageQueueTests {
    @Test("what came before anybody asked is handed out in order, without waiting")
    func queued() async throws {
        let peer = ScriptedConnection()
        for text in ["one", "two", "three"] { peer.receive(text) }
        for text in ["one", "two", "three"] { #expect(try await peer.connection.receive().text == text) }
    }

    @Test("a task that waits gets the message that comes")
    func waiting() async throws {
        let peer = ScriptedConnection()
        let task = peer.start { try await $0.receive().text }
        peer.receive("here")
        #expect(try await task.value == "here")
    }

    @Test("messages in fragments are put together, whatever their pieces")
    func fragments() async throws {
        let peer = ScriptedConnection()
        let part = [UInt8](repeating: 0x61, count: 3000)
        peer.perform { transport in
            transport.deliver(ScriptedConnection.frame(0x01, part), inCutsOf: 700)
            transport.deliver(ScriptedConnection.frame(0x00, part))
            transport.deliver(ScriptedConnection.frame(0x80, part), inCutsOf: 999)
        }
        #expect(try await peer.connection.receive().text == String(repeating: "a", count: 9000))
    }

    @Test("an empty message is a message")
    func empty() async throws {
        let peer = ScriptedConnection()
        peer.receive("")
        #expect(try await peer.connection.receive().text.isEmpty)
    }

    @Test("a handler that is slow stops reading at the limit; when it has taken all, reading goes on")
    func limit() async throws {
        let peer = ScriptedConnection { $0.receiveQueueLimit = 10_000 }
        let text = String(repeating: "a", count: 3000)
        for _ in 0..<3 { peer.receive(text) }
        #expect(!peer.isReadingPaused)
        peer.receive(text)
        #expect(peer.isReadingPaused)
        for _ in 0..<3 { _ = try await peer.connection.receive() }
        #expect(peer.isReadingPaused)
        _ = try await peer.connection.receive()
        #expect(!peer.isReadingPaused)
    }

    @Test("many small messages count for more than their bytes")
    func smallMessages() {
        let peer = ScriptedConnection { $0.receiveQueueLimit = 10_000 }
        for _ in 0..<157 { peer.receive("") }
        #expect(peer.isReadingPaused)
    }

    @Test("RCV-11: reading stops at a number of messages, too")
    func countLimit() async throws {
        let peer = ScriptedConnection { $0.receiveQueueCountLimit = 3 }
        for _ in 0..<2 { peer.receive("a") }
        #expect(!peer.isReadingPaused)
        peer.receive("a")
        #expect(peer.isReadingPaused)
        for _ in 0..<3 { _ = try await peer.connection.receive() }
        #expect(!peer.isReadingPaused)
    }

    @Test("with a limit of nothing, one message still comes through at a time")
    func zeroLimit() async throws {
        let peer = ScriptedConnection { $0.receiveQueueLimit = 0 }
        peer.perform { $0.deliver(ScriptedConnection.frame(0x01, [0x61])) }
        #expect(!peer.isReadingPaused, "nobody could take anything, so nobody would resume")
        let task = peer.start { try await $0.receive().text }
        peer.perform { $0.deliver(ScriptedConnection.frame(0x80, [0x62])) }
        #expect(try await task.value == "ab")
        peer.receive("next")
        #expect(peer.isReadingPaused)
        #expect(try await peer.connection.receive().text == "next")
        #expect(!peer.isReadingPaused)
    }

    @Test("cancelling a waiting receive loses nothing")
    func cancellation() async throws {
        let peer = ScriptedConnection()
        let task = peer.start { try await $0.receive().text }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        peer.receive("still here")
        #expect(try await peer.connection.receive().text == "still here")
    }

    @Test("a task that was cancelled before receives what is queued, and does not wait")
    func cancelledBefore() async throws {
        let peer = ScriptedConnection()
        peer.receive("queued")
        let task = peer.start { connection in
            withUnsafeCurrentTask { $0?.cancel() }
            let text = try await connection.receive().text
            #expect(text == "queued")
            _ = try await connection.receive()
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("a message that comes at the moment of cancelling is not lost, nor is the next task's wait ended")
    func cancellationRace() async throws {
        let peer = ScriptedConnection()
        let first = peer.start { try await $0.receive().text }
        let second = peer.clock.loop.perform {
            peer.receive("one")
            let second = Task(executorPreference: peer.clock.executor) { try await peer.connection.receive().text }
            first.cancel()
            return second
        }
        #expect(try await first.value == "one")
        peer.receive("two")
        #expect(try await second.value == "two")
    }

    @Test("a second task that receives at the same time is told so, and the first goes on")
    func concurrentReceive() async throws {
        let peer = ScriptedConnection()
        let first = peer.start { try await $0.receive().text }
        let error = await #expect(throws: WebSocketError.self) { try await peer.connection.receive() }
        #expect(error?.code == .concurrentReceive)
        peer.receive("for the first")
        #expect(try await first.value == "for the first")
    }

    @Test("messages before a close are received, then the end; the peer's close is answered only then")
    func closeBehindMessages() async throws {
        let peer = ScriptedConnection()
        peer.receive("one")
        peer.receive("two")
        peer.receiveClose(1000)
        #expect(peer.sent.isEmpty)
        #expect(try await peer.connection.receive().text == "one")
        #expect(try await peer.connection.receive().text == "two")
        #expect(peer.sent.isEmpty)
        let error = await #expect(throws: WebSocketError.self) { try await peer.connection.receive() }
        #expect(error?.code == .closed)
        #expect(peer.sent == [0x88, 2, 0x03, 0xE8])
    }

    @Test("messages that were queued are received though the connection is gone")
    func messagesAfterLoss() async throws {
        let peer = ScriptedConnection()
        peer.receive("one")
        peer.perform { $0.fail("connection reset by peer") }
        #expect(try await peer.connection.receive().text == "one")
        let error = await #expect(throws: WebSocketError.self) { try await peer.connection.receive() }
        #expect(error?.closure?.cause == .transportFailed("connection reset by peer"))
        #expect(error?.description == "the connection failed without a close frame (1006): connection reset by peer")
    }

    @Test("whoever waits when the connection goes is told: receiver, senders, pings and closers")
    func waitersAtLoss() async throws {
        let peer = ScriptedConnection()
        peer.perform { $0.appetite = 0 }
        let large = String(repeating: "a", count: 100_000)
        let receiver = peer.start { _ = try await $0.receive() }
        let sender = peer.start { try await $0.send(large) }
        let ping = peer.start { _ = try await $0.ping() }
        let closer = peer.start { await $0.waitUntilClosed() }
        peer.perform { $0.fail("connection reset by peer") }
        for task in [receiver, sender, ping] {
            let error = await #expect(throws: WebSocketError.self) { try await task.value }
            #expect(error?.code == .closed)
        }
        try await closer.value
    }

    @Test("nothing of a connection stays behind when it is closed and let go")
    func release() async throws {
        weak var connection: WebSocketConnection?
        weak var queue: AnyObject?
        do {
            let peer = ScriptedConnection()
            connection = peer.connection
            queue = peer.queue
            peer.receive("one")
            peer.perform { $0.fail(nil) }
            _ = try await peer.connection.receive()
        }
        #expect(connection == nil)
        #expect(queue == nil)
    }
}
