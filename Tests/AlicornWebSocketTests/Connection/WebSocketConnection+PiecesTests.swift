// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornWebSocket
import EngineTesting
import NIOCore
import Testing

@Suite("Receiving a message in pieces", .timeLimit(.minutes(1)))
struct WebSocketConnectionPiecesTests {
    private func frame(_ first: UInt8, _ text: String) -> [UInt8] { ScriptedConnection.frame(first, Array(text.utf8)) }

    private func next(_ iterator: inout MessagePieces.AsyncIterator) async throws -> String? {
        try await iterator.next().map { String(buffer: $0) }
    }

    @Test("pieces are given as they arrive, before the message is over, and then its end")
    func asTheyArrive() async throws {
        let peer = ScriptedConnection()
        peer.perform { $0.deliver(frame(0x01, "ab")) }
        let pieces = try await peer.connection.receivePieces()
        #expect(pieces.kind == .text)
        var iterator = pieces.makeAsyncIterator()
        #expect(try await next(&iterator) == "ab")
        peer.perform { $0.deliver(frame(0x00, "c")) }
        peer.perform { $0.deliver(frame(0x80, "d")) }
        #expect(try await next(&iterator) == "cd", "what has come meanwhile comes together")
        #expect(try await next(&iterator) == nil)
        #expect(try await next(&iterator) == nil)
        peer.receive("whole")
        #expect(try await peer.connection.receive() == "whole")
    }

    @Test("whoever waits for a message or for its next piece gets it when it comes")
    func waiting() async throws {
        let peer = ScriptedConnection()
        let task = peer.start { connection in
            var texts: [String] = []
            for try await piece in try await connection.receivePieces() { texts.append(String(buffer: piece)) }
            return texts
        }
        for bytes in [frame(0x01, "a"), frame(0x00, ""), frame(0x00, "b"), frame(0x89, ""), frame(0x80, "")] {
            peer.perform { $0.deliver(bytes) }
            peer.advance(0)
        }
        #expect(try await task.value == ["a", "b"])
    }

    @Test("a message that is there as a whole is one piece, an empty one none", arguments: ["text", ""])
    func wholeMessage(text: String) async throws {
        let peer = ScriptedConnection()
        peer.receive(text)
        let waiting = ScriptedConnection()
        let task = waiting.start { try await $0.receivePieces() }
        waiting.receive(text)
        for pieces in [try await peer.connection.receivePieces(), try await task.value] {
            let texts = try await pieces.reduce(into: []) { $0.append(String(buffer: $1)) }
            #expect(texts == (text.isEmpty ? [] : [text]))
        }
    }

    @Test("it can be mixed with receiving whole messages and with iterating")
    func mixed() async throws {
        let peer = ScriptedConnection()
        for text in ["one", "two", "three", "four"] { peer.receive(text) }
        #expect(try await peer.connection.receive() == "one")
        let pieces = try await peer.connection.receivePieces()
        #expect(try await pieces.reduce("") { $0 + String(buffer: $1) } == "two")
        for try await message in peer.connection {
            #expect(message == "three")
            break
        }
        #expect(try await peer.connection.receive() == "four")
    }

    @Test("text is cut between characters, and comes to the same")
    func text() async throws {
        let text = "Grüße, 🦄, 漢字"
        let bytes = Array(text.utf8)
        let peer = ScriptedConnection()
        let task = peer.start { connection in
            var pieces: [String] = []
            for try await piece in try await connection.receivePieces().text { pieces.append(piece) }
            return pieces
        }
        for (index, byte) in bytes.enumerated() {
            peer.perform { $0.deliver(ScriptedConnection.frame(index == 0 ? 0x01 : 0x00, [byte])) }
            peer.advance(0)
        }
        peer.perform { $0.deliver(ScriptedConnection.frame(0x80, [])) }
        let pieces = try await task.value
        #expect(pieces.joined() == text)
        #expect(pieces == text.unicodeScalars.map { String($0) })
    }

    @Test("what is not UTF-8 in a binary message is replaced, also at its end")
    func binaryAsText() async throws {
        let peer = ScriptedConnection()
        peer.perform { $0.deliver(ScriptedConnection.frame(0x82, [0x41, 0xF0, 0x9F])) }
        var texts: [String] = []
        for try await piece in try await peer.connection.receivePieces().text { texts.append(piece) }
        #expect(texts == ["A", "\u{FFFD}"])
    }

    // MARK: Bounds

    @Test("reading stops while more than the limit of a message has not been taken, and goes on with it")
    func backPressure() async throws {
        let peer = ScriptedConnection { $0.receiveQueueLimit = 10_000 }
        let part = [UInt8](repeating: 7, count: 4000)
        peer.perform { $0.deliver(ScriptedConnection.frame(0x02, part)) }
        var iterator = try await peer.connection.receivePieces().makeAsyncIterator()
        for _ in 0..<2 { peer.perform { $0.deliver(ScriptedConnection.frame(0x00, part)) } }
        #expect(peer.isReadingPaused)
        #expect(try await iterator.next()?.readableBytes == 12_000)
        #expect(!peer.isReadingPaused)
        peer.perform { $0.deliver(ScriptedConnection.frame(0x80, [1])) }
        #expect(try await iterator.next()?.readableBytes == 1)
        #expect(try await iterator.next() == nil)
    }

