// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornWebSocket
import EngineTesting
import NIOCore
import Testing

@Suite("Sending a message in fragments", .timeLimit(.minutes(1)))
struct WebSocketConnectionFragmentsTests {
    /// A source of fragments that the test feeds.
    private typealias Source<Fragment: Sendable> = (
        stream: AsyncThrowingStream<Fragment, any Error>, feed: AsyncThrowingStream<Fragment, any Error>.Continuation
    )

    private func makeSource<Fragment: Sendable>(of type: Fragment.Type = String.self) -> Source<Fragment> {
        let (stream, feed) = AsyncThrowingStream.makeStream(of: type)
        return (stream, feed)
    }

    private struct SourceFailure: Error {}

    private func frame(_ first: UInt8, _ text: String) -> [UInt8] {
        [first, UInt8(text.utf8.count)] + Array(text.utf8)
    }

    // MARK: Sequences (SND-05)

    @Test("a sequence becomes a frame for each element, the last of which ends the message")
    func sequence() async throws {
        let peer = ScriptedConnection()
        try await peer.connection.send(fragments: ["ab", "", "c"])
        try await peer.connection.send(fragments: ["alone"])
        try await peer.connection.send(fragments: ["x", "yz"].map { ByteBuffer(string: $0) })
        try await peer.connection.send(fragments: "p,q".split(separator: ","))
        try await peer.connection.send(fragments: [[1], [2, 3]] as [[UInt8]])
        let texts = frame(0x01, "ab") + frame(0x00, "") + frame(0x80, "c") + frame(0x81, "alone")
        let bytes = frame(0x02, "x") + frame(0x80, "yz")
        #expect(peer.sent == texts + bytes + frame(0x01, "p") + frame(0x80, "q") + [0x02, 1, 1, 0x80, 2, 2, 3])
    }

    @Test("an empty sequence sends nothing, and leaves the connection as it was")
    func empty() async throws {
        let peer = ScriptedConnection()
        try await peer.connection.send(fragments: [] as [String])
        try await peer.connection.send(fragments: AsyncStream<String> { $0.finish() })
        #expect(peer.sent.isEmpty)
        try await peer.connection.send("whole")
        #expect(peer.sent == frame(0x81, "whole"))
    }

    @Test("what goes out in fragments arrives as one message, compressed or not", arguments: [true, false])
    func arrives(isCompressed: Bool) async throws {
        let pair = MemoryPair()
        let lines = (0..<200).map { "line \($0), which is like the others\n" }
        try await pair.client.send(fragments: lines, compression: isCompressed ? .always : .never)
        #expect(try await pair.server.receive() == .text(lines.joined()))
        let (stream, feed) = AsyncStream.makeStream(of: [UInt8].self)
        for number in 0..<100 as Range<UInt8> { feed.yield([number]) }
        feed.finish()
        try await pair.server.send(fragments: stream, compression: isCompressed ? .always : .never)
        #expect(try await pair.client.receive() == .binary(ByteBuffer(bytes: 0..<100)))
    }

    // MARK: Asynchronous sequences (SND-06)

    @Test("each element of an asynchronous sequence goes out when it is there, and an empty frame at the end")
    func asynchronousSequence() async throws {
        let peer = ScriptedConnection()
        let source = makeSource()
        let task = peer.start { [stream = source.stream] in try await $0.send(fragments: stream) }
        #expect(peer.sent.isEmpty)
        source.feed.yield("ab")
        await peer.settle(until: 4)
        #expect(peer.sent == frame(0x01, "ab"))
        source.feed.yield("c")
        await peer.settle(until: 7)
        #expect(peer.sent == frame(0x01, "ab") + frame(0x00, "c"))
        source.feed.finish()
        try await task.value
        #expect(peer.sent == frame(0x01, "ab") + frame(0x00, "c") + frame(0x80, ""))
    }

    // MARK: The order of messages (SND-08, D10)

    @Test("D10: messages in fragments whose sources are slow wait for each other, in order, and whole ones for them")
    func concurrent() async throws {
        let peer = ScriptedConnection()
        let first = makeSource()
        let second = makeSource()
        let firstTask = peer.start { [stream = first.stream] in try await $0.send(fragments: stream) }
        let secondTask = peer.start { [stream = second.stream] in try await $0.send(fragments: stream) }
        first.feed.yield("1")
        await peer.settle(until: 3)
        let whole = peer.start { try await $0.send("w") }
        second.feed.yield("2")
        second.feed.finish()
        await peer.settle { peer.connection.post("p") }
        first.feed.yield("1")
        first.feed.finish()
        for task in [firstTask, secondTask, whole] { try await task.value }
        let firstMessage = frame(0x01, "1") + frame(0x00, "1") + frame(0x80, "")
        let secondMessage = frame(0x01, "2") + frame(0x80, "")
        let sent = peer.sent
        #expect(sent.starts(with: firstMessage))
        let rest = Array(sent.dropFirst(firstMessage.count))
        let orders = [
            frame(0x81, "w") + secondMessage + frame(0x81, "p"), frame(0x81, "w") + frame(0x81, "p") + secondMessage,
            secondMessage + frame(0x81, "w") + frame(0x81, "p"),
        ]
        #expect(orders.contains(rest), "each message is whole, and the whole ones are in their order")
    }

