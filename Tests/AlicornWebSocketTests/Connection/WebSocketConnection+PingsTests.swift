// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornWebSocket
import NIOCore
import Testing

@Suite("Pings, and waits that are cancelled", .timeLimit(.minutes(1)))
struct WebSocketConnectionPingsTests {
    @Test("CTL-04: the last round trip can be asked for, and there is none before the first")
    func latency() async throws {
        let network = MemoryNetwork.with { $0.latency = .milliseconds(50) }
        let pair = try MemoryPair(client: .init(), server: .init(), network: network)
        #expect(await pair.client.latency == nil)
        let ping = Task(executorPreference: pair.clock.executor) { try await pair.client.ping() }
        pair.advance(by: .milliseconds(100))
        #expect(try await ping.value == .milliseconds(100))
        #expect(await pair.client.latency == .milliseconds(100))
    }

    @Test("CL-01: a connection is open until one side begins to close")
    func isOpen() async throws {
        let peer = ScriptedConnection()
        #expect(await peer.connection.isOpen)
        peer.receiveClose(1000)
        #expect(await !peer.connection.isOpen)
        let other = ScriptedConnection()
        other.perform { $0.fail("gone") }
        #expect(await !other.connection.isOpen)
    }

    @Test("a ping that is not answered ends with its timeout, and the connection goes on")
    func timeout() async throws {
        let peer = ScriptedConnection { $0.limits.pingInterval = nil }
        let ping = peer.start { try await $0.ping([1], timeout: .seconds(3)) }
        peer.advance(2)
        #expect(await peer.connection.isOpen)
        peer.advance(1)
        let error = await #expect(throws: WebSocketError.self) { try await ping.value }
        #expect(error?.code == .timedOut)
        #expect(await peer.connection.isOpen)
        peer.perform { $0.deliver(ScriptedConnection.frame(0x8A, [1])) }
        #expect(await peer.connection.latency == .seconds(3))
    }

    @Test("SND-11: cancelling a ping ends only the wait; its pong is still known, and later pings work")
    func cancelledPing() async throws {
        let peer = ScriptedConnection()
        let ping = peer.start { try await $0.ping([1]) }
        let other = peer.start { try await $0.ping([2]) }
        ping.cancel()
        peer.advance(0)
        await #expect(throws: CancellationError.self) { try await ping.value }
        peer.perform { $0.deliver(ScriptedConnection.frame(0x8A, [2])) }
        #expect(try await other.value == .zero)
        #expect(await peer.connection.isOpen)
    }

    @Test("SND-11: cancelling a send that waits for room ends the wait at once; its message goes out all the same")
    func cancelledSend() async throws {
        let peer = ScriptedConnection()
        peer.perform { $0.appetite = 0 }
        let large = ByteBuffer(repeating: 7, count: 100_000)
        let first = peer.start { try await $0.send(large) }
        let second = peer.start { try await $0.send("second") }
        first.cancel()
        peer.advance(0)
        await #expect(throws: CancellationError.self) { try await first.value }
        peer.perform { $0.appetite = .max }
        try await second.value
        #expect(
            peer.sent == [0x82, 127, 0, 0, 0, 0, 0, 1, 0x86, 0xA0] + large.readableBytesView + [0x81, 6]
                + Array("second".utf8))
        try await peer.connection.send("third")
    }

    @Test("a cancelled task can still send while there is room: to say good-bye")
    func cancelledSender() async throws {
        let peer = ScriptedConnection()
        let task = peer.start { connection in
            withUnsafeCurrentTask { $0?.cancel() }
            try await connection.send("bye")
        }
        try await task.value
        #expect(peer.sent == [0x81, 3] + Array("bye".utf8))
    }

    @Test("a ping above those that may wait is refused, and the connection lives")
    func tooManyPings() async throws {
        let peer = ScriptedConnection()
        let pings = (0..<64).map { number in peer.start { try await $0.ping([UInt8(number)]) } }
        let error = await #expect(throws: WebSocketError.self) { try await peer.connection.ping() }
        #expect(error?.code == .misuse)
        peer.perform { $0.deliver(ScriptedConnection.frame(0x8A, [63])) }
        for ping in pings { _ = try await ping.value }
    }
}