    @Test("a message much longer than the queue goes through it", arguments: [true, false])
    func longMessage(isCompressed: Bool) async throws {
        let configuration = WebSocketServer.Configuration.with {
            $0.connection.receiveQueueLimit = 100_000
            $0.connection.limits.maximumMessageSize = nil
        }
        let pair = try MemoryPair(client: .init(), server: configuration)
        let size = 5 << 20
        // It waits before anything is sent: what has come before anybody asks for pieces is one piece.
        let reader = Task(executorPreference: pair.clock.executor) {
            var sizes: [Int] = []
            for try await piece in try await pair.server.receivePieces() { sizes.append(piece.readableBytes) }
            return sizes
        }
        let sender = Task(executorPreference: pair.clock.executor) {
            let compression: CompressionChoice = isCompressed ? .always : .never
            try await pair.client.send(ByteBuffer(repeating: 7, count: size), compression: compression)
            try await pair.client.send("next")
        }
        let sizes = try await reader.value
        #expect(sizes.allSatisfy { $0 <= 400_000 })
        #expect(sizes.reduce(0, +) == size)
        #expect(try await pair.server.receive() == "next")
        try await sender.value
    }

    @Test("the limit on messages holds: the pieces before it come, then the error")
    func limit() async throws {
        let peer = ScriptedConnection { $0.limits.maximumMessageSize = 3 }
        peer.perform { $0.deliver(frame(0x01, "ab")) }
        var iterator = try await peer.connection.receivePieces().makeAsyncIterator()
        peer.perform { $0.deliver(frame(0x00, "cd")) }
        #expect(try await next(&iterator) == "ab")
        let error = await #expect(throws: WebSocketError.self) { try await iterator.next() }
        #expect(error?.closure?.cause == .violation(.messageTooBig(size: 4, limit: 3)))
        #expect(peer.sent.starts(with: [0x88]), "who was told need not be waited for")
    }

    // MARK: Leaving it

    @Test("a message that is left half-way is dropped up to its end, and what comes behind it is received")
    func leaving() async throws {
        let peer = ScriptedConnection { $0.receiveQueueLimit = 10 }
        peer.perform { $0.deliver(frame(0x01, "first")) }
        let pieces = try await peer.connection.receivePieces()
        var iterator = pieces.makeAsyncIterator()
        #expect(try await next(&iterator) == "first")
        peer.perform { $0.deliver(frame(0x00, "more than ten bytes")) }
        #expect(peer.isReadingPaused)
        let receiver = peer.start { try await $0.receive() }
        #expect(!peer.isReadingPaused, "nobody wants the rest: it must not be in the way")
        peer.perform { $0.deliver(frame(0x00, "more of it")) }
        peer.perform { $0.deliver(frame(0x80, "end") + frame(0x81, "second")) }
        #expect(try await receiver.value == "second")
        let error = await #expect(throws: WebSocketError.self) { try await iterator.next() }
        #expect(error?.code == .misuse)
        #expect(error?.message.contains("dropped") == true)
        peer.receive("third")
        #expect(try await peer.connection.receive() == "third")
    }

    @Test("a message that is left when all of it has come is dropped as well")
    func leavingAfterItsEnd() async throws {
        let peer = ScriptedConnection()
        peer.perform { $0.deliver(frame(0x01, "a")) }
        let pieces = try await peer.connection.receivePieces()
        peer.perform { $0.deliver(frame(0x80, "b") + frame(0x81, "second")) }
        let second = try await peer.connection.receivePieces()
        #expect(try await second.reduce("") { $0 + String(buffer: $1) } == "second")
        var iterator = pieces.makeAsyncIterator()
        await #expect(throws: WebSocketError.self) { try await iterator.next() }
    }

    @Test("a second receiver gets an error that says so, while another task waits for a piece")
    func secondReceiver() async throws {
        let peer = ScriptedConnection()
        peer.perform { $0.deliver(frame(0x01, "a")) }
        let pieces = try await peer.connection.receivePieces()
        let task = peer.start { _ in try await pieces.reduce("") { $0 + String(buffer: $1) } }
        for body in [
            { _ = try await peer.connection.receive() }, { _ = try await peer.connection.receivePieces() },
            {
                var iterator = pieces.makeAsyncIterator()
                _ = try await iterator.next()
            },
        ] as [@Sendable () async throws -> Void] {
            let error = await #expect(throws: WebSocketError.self) { try await body() }
            #expect(error?.code == .concurrentReceive)
        }
        peer.perform { $0.deliver(frame(0x80, "b")) }
        #expect(try await task.value == "ab")
    }