    @Test("BRD-02: what is broadcast in the middle of a message in fragments goes out behind it, and is not skipped")
    func broadcast() async throws {
        let peer = ScriptedConnection()
        let source = makeSource()
        let task = peer.start { [stream = source.stream] in try await $0.send(fragments: stream) }
        source.feed.yield("1")
        await peer.settle(until: 3)
        await peer.settle { WebSocketConnection.broadcast("b", to: [peer.connection]) }
        #expect(peer.sent == frame(0x01, "1"))
        source.feed.finish()
        try await task.value
        await peer.settle(until: 8)
        #expect(peer.sent == frame(0x01, "1") + frame(0x80, "") + frame(0x81, "b"))
    }

    @Test("pings, pongs and their answers go between the fragments of a message")
    func controlFramesBetween() async throws {
        let peer = ScriptedConnection()
        let source = makeSource()
        let task = peer.start { [stream = source.stream] in try await $0.send(fragments: stream) }
        source.feed.yield("a")
        await peer.settle(until: 3)
        peer.perform { $0.deliver(ScriptedConnection.frame(0x89, [7])) }
        try await peer.connection.pong([8])
        source.feed.finish()
        try await task.value
        #expect(peer.sent == frame(0x01, "a") + [0x8A, 1, 7, 0x8A, 1, 8, 0x80, 0])
    }

