// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornDeflate
import AlicornProtocol
import AlicornTesting
import AlicornWebSocket
import EngineTesting
import NIOCore
import Synchronization
import Testing

@Suite("A message to many, with a policy for who is slow", .timeLimit(.minutes(1)))
struct BroadcastReportTests {
    private static let large = WebSocketMessage.binary(ByteBuffer(repeating: 7, count: 200_000))

    /// A fast one, one that does not read and has much unsent, and one that is closed.
    private func makePeers() async -> (fast: ScriptedConnection, slow: ScriptedConnection, closed: ScriptedConnection) {
        let peers = (fast: ScriptedConnection(), slow: ScriptedConnection(), closed: ScriptedConnection())
        peers.slow.perform { $0.appetite = 0 }
        peers.slow.connection.post(Self.large)
        peers.closed.perform { $0.fail("gone") }
        return peers
    }

    private func hears(_ peer: ScriptedConnection) -> Bool { peer.sent.suffix(6) == [0x81, 4] + Array("news".utf8) }

    @Test("skip: who has too much unsent is passed over and reported, as is who is gone (BRD-02, BRD-03)")
    func skipping() async {
        let peers = await makePeers()
        let all = [peers.fast, peers.slow, peers.closed].map(\.connection)
        let report = await WebSocketConnection.broadcast("news", to: all, whenSlow: .skip(above: 100_000))
        #expect(report.sent.map(ObjectIdentifier.init) == [ObjectIdentifier(peers.fast.connection)])
        #expect(report.skipped.map(ObjectIdentifier.init) == [ObjectIdentifier(peers.slow.connection)])
        #expect(report.closed.map(ObjectIdentifier.init) == [ObjectIdentifier(peers.closed.connection)])
        #expect(report.disconnected.isEmpty)
        #expect(hears(peers.fast))
        peers.slow.perform { $0.appetite = .max }
        #expect(!hears(peers.slow))
        let next = await WebSocketConnection.broadcast("news", to: all, whenSlow: .skip(above: 100_000))
        #expect(next.sent.count == 2)
        #expect(hears(peers.slow))
    }

    @Test("disconnect: who has too much unsent is closed with 1013 (LIM-08)")
    func disconnecting() async {
        let peers = await makePeers()
        let report = await WebSocketConnection.broadcast(
            "news", to: [peers.fast.connection, peers.slow.connection], whenSlow: .disconnect(above: 100_000))
        #expect(report.sent.count == 1 && report.disconnected.count == 1)
        #expect(await peers.slow.connection.closure?.sent?.code == .tryAgainLater)
    }

    @Test("what may be unsent is a limit that is given")
    func limit() async {
        let peers = await makePeers()
        let report = await WebSocketConnection.broadcast(
            "news", to: [peers.slow.connection], whenSlow: .skip(above: 1 << 20))
        #expect(report.sent.count == 1)
    }

    @Test("wait: the sender goes on when who is slow has read")
    func waiting() async {
        let peers = await makePeers()
        let all = [peers.fast.connection, peers.slow.connection]
        let task = Task { await WebSocketConnection.broadcast("news", to: all, whenSlow: .wait(above: 100_000)) }
        await peers.fast.settle(until: 6)
        #expect(hears(peers.fast), "who is fast does not wait for who is slow")
        await peers.slow.settle { peers.slow.perform { $0.appetite = .max } }
        #expect(await task.value.sent.count == 2)
        #expect(hears(peers.slow))
    }

    @Test("wait: who does not read in time does not get the message")
    func waitingInVain() async {
        let peers = await makePeers()
        let hasEnded = Atomic(false)
        let task = Task {
            defer { hasEnded.store(true, ordering: .relaxed) }
            return await WebSocketConnection.broadcast(
                "news", to: [peers.slow.connection], whenSlow: .wait(above: 100_000, atMost: .seconds(5)))
        }
        // However late the task begins to wait, its time passes.
        while !hasEnded.load(ordering: .relaxed), !Task.isCancelled {
            peers.slow.clock.advance(by: .milliseconds(1))
            await Task.yield()
        }
        #expect(await task.value.skipped.count == 1)
        #expect(await peers.slow.connection.isOpen)
    }

    @Test("wait: cancelling ends it, and who was waited for is skipped")
    func cancelled() async {
        let peers = await makePeers()
        let task = Task {
            await WebSocketConnection.broadcast("news", to: [peers.slow.connection], whenSlow: .wait(above: 100_000))
        }
        await peers.slow.settle {}
        task.cancel()
        #expect(await task.value.skipped.count == 1)
    }