    @Test("whoever waits for a whole message keeps it, however much of it has come when somebody asks for pieces")
    func secondReceiverInPieces() async throws {
        let peer = ScriptedConnection()
        let task = peer.start { try await $0.receive() }
        peer.perform { $0.deliver(frame(0x01, "a")) }
        let error = await #expect(throws: WebSocketError.self) { try await peer.connection.receivePieces() }
        #expect(error?.code == .concurrentReceive)
        peer.perform { $0.deliver(frame(0x80, "b")) }
        #expect(try await task.value == "ab")
    }

    // MARK: Cancelling (RCV-05)

    @Test("cancelling while a piece is awaited loses nothing")
    func cancelling() async throws {
        let peer = ScriptedConnection()
        peer.perform { $0.deliver(frame(0x01, "a")) }
        let pieces = try await peer.connection.receivePieces()
        var iterator = pieces.makeAsyncIterator()
        #expect(try await next(&iterator) == "a")
        let task = peer.start { _ in
            var iterator = pieces.makeAsyncIterator()
            return try await iterator.next()
        }
        task.cancel()
        peer.advance(0)
        await #expect(throws: CancellationError.self) { try await task.value }
        peer.perform { $0.deliver(frame(0x80, "b")) }
        #expect(try await next(&iterator) == "b")
        #expect(try await next(&iterator) == nil)
    }

    @Test("cancelling while a message in pieces is awaited loses nothing")
    func cancellingBefore() async throws {
        let peer = ScriptedConnection()
        let task = peer.start { _ = try await $0.receivePieces() }
        task.cancel()
        peer.advance(0)
        await #expect(throws: CancellationError.self) { try await task.value }
        peer.perform { $0.deliver(frame(0x01, "a") + frame(0x80, "b")) }
        #expect(try await peer.connection.receive() == "ab")
    }

    @Test("a task that is cancelled in the middle of a message in fragments leaves it whole for the next")
    func cancellingReceive() async throws {
        let peer = ScriptedConnection()
        let task = peer.start { _ = try await $0.receive() }
        peer.perform { $0.deliver(frame(0x01, "a")) }
        task.cancel()
        peer.advance(0)
        await #expect(throws: CancellationError.self) { try await task.value }
        peer.perform { $0.deliver(frame(0x00, "b")) }
        let pieces = try await peer.connection.receivePieces()
        peer.perform { $0.deliver(frame(0x80, "c")) }
        #expect(try await pieces.reduce("") { $0 + String(buffer: $1) } == "abc")
    }

    // MARK: The end of the connection

    @Test("when the connection ends in the middle, what has come is given, then the error with the cause")
    func connectionLost() async throws {
        let peer = ScriptedConnection()
        peer.perform { $0.deliver(frame(0x01, "a")) }
        let pieces = try await peer.connection.receivePieces()
        peer.perform { $0.deliver(frame(0x00, "b")) }
        peer.perform { $0.fail("connection reset by peer") }
        var iterator = pieces.makeAsyncIterator()
        #expect(try await next(&iterator) == "ab")
        let error = await #expect(throws: WebSocketError.self) { try await iterator.next() }
        #expect(error?.closure?.cause == .transportFailed("connection reset by peer"))
    }

    @Test("whoever waits for a piece when the peer closes in the middle is told at once, and the close is answered")
    func closedInTheMiddle() async throws {
        let peer = ScriptedConnection()
        let task = peer.start { connection in
            for try await _ in try await connection.receivePieces() {}
        }
        peer.perform { $0.deliver(frame(0x01, "a")) }
        peer.advance(0)
        peer.receiveClose(1000)
        peer.advance(0)
        let error = await #expect(throws: WebSocketError.self) { try await task.value }
        #expect(error?.closure?.received?.code == .normalClosure)
        #expect(peer.sent == [0x88, 2, 0x03, 0xE8])
    }

    @Test("asking for a message in pieces after the end throws", arguments: [1000, 1011] as [UInt16])
    func afterTheEnd(code: UInt16) async throws {
        let peer = ScriptedConnection()
        peer.receiveClose(code)
        let error = await #expect(throws: WebSocketError.self) { try await peer.connection.receivePieces() }
        #expect(error?.closure?.received?.code.rawValue == code)
    }
}

@Suite("Pieces over sockets", .onEachEngine, .timeLimit(.minutes(1)))
struct PiecesOverSocketsTests {
    @Test("a long message is received in pieces in any task, left half-way, and the next one received")
    func overSockets() async throws {
        let configuration = WebSocketServer.Configuration.with { $0.connection.limits.maximumMessageSize = nil }
        let server = try await RunningServer(configuration) { connection in
            var size = 0
            for try await piece in try await connection.receivePieces() { size += piece.readableBytes }
            try await connection.send("\(size)")
            for try await _ in try await connection.receivePieces() { break }
            try await connection.send(try await connection.receive())
        }
        let client = try await WebSocketClient.open(server.address)
        for _ in 0..<2 { try await client.send(ByteBuffer(repeating: 7, count: 8 << 20), compression: .never) }
        try await client.send("next")
        #expect(try await client.receive().text == "\(8 << 20)")
        #expect(try await client.receive().text == "next")
        try await client.close()
        try await server.stop()
    }
}