    @Test("many tasks send whole messages and messages in fragments at once: all of them arrive whole")
    func manyTasks() async throws {
        let pair = MemoryPair()
        let received = Task {
            var texts: [String] = []
            for try await message in pair.server { texts.append(message.text) }
            return texts
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for sender in ["a", "b", "c", "d"] {
                group.addTask {
                    for number in 0..<25 {
                        let text = "\(sender)\(number)"
                        if number.isMultiple(of: 3) {
                            try await pair.client.send(text)
                        } else if number.isMultiple(of: 2) {
                            try await pair.client.send(fragments: text.map { String($0) })
                        } else {
                            try await pair.client.send(
                                fragments: AsyncStream<String> { feed in
                                    for character in text { feed.yield(String(character)) }
                                    feed.finish()
                                })
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        try await pair.client.close()
        let texts = try await received.value
        for sender in ["a", "b", "c", "d"] {
            #expect(texts.filter { $0.hasPrefix(sender) } == (0..<25).map { "\(sender)\($0)" })
        }
    }

    @Test("what waits behind a message that does not end is bounded, though nobody waits for it")
    func bounded() async throws {
        let peer = ScriptedConnection { $0.maximumUnsentBytes = 100_000 }
        let source = makeSource()
        let task = peer.start { [stream = source.stream] in try await $0.send(fragments: stream) }
        source.feed.yield("a")
        await peer.settle(until: 3)
        for _ in 0..<11 { peer.connection.post(.binary(ByteBuffer(repeating: 0, count: 10_000))) }
        await peer.connection.waitUntilClosed()
        guard case .tooMuchUnsent(_, limit: 100_000)? = await peer.connection.closure?.cause else {
            Issue.record("\(String(describing: await peer.connection.closure))")
            return
        }
        source.feed.yield("b")
        await #expect(throws: WebSocketError.self) { try await task.value }
    }

    // MARK: Back-pressure

    @Test("sending waits between fragments while the peer does not read")
    func backPressure() async throws {
        let peer = ScriptedConnection()
        peer.perform { $0.appetite = 0 }
        let fragments = Array(repeating: ByteBuffer(repeating: 0, count: 50_000), count: 10)
        let task = peer.start { try await $0.send(fragments: fragments, compression: .never) }
        #expect(peer.perform { $0.unsentBytes } < 200_000)
        peer.perform { $0.appetite = .max }
        try await task.value
        #expect(peer.sent.count > 500_000)
    }

    // MARK: What breaks off (SND-07, SND-11, CL-04)

    @Test("a source that throws in the middle closes the connection with 1011, and its error comes through")
    func sourceFails() async throws {
        let peer = ScriptedConnection()
        let source = makeSource()
        let task = peer.start { [stream = source.stream] in try await $0.send(fragments: stream) }
        source.feed.yield("a")
        await peer.settle(until: 3)
        source.feed.finish(throwing: SourceFailure())
        await #expect(throws: SourceFailure.self) { try await task.value }
        let closure = try #require(await peer.connection.closure)
        #expect(closure.sent == CloseFrame(.internalError, reason: "the source of a message failed"))
        let error = await #expect(throws: WebSocketError.self) { try await peer.connection.send("next") }
        #expect(error?.code == .closed)
    }

    @Test("a source that throws before its first fragment harms nothing")
    func sourceFailsAtOnce() async throws {
        let peer = ScriptedConnection()
        let stream = AsyncThrowingStream<String, any Error> { $0.finish(throwing: SourceFailure()) }
        await #expect(throws: SourceFailure.self) { try await peer.connection.send(fragments: stream) }
        try await peer.connection.send("next")
        #expect(peer.sent == frame(0x81, "next"))
    }

    @Test("cancelling in the middle closes the connection with 1011; those who wait for the end are told")
    func cancelled() async throws {
        let peer = ScriptedConnection()
        peer.perform { $0.appetite = 0 }
        let fragments = Array(repeating: ByteBuffer(repeating: 0, count: 100_000), count: 10)
        let task = peer.start { try await $0.send(fragments: fragments, compression: .never) }
        let whole = peer.start { try await $0.send("w") }
        let behind = peer.start { try await $0.send(fragments: ["x"]) }
        task.cancel()
        peer.advance(0)
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(await peer.connection.closure?.sent?.code == .internalError)
        for waiting in [whole, behind] {
            let error = await #expect(throws: WebSocketError.self) { try await waiting.value }
            #expect(error?.code == .closed)
        }
    }

    @Test("cancelling a message that waits for its turn takes it back, and harms nothing")
    func cancelledBeforeItsTurn() async throws {
        let peer = ScriptedConnection()
        let source = makeSource()
        let first = peer.start { [stream = source.stream] in try await $0.send(fragments: stream) }
        source.feed.yield("a")
        await peer.settle(until: 3)
        let second = peer.start { try await $0.send(fragments: ["never"]) }
        let third = peer.start { try await $0.send(fragments: ["third"]) }
        second.cancel()
        peer.advance(0)
        await #expect(throws: CancellationError.self) { try await second.value }
        source.feed.finish()
        try await first.value
        try await third.value
        #expect(peer.sent == frame(0x01, "a") + frame(0x80, "") + frame(0x81, "third"))
    }

    @Test("a task that was cancelled before sends no fragment")
    func cancelledBefore() async throws {
        let peer = ScriptedConnection()
        let task = peer.start { connection in
            withUnsafeCurrentTask { $0?.cancel() }
            try await connection.send(fragments: ["a", "b"])
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        try await peer.connection.send("next")
        #expect(peer.sent == frame(0x81, "next"))
    }

    @Test(
        "CL-04: closing in the middle of a message is not normal: 1000 becomes 1011",
        arguments: [1000, 4000] as [UInt16])
    func closedInTheMiddle(code: UInt16) async throws {
        let peer = ScriptedConnection()
        let source = makeSource()
        let task = peer.start { [stream = source.stream] in try await $0.send(fragments: stream) }
        source.feed.yield("a")
        await peer.settle(until: 3)
        let close = peer.start { try await $0.close(CloseCode(rawValue: code)) }
        #expect(await peer.connection.closure?.sent?.code.rawValue == (code == 1000 ? 1011 : code))
        source.feed.yield("b")
        let error = await #expect(throws: WebSocketError.self) { try await task.value }
        #expect(error?.code == .closed)
        peer.receiveClose(code)
        peer.perform { $0.deliverEOF() }
        try await close.value
    }

    // MARK: Automatic fragments (SND-14)

    @Test("long messages go out in fragments of the configured size, and arrive whole")
    func automatic() async throws {
        let peer = ScriptedConnection { $0.limits.fragmentSize = 4 }
        try await peer.connection.send("abcdefghij")
        try await peer.connection.send("abcd")
        #expect(peer.sent == frame(0x01, "abcd") + frame(0x00, "efgh") + frame(0x80, "ij") + frame(0x81, "abcd"))
        let pair = try MemoryPair(
            client: .with { $0.connection.limits.fragmentSize = 1000 },
            server: .with { $0.connection.limits.fragmentSize = 1000 })
        pair.serve { connection in
            for try await message in connection { try await connection.send(message) }
        }
        let message = WebSocketMessage.text(String(repeating: "some text ", count: 5000))
        for compression in [CompressionChoice.always, .never] {
            try await pair.client.send(message, compression: compression)
            #expect(try await pair.client.receive() == message)
        }
    }
}

@Suite("Fragments over sockets", .onEachEngine, .timeLimit(.minutes(1)))
struct FragmentsOverSocketsTests {
    @Test("D10: two messages from slow asynchronous sources at once both come back whole, from any task")
    func concurrentSources() async throws {
        let server = try await RunningServer()
        try await WebSocketClient.connect(to: server.address) { connection in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for letter in ["a", "b"] {
                    group.addTask {
                        let (stream, feed) = AsyncStream.makeStream(of: String.self)
                        Task {
                            for _ in 0..<10 {
                                await Task.yield()
                                feed.yield(letter)
                            }
                            feed.finish()
                        }
                        try await connection.send(fragments: stream)
                    }
                }
                try await group.waitForAll()
            }
            let texts = [try await connection.receive().text, try await connection.receive().text]
            #expect(texts.sorted() == [String(repeating: "a", count: 10), String(repeating: "b", count: 10)])
        }
        try await server.stop()
    }
}

extension WebSocketClient.Configuration {
    static func with(_ change: (inout Self) -> Void) -> Self {
        var configuration = Self()
        change(&configuration)
        return configuration
    }
}
