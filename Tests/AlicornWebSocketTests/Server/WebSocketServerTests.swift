// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornWebSocket
import EngineTesting
import NIOCore
import Testing

@Suite("A server on real sockets", .onEachEngine, .timeLimit(.minutes(1)))
struct WebSocketServerTests {
    // MARK: - Messages

    @Test("text, binary, empty and large messages come back", arguments: [0, 5, 70_000, 1 << 20, 16 << 20])
    func echo(size: Int) async throws {
        let server = try await RunningServer(.with { $0.connection.limits.maximumMessageSize = nil })
        var configuration = WebSocketClient.Configuration()
        configuration.connection.limits.maximumMessageSize = nil
        configuration.deflate = nil
        try await WebSocketClient.connect(to: server.address, configuration: configuration) { connection in
            for message in [
                WebSocketMessage.binary(ByteBuffer(repeating: 0xA5, count: size)),
                .text(String(repeating: "t", count: size)),
            ] {
                try await connection.send(message)
                #expect(try await connection.receive() == message)
            }
        }
        try await server.stop()
    }

    @Test("messages sent by tasks on other threads arrive whole, in each task's order")
    func concurrentSends() async throws {
        let server = try await RunningServer()
        let connection = try await WebSocketClient.open(server.address)
        let senders = 4
        async let received = { () async throws -> Int in
            var next = [Int](repeating: 0, count: senders)
            for _ in 0..<senders * 200 {
                let parts = try await connection.receive().text.split(separator: " ")
                let (sender, number) = (Int(parts[0])!, Int(parts[1])!)
                #expect(next[sender] == number)
                #expect(parts[2].utf8.count == number * 7 + 1)
                next[sender] = number + 1
            }
            return next.reduce(0, +)
        }()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for sender in 0..<senders {
                group.addTask {
                    for number in 0..<200 {
                        try await connection.send(
                            "\(sender) \(number) \(String(repeating: "x", count: number * 7 + 1))")
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await received == senders * 200)
        try await connection.close()
        try await server.stop()
    }

    // MARK: - The end of a handler

    @Test("a handler that returns closes with 1000, one that throws with 1011")
    func handlerEnds() async throws {
        struct Fault: Error {}
        let server = try await RunningServer(handler: { connection in
            if connection.request.target == "/throw" { throw Fault() }
        })
        for (target, code) in [("", CloseCode.normalClosure), ("throw", .internalError)] {
            let connection = try await WebSocketClient.open(server.address + target)
            let error = await #expect(throws: WebSocketError.self) { try await connection.receive() }
            #expect(error?.closure?.received?.code == code)
            await connection.waitUntilClosed()
        }
        try await server.stop()
    }

    @Test("a handler is cancelled when its peer is gone")
    func handlerCancelled() async throws {
        let (ends, note) = AsyncStream.makeStream(of: Bool.self)
        let server = try await RunningServer(handler: { connection in
            let (never, hold) = AsyncStream.makeStream(of: Void.self)
            for await _ in never {}
            withExtendedLifetime(hold) {}
            note.yield(Task.isCancelled)
        })
        let peer = try await server.openScripted()
        peer.resetWhenReleased()
        _ = consume peer
        var iterator = ends.makeAsyncIterator()
        #expect(await iterator.next() == true)
        try await server.stop()
    }

    // MARK: - Stopping

    @Test("a graceful stop sends 1001 to every peer and ends when they have answered")
    func gracefulStop() async throws {
        let server = try await RunningServer()
        let clients = try await withThrowingTaskGroup(of: WebSocketConnection.self) { group in
            for _ in 0..<20 { group.addTask { try await WebSocketClient.open(server.address) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        server.cancel()
        for client in clients {
            let error = await #expect(throws: WebSocketError.self) { try await client.receive() }
            #expect(error?.closure?.received?.code == .goingAway)
        }
        try await server.stopped
    }

    @Test("a stop is bounded though a peer neither reads nor answers")
    func boundedStop() async throws {
        let server = try await RunningServer(.with { $0.stopTimeout = .milliseconds(200) })
        let peer = try await server.openScripted()
        let start = ContinuousClock.now
        try await server.stop()
        #expect(ContinuousClock.now - start < .seconds(8), "not the close timeout of 10 seconds")
        try await peer.receiveEnd()
    }

    @Test("a stop is bounded though a handler ignores its cancellation")
    func boundedStopOfHandlers() async throws {
        let (never, hold) = AsyncStream.makeStream(of: Void.self)
        let server = try await RunningServer(
            .with { $0.stopTimeout = .milliseconds(200) },
            handler: { _ in
                await Task.detached { for await _ in never {} }.value
            })
        let peer = try await server.openScripted()
        try await server.stop()
        hold.finish()
        try await peer.receiveEnd()
    }

    @Test("a handshake that arrives while the server stops is refused with 503")
    func stoppingRefuses() async throws {
        // On one loop: it has seen to the first connection when the second one is open.
        let server = try await RunningServer(.with { $0.threads = 1 })
        // A connection that is in the middle of a request when the stop begins.
        let late = try await ScriptedPeer.connect(port: server.port)
        try await late.send(String(RunningServer.openingRequest.prefix(40)))
        let open = try await WebSocketClient.open(server.address)
        server.cancel()
        _ = try? await open.receive()
        try await late.send(String(RunningServer.openingRequest.dropFirst(40)))
        #expect(try await late.receiveHead().hasPrefix("HTTP/1.1 503"))
        late.finishWriting()
        _ = try await late.receiveAll()
        try await server.stopped
    }

    @Test("a port that is taken is an error, and nothing else happens")
    func portTaken() async throws {
        let server = try await RunningServer()
        let second = WebSocketServer(host: "127.0.0.1", port: server.port, logger: RunningServer.silent) { _ in }
        let error = await #expect(throws: WebSocketError.self) { try await second.run() }
        #expect(error?.code == .listeningFailed)
        #expect(error?.description.contains("\(server.port)") == true)
        try await server.stop()
    }

    @Test("event loops of its own go with the server")
    func ownThreads() async throws {
        let server = try await RunningServer(.with { $0.threads = 2 })
        let connection = try await WebSocketClient.open(server.address)
        try await connection.send("hello")
        #expect(try await connection.receive() == "hello")
        try await connection.close()
        try await server.stop()
    }

    // MARK: - Plain HTTP

    @Test("the respond hook answers, and the same TCP connection may upgrade afterwards")
    func respondThenUpgrade() async throws {
        let server = try await RunningServer(respond: { request in
            request.fields.contains("Upgrade") ? nil : .text("page of \(request.target)")
        })
        let peer = try await ScriptedPeer.connect(port: server.port)
        try await peer.send("GET /one HTTP/1.1\r\nHost: a\r\n\r\n")
        let head = try await peer.receiveHead()
        #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(head.contains("Content-Type: text/plain; charset=utf-8\r\n"))
        #expect(try await peer.receive(12) == Array("page of /one".utf8))
        try await peer.send(Array(RunningServer.openingRequest.utf8) + ScriptedConnection.frame(0x81, [0x68, 0x69]))
        #expect(try await peer.receiveHead().hasPrefix("HTTP/1.1 101"))
        #expect(try await peer.receive(4) == [0x81, 2, 0x68, 0x69])
        peer.resetWhenReleased()
        _ = consume peer
        try await server.stop()
    }

    @Test("a respond hook that throws is a 500, one that answers nonsense too")
    func respondFails() async throws {
        struct Fault: Error {}
        let server = try await RunningServer(respond: { request in
            if request.target == "/throw" { throw Fault() }
            return WebSocketServer.Response(ResponseHead(status: 42))
        })
        for target in ["/throw", "/nonsense"] {
            let peer = try await ScriptedPeer.connect(port: server.port)
            try await peer.send("GET \(target) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let answer = String(decoding: try await peer.receiveAll(), as: UTF8.self)
            #expect(answer.hasPrefix("HTTP/1.1 500"))
        }
        try await server.stop()
    }

    @Test(
        "a bad request gets its status, and the server goes on serving",
        arguments: [
            ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 426), ("POST / HTTP/1.1\r\nHost: a\r\n\r\n", 405),
            ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/3.0\r\n\r\n", 505), ("HELO example.com\r\n\r\n", 400),
            (
                "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 8\r\n\r\n", 426
            ),
            (
                "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13\r\n\r\n", 400
            ),
            (
                "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 3\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\nabc", 400
            ),
        ])
    func badRequests(request: String, status: Int) async throws {
        let server = try await RunningServer()
        let peer = try await ScriptedPeer.connect(port: server.port)
        try await peer.send(request)
        peer.finishWriting()
        let answer = String(decoding: try await peer.receiveAll(), as: UTF8.self)
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
        let connection = try await WebSocketClient.open(server.address)
        try await connection.send("still serving")
        #expect(try await connection.receive() == "still serving")
        try await connection.close()
        try await server.stop()
    }

    @Test(
        "a bad frame gets its close code, and the server goes on serving",
        arguments: [
            ([0x81, 0x02, 0x68, 0x69], 1002), ([0xC1, 0x80, 0, 0, 0, 0], 1002), ([0x83, 0x80, 0, 0, 0, 0], 1002),
            ([0x80, 0x80, 0, 0, 0, 0], 1002), ([0x09, 0x80, 0, 0, 0, 0], 1002), ([0x89, 0xFE, 0, 0xFF], 1002),
            ([0x81, 0xFE, 0, 1, 0, 0, 0, 0], 1002), ([0x82, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 1002),
            ([0x82, 0xFF, 0, 0, 0, 0x7F, 0, 0, 0, 0, 0, 0, 0, 0], 1009), ([0x81, 0x81, 0, 0, 0, 0, 0xFF], 1007),
            ([0x88, 0x81, 0, 0, 0, 0, 3], 1002), ([0x88, 0x82, 0, 0, 0, 0, 3, 0xED], 1002),
            ([0x88, 0x83, 0, 0, 0, 0, 3, 0xE8, 0xFF], 1007),
        ] as [([UInt8], UInt16)])
    func badFrames(frame: [UInt8], code: UInt16) async throws {
        let server = try await RunningServer()
        let peer = try await server.openScripted()
        try await peer.send(ScriptedConnection.frame(0x81, [0x6F, 0x6B]) + frame)
        #expect(try await peer.receive(4) == [0x81, 2, 0x6F, 0x6B], "what came before is answered")
        let answer = try await peer.receive(4)
        #expect(answer.first == 0x88)
        #expect(answer.suffix(2) == [UInt8(code >> 8), UInt8(code & 0xFF)][...])
        peer.finishWriting()
        _ = try await peer.receiveAll()
        let connection = try await WebSocketClient.open(server.address)
        try await connection.close()
        try await server.stop()
    }

    @Test("many connections come and go, ended in every way, and leave nothing behind")
    func churn() async throws {
        let server = try await RunningServer()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<60 {
                group.addTask {
                    switch number % 4 {
                    case 0:
                        let peer = try await server.openScripted()
                        peer.resetWhenReleased()
                    case 1:
                        let peer = try await server.openScripted()
                        peer.finishWriting()
                        _ = try await peer.receiveAll()
                    case 2: _ = try await ScriptedPeer.connect(port: server.port)
                    default:
                        try await WebSocketClient.connect(to: server.address) { connection in
                            try await connection.send("hello")
                            #expect(try await connection.receive() == "hello")
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let start = ContinuousClock.now
        try await server.stop()
        #expect(ContinuousClock.now - start < .seconds(8), "a stop waits for connections that are left")
    }
}
