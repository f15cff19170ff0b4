// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornWebSocket
import EngineTesting
import NIOCore
import Testing

@Suite("A client on real sockets", .onEachEngine, .timeLimit(.minutes(1)))
struct WebSocketClientTests {
    @Test("connect closes with 1000 when its body returns, with 1011 when it throws")
    func scope() async throws {
        struct Fault: Error {}
        let (ends, note) = AsyncStream.makeStream(of: CloseCode?.self)
        let server = try await RunningServer(handler: { connection in
            _ = try? await connection.receive()
            note.yield(await connection.closure?.received?.code)
        })
        var codes = ends.makeAsyncIterator()
        let result = try await WebSocketClient.connect(to: server.address) { _ in 42 }
        #expect(result == 42)
        #expect(await codes.next() == .normalClosure)
        await #expect(throws: Fault.self) {
            try await WebSocketClient.connect(to: server.address) { _ in throw Fault() }
        }
        #expect(await codes.next() == .internalError)
        try await server.stop()
    }

    @Test("cancelling the task of a connect closes with 1001")
    func cancelled() async throws {
        let (ends, note) = AsyncStream.makeStream(of: CloseCode?.self)
        let server = try await RunningServer(handler: { connection in
            try await connection.send("open")
            _ = try? await connection.receive()
            note.yield(await connection.closure?.received?.code)
        })
        let (opened, noteOpened) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await WebSocketClient.connect(to: server.address) { connection in
                _ = try await connection.receive()
                noteOpened.yield()
                _ = try await connection.receive()
            }
        }
        var openings = opened.makeAsyncIterator()
        await openings.next()
        task.cancel()
        await #expect(throws: (any Error).self) { try await task.value }
        var codes = ends.makeAsyncIterator()
        #expect(await codes.next() == .goingAway)
        try await server.stop()
    }

    @Test("closing with much unsent does not turn a result into an error")
    func closeWithUnsent() async throws {
        let server = try await RunningServer(handler: { for try await _ in $0 {} })
        var configuration = WebSocketClient.Configuration()
        configuration.deflate = nil
        let result = try await WebSocketClient.connect(to: server.address, configuration: configuration) { connection in
            for _ in 0..<10 { connection.post(.binary(ByteBuffer(repeating: 1, count: 1 << 20))) }
            return "done"
        }
        #expect(result == "done")
        try await server.stop()
    }

    @Test(
        "addresses that are none say why",
        arguments: [
            ("http://localhost/", "scheme"), ("ws://", ""), ("ws://localhost/#x", ""),
        ])
    func addresses(address: String, word: String) async throws {
        let error = await #expect(throws: WebSocketError.self) { try await WebSocketClient.open(address) }
        #expect(error?.code == .invalidAddress)
        #expect(word.isEmpty || error?.description.contains(word) == true, "\(String(describing: error))")
    }

    @Test("a port on which nobody listens is a failed connection that names it")
    func refused() async throws {
        let port = try ScriptedListener().port
        let error = await #expect(throws: WebSocketError.self) {
            try await WebSocketClient.open("ws://127.0.0.1:\(port)/")
        }
        #expect(error?.code == .connectionFailed)
        #expect(error?.description.contains("127.0.0.1:\(port)") == true)
    }

    @Test("a server that accepts and says nothing is given up after the open timeout")
    func silentServer() async throws {
        let listener = try ScriptedListener()
        var configuration = WebSocketClient.Configuration()
        configuration.connection.openTimeout = .milliseconds(200)
        let error = await #expect(throws: WebSocketError.self) {
            try await WebSocketClient.open("ws://127.0.0.1:\(listener.port)/", configuration: configuration)
        }
        #expect(error?.code == .timedOut)
    }

    @Test("HC-21: cancelling while the server says nothing returns at once, and cuts TCP")
    func cancelledOpening() async throws {
        let listener = try ScriptedListener()
        var configuration = WebSocketClient.Configuration()
        configuration.connection.openTimeout = .seconds(3600)
        let address = "ws://127.0.0.1:\(listener.port)/"
        let task = Task { [configuration] in try await WebSocketClient.open(address, configuration: configuration) }
        let peer = try await listener.accept()
        _ = try await peer.receiveHead()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        // Only the end of the connection ends this.
        try await peer.receiveEnd()
    }

    @Test(
        "an answer that is no opening is told in a sentence",
        arguments: [
            ("HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nnope", "403 (Forbidden)"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "200 (OK)"),
            ("HTTP/1.1 101 Switching Protocols\r\n\r\n", "Upgrade"),
            ("220 smtp.example.com\r\n", "HTTP"), ("", "ended the connection before"),
        ])
    func badAnswers(answer: String, words: String) async throws {
        let listener = try ScriptedListener()
        async let opening = WebSocketClient.open("ws://127.0.0.1:\(listener.port)/")
        let peer = try await listener.accept()
        _ = try await peer.receiveHead()
        try await peer.send(answer)
        peer.finishWriting()
        do {
            _ = try await opening
            Issue.record("it opened")
        } catch let error as WebSocketError {
            #expect(error.code == .handshakeFailed)
            #expect(error.description.contains(words), "\(error)")
        }
    }

    @Test("IPv6 addresses, ports and paths reach the right server", arguments: ["::1", "127.0.0.1"])
    func hosts(host: String) async throws {
        let server = try await RunningServer(
            WebSocketServer(host: host, port: 0, logger: RunningServer.silent) { connection in
                try await connection.send(connection.request.target)
            })
        let authority = host.contains(":") ? "[\(host)]" : host
        try await WebSocketClient.connect(to: "ws://\(authority):\(server.port)/a%20b?c=d") { connection in
            let target = try await connection.receive()
            #expect(target == "/a%20b?c=d")
            #expect(connection.remoteAddress == "\(authority):\(server.port)")
        }
        try await server.stop()
    }

    @Test("a connection in a task of another executor works as well as on its own loop")
    @MainActor
    func mainActor() async throws {
        let server = try await RunningServer()
        try await WebSocketClient.connect(to: server.address) { connection in
            try await connection.send("hello")
            #expect(try await connection.receive() == "hello")
            #expect(try await connection.ping() > .zero)
        }
        try await server.stop()
    }
}