    @Test("wait: whoever is waited for and goes is reported as closed")
    func closedMeanwhile() async {
        let peers = await makePeers()
        let task = Task {
            await WebSocketConnection.broadcast("news", to: [peers.slow.connection], whenSlow: .wait(above: 100_000))
        }
        await peers.slow.settle {}
        peers.slow.perform { $0.fail("gone") }
        #expect(await task.value.closed.count == 1)
    }

    // MARK: Compression (BRD-04)

    /// Reverses messages, each by itself, and counts how often.
    private final class Reversing: MessageTransform, Sendable {
        let count: Counter
        init(_ count: Counter) { self.count = count }
        func isWorthTransforming(length: Int) -> Bool { length > 1 }
        func encode(_ piece: Span<UInt8>, endsMessage: Bool, into output: inout [UInt8]) {
            count.add()
            for index in piece.indices.reversed() { output.append(piece[index]) }
        }
        func standaloneForm(length: Int) -> UInt32? { 0 }
        func decode(
            _ input: Span<UInt8>, from position: inout Int, endsMessage: Bool, into output: inout [UInt8], capacity: Int
        ) throws(TransformFailure) -> DecodeProgress {
            var bytes: [UInt8] = []
            while position < input.count {
                bytes.append(input[position])
                position += 1
            }
            output += bytes.reversed()
            return endsMessage ? .endOfMessage : .needsInput
        }
    }

    private final class Counter: Sendable {
        private let value = Mutex(0)
        var count: Int { value.withLock { $0 } }
        func add() { value.withLock { $0 += 1 } }
    }

    private struct ReversingExtension: ServerExtension, ClientExtension {
        let count: Counter
        var offers: [ExtensionDescription] { [ExtensionDescription("x-reversing")] }
        func accept(_ offer: ExtensionDescription) -> AcceptedExtension? {
            offer.name == "x-reversing" ? AcceptedExtension(offer, transform: Reversing(count)) : nil
        }
        func accept(answer: ExtensionDescription) throws(ExtensionRefusal) -> AcceptedExtension {
            AcceptedExtension(answer, transform: Reversing(count))
        }
    }

    @Test(
        "EXT-17: an extension of one's own is preferred to compression, and transforms messages; without it there is deflate"
    )
    func ownExtension() async throws {
        let own = ReversingExtension(count: Counter())
        for (client, server, agreed) in [
            ([own], [own], "x-reversing"), ([own], [], "permessage-deflate"), ([], [own], "permessage-deflate"),
        ] as [([ReversingExtension], [ReversingExtension], String)] {
            let pair = try MemoryPair(
                client: .with { $0.extensions = client }, server: .with { $0.extensions = server })
            let answer = pair.client.response.fields.first("Sec-WebSocket-Extensions")
            #expect(answer?.hasPrefix(agreed) == true)
            try await pair.client.send("abc", compression: .always)
            #expect(try await pair.server.receive() == "abc")
            try await pair.server.send("def", compression: .always)
            #expect(try await pair.client.receive() == "def")
        }
        #expect(own.count.count == 2)
    }

    @Test(
        "a message is transformed once for all connections of the same form, on all loops, in between those of their own"
    )
    func transformedOnce() async throws {
        let own = ReversingExtension(count: Counter())
        let pairs = try (0..<6).map { number in
            try MemoryPair(
                client: .with { $0.extensions = number == 5 ? [] : [own] }, server: .with { $0.extensions = [own] })
        }
        let servers = pairs.map(\.server)
        await WebSocketConnection.broadcast("to all of you", to: servers, whenSlow: .skip())
        #expect(own.count.count == 1)
        WebSocketConnection.broadcast("once again", to: servers)
        WebSocketConnection.broadcast("as it is", to: servers, compression: .never)
        for pair in pairs {
            #expect(try await pair.client.receive() == "to all of you")
            #expect(try await pair.client.receive() == "once again")
            #expect(try await pair.client.receive() == "as it is")
        }
        #expect(own.count.count == 2)
    }

    @Test("deflate with and without context takeover: broadcasts between other messages are read by all")
    func deflate() async throws {
        let pairs = try [true, false].map { keepsContext in
            try MemoryPair(
                client: .init(),
                server: .with {
                    if !keepsContext {
                        $0.deflate = .init(serverNoContextTakeover: true, clientNoContextTakeover: true)
                    }
                })
        }
        for number in 0..<30 {
            let text = String(repeating: "message \(number / 3), one of many that are alike; ", count: 1 + number * 7)
            if number.isMultiple(of: 3) {
                for pair in pairs { try await pair.server.send(text) }
            } else {
                WebSocketConnection.broadcast(.text(text), to: pairs.map(\.server))
            }
            for pair in pairs { #expect(try await pair.client.receive() == .text(text)) }
        }
    }
}
