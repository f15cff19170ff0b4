// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import EngineTesting
import NIOCore
import Synchronization
import Testing

@testable import AlicornTransport
@testable import AlicornWebSocket

@Suite("Topics", .timeLimit(.minutes(1)))
struct TopicTests {
    private func texts(_ peer: ScriptedConnection) -> String {
        String(decoding: peer.sent.filter { $0 >= 0x20 && $0 < 0x7F }, as: UTF8.self)
    }

    @Test("who has subscribed gets what is published, each message once, until it unsubscribes")
    func subscribing() async {
        let topic = Topic()
        let peers = (0..<3).map { _ in ScriptedConnection() }
        #expect(await topic.publish("a").sent == 0)
        for peer in peers { topic.subscribe(peer.connection) }
        topic.subscribe(peers[0].connection)
        #expect(topic.subscriberCount == 3)
        #expect(await topic.publish("b").sent == 3)
        topic.unsubscribe(peers[1].connection)
        topic.unsubscribe(peers[1].connection)
        #expect(topic.subscriberCount == 2)
        topic.post("c")
        for peer in peers { peer.advance(0) }
        #expect(peers.map(texts) == ["bc", "b", "bc"])
        topic.subscribe(peers[1].connection)
        #expect(await topic.publish("d").sent == 3)
        #expect(peers.map(texts) == ["bcd", "bd", "bcd"])
    }

    @Test("a connection that closes is unsubscribed, also one that was closed when it subscribed")
    func closing() async {
        let topic = Topic()
        let peers = (0..<3).map { _ in ScriptedConnection() }
        for peer in peers[..<2] { topic.subscribe(peer.connection) }
        peers[0].advance(0)
        peers[0].perform { $0.fail("gone") }
        #expect(topic.subscriberCount == 1)
        peers[2].perform { $0.fail("gone") }
        topic.subscribe(peers[2].connection)
        await peers[2].settle {}
        #expect(topic.subscriberCount == 1)
        #expect(await topic.publish("a").sent == 1)
    }

    @Test("a topic that is let go leaves nothing behind with those who had subscribed")
    func letGo() async {
        let peer = ScriptedConnection()
        for _ in 0..<3 {
            let topic = Topic()
            topic.subscribe(peer.connection)
            await peer.settle {}
            #expect(peer.connection.driver.closeObservers?.isEmpty == false)
        }
        await peer.settle {}
        #expect(peer.connection.driver.closeObservers == nil)
    }

    @Test("a subscriber that does not read is bounded: skipped, or disconnected with 1013", arguments: [true, false])
    func slow(isSkipped: Bool) async {
        let topic = Topic(whenSlow: isSkipped ? .skip(above: 300_000) : .disconnect(above: 300_000))
        let peer = ScriptedConnection()
        peer.perform { $0.appetite = 0 }
        topic.subscribe(peer.connection)
        let message = WebSocketMessage.binary(ByteBuffer(repeating: 0, count: 100_000))
        var reports: [PublishReport] = []
        for _ in 0..<5 { reports.append(await topic.publish(message)) }
        topic.post(message)
        await peer.settle {}
        #expect(peer.perform { $0.unsentBytes } < 450_000)
        #expect(reports.map(\.sent).reduce(0, +) == 3)
        #expect(reports.map { isSkipped ? $0.skipped : $0.disconnected }.contains(1))
        #expect(await peer.connection.isOpen == isSkipped)
    }

    @Test("subscribing and unsubscribing from many tasks at once comes to what was done last")
    func concurrently() async {
        let topic = Topic()
        let peers = (0..<8).map { _ in ScriptedConnection() }
        await withTaskGroup(of: Void.self) { group in
            for (number, peer) in peers.enumerated() {
                group.addTask {
                    for _ in 0..<50 {
                        topic.subscribe(peer.connection)
                        topic.unsubscribe(peer.connection)
                    }
                    if number.isMultiple(of: 2) { topic.subscribe(peer.connection) }
                    for _ in 0..<5 { await topic.publish("a") }
                }
            }
        }
        #expect(topic.subscriberCount == 4)
        for peer in peers { await peer.settle {} }
        for peer in peers { peer.perform { $0.fail("gone") } }
        #expect(topic.subscriberCount == 0)
    }

    @Test("nothing of a topic or its subscribers stays behind")
    func release() async {
        weak var connection: WebSocketConnection?
        weak var gone: Topic?
        do {
            let topic = Topic()
            let peer = ScriptedConnection()
            topic.subscribe(peer.connection)
            await peer.settle {}
            connection = peer.connection
            gone = topic
            peer.perform { $0.fail("gone") }
            await peer.settle {}
        }
        #expect(connection == nil)
        #expect(gone == nil)
    }

    @Test("topics by name exist while somebody has subscribed to them")
    func names() async {
        let topics = Topics()
        let peers = (0..<2).map { _ in ScriptedConnection() }
        topics.subscribe(peers[0].connection, to: "a")
        topics.subscribe(peers[1].connection, to: "a")
        topics.subscribe(peers[1].connection, to: "b")
        #expect(topics.names.sorted() == ["a", "b"])
        #expect(topics.subscriberCount(of: "a") == 2)
        #expect(await topics.publish("x", to: "a").sent == 2)
        topics.post("y", to: "b")
        await peers[1].settle {}
        #expect(peers.map(texts) == ["x", "xy"])
        #expect(await topics.publish("z", to: "nobody").sent == 0)
        topics.unsubscribe(peers[0].connection, from: "a")
        #expect(topics.subscriberCount(of: "a") == 1)
        await peers[1].settle { peers[1].perform { $0.fail("gone") } }
        #expect(topics.names.isEmpty)
        topics.unsubscribe(peers[0].connection, from: "a")
    }
}

@Suite("Topics over sockets", .onEachEngine, .timeLimit(.minutes(1)))
struct TopicsOverSocketsTests {
    /// Subscribes, and posts what it gets.
    private final class Member: WebSocketHandler {
        let topics: Topics
        init(_ topics: Topics) { self.topics = topics }
        func opened(_ connection: CallbackConnection) { topics.subscribe(connection, to: "room") }
        func received(_ kind: MessageKind, _ bytes: Span<UInt8>, on connection: CallbackConnection) {
            topics.post(.text(bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }), to: "room")
        }
    }

    @Test("members on several loops hear each other, on both surfaces", arguments: [true, false])
    func room(byCallbacks: Bool) async throws {
        let topics = Topics()
        let configuration = WebSocketServer.Configuration.with { $0.threads = 2 }
        let server =
            if byCallbacks {
                try await RunningServer(
                    WebSocketServer(
                        host: "127.0.0.1", port: 0, configuration: configuration, logger: RunningServer.silent,
                        callbacks: { _ in Member(topics) }))
            } else {
                try await RunningServer(configuration) { connection in
                    topics.subscribe(connection, to: "room")
                    for try await message in connection { await topics.publish(message, to: "room") }
                }
            }
        var clients: [WebSocketConnection] = []
        for number in 0..<4 {
            let client = try await WebSocketClient.open(server.address)
            try await client.send("\(number) is here")
            while try await client.receive().text != "\(number) is here" {}
            clients.append(client)
        }
        let text = String(repeating: "said to all; ", count: 100)
        try await clients[0].send(text)
        for client in clients { while try await client.receive().text != text {} }
        #expect(topics.subscriberCount(of: "room") == 4)
        for client in clients { try await client.close() }
        try await server.stop()
        #expect(topics.names.isEmpty)
    }
}
