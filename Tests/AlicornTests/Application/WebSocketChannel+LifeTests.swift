// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornASGI
import AlicornProtocol
import AlicornTesting
import AlicornWebSocket
import EngineTesting
import NIOCore
import Testing

/// What goes on beside the events, whichever implementation speaks WebSocket.
@Suite(
    "The life of an application's WebSocket connections", .onEachEngine, .onEachImplementation,
    .timeLimit(.minutes(1)))
struct WebSocketChannelLifeTests {
    /// An application that accepts, does something, and then tells what it receives until the end.
    private func listening(
        _ change: (inout ServerSettings) -> Void = { _ in },
        before: @escaping @Sendable (Receive, Send) async throws -> Void = { _, _ in }
    ) async throws -> (ServedApplication, AsyncStream<String>) {
        let (told, note) = AsyncStream.makeStream(of: String.self)
        let served = try await ServedApplication(
            ClosureApplication { _, receive, send in
                _ = try await receive()
                try await send(.webSocketAccept())
                note.yield("accepted")
                try await before(receive, send)
                while true {
                    switch try await receive() {
                    case .webSocketReceive(let message): note.yield("\(message)")
                    case .webSocketDisconnect(let code, let reason):
                        note.yield("\(code) \(reason)")
                        return
                    default: return
                    }
                }
            }, change)
        return (served, told)
    }

    private func first(_ count: Int, of told: AsyncStream<String>) async -> [String] {
        await told.prefix(count).reduce(into: []) { $0.append($1) }
    }

    @Test("frames that stand right behind the handshake are delivered (P-16, U-WS4-14)")
    func early() async throws {
        let (served, told) = try await listening()
        let peer = try await ScriptedPeer.connect(port: served.port)
        let frames: [ScriptedFrame] = [.text("early"), .close(.normalClosure)]
        try await peer.send(Array(ScriptedPeer.openingRequest().utf8) + frames.flatMap { $0.bytes(from: .client) })
        #expect(await first(3, of: told) == ["accepted", "early", "1000 "])
        peer.finishWriting()
        try await served.stop()
    }

    @Test(
        "a client that goes without a close frame is 1006, and 1005 for who wants uvicorn's numbers (P-13, U-WSC-03)",
        arguments: [(false, "1006 "), (true, "1005 ")])
    func gone(isUvicorn: Bool, end: String) async throws {
        let (served, told) = try await listening { settings in
            if isUvicorn { settings.application.compatibility = .uvicorn }
        }
        let peer = try await ScriptedPeer.open(port: served.port)
        try await peer.send(.text("a"))
        peer.finishWriting()
        #expect(await first(3, of: told) == ["accepted", "a", end])
        #expect(try await peer.receiveAllFrames() == [])
        try await served.stop()
    }

    @Test("a close frame without a code is 1005, and is answered by one (U-WSC-02)")
    func withoutCode() async throws {
        let (served, told) = try await listening()
        let peer = try await ScriptedPeer.open(port: served.port)
        try await peer.send(.close)
        #expect(await first(2, of: told) == ["accepted", "1005 "])
        #expect(try await peer.receiveAllFrames() == [.close])
        peer.finishWriting()
        try await served.stop()
    }

    @Test("pings are answered while the application does not receive (P-15, U-WS-37)")
    func pinged() async throws {
        let (told, note) = AsyncStream.makeStream(of: Void.self)
        let (served, _) = try await listening(before: { _, _ in for await _ in told {} })
        let peer = try await ScriptedPeer.open(port: served.port)
        try await peer.send([.text("first"), .ping([1, 2, 3])])
        #expect(try await peer.receiveFrame() == .pong([1, 2, 3]))
        note.finish()
        peer.finishWriting()
        try await served.stop()
    }

    @Test("a client that answers no ping is closed with 1011, and the application hears that (U-WS-44, P-13)")
    func silent() async throws {
        let (served, told) = try await listening { settings in
            settings.webSocket.pingInterval = .milliseconds(20)
            settings.webSocket.pingTimeout = .milliseconds(50)
            settings.webSocket.closeTimeout = .milliseconds(100)
        }
        let peer = try await ScriptedPeer.open(port: served.port)
        let ping = try #require(try await peer.receiveFrame())
        #expect(ping.opcode == .ping && ping.payload.count == 4)
        #expect(try await peer.receiveFrame() == .close(.internalError, reason: "keepalive ping timeout"))
        #expect(await first(2, of: told) == ["accepted", "1011 keepalive ping timeout"])
        peer.finishWriting()
        try await served.stop()
    }

    @Test("a client that answers its pings stays, and gets the next one when it is due (U-WS-44)")
    func alive() async throws {
        let (served, told) = try await listening { settings in
            settings.webSocket.pingInterval = .milliseconds(10)
            settings.webSocket.pingTimeout = .seconds(60)
        }
        let peer = try await ScriptedPeer.open(port: served.port)
        for _ in 0..<5 {
            let ping = try #require(try await peer.receiveFrame())
            #expect(ping.opcode == .ping)
            try await peer.send(.pong(ping.payload))
        }
        try await peer.send([.text("still here"), .close(.normalClosure)])
        #expect(await first(3, of: told) == ["accepted", "still here", "1000 "])
        peer.finishWriting()
        try await served.stop()
    }

    @Test("reading stops while more waits than the application receives, and goes on when it does (U-C-22, P-17)")
    func fullQueue() async throws {
        let (going, go) = AsyncStream.makeStream(of: Void.self)
        let (served, told) = try await listening({ $0.webSocket.maximumQueuedMessages = 2 }) { _, _ in
            for await _ in going {}
        }
        let peer = try await ScriptedPeer.open(port: served.port, patience: .seconds(2))
        let message = ScriptedFrame.binary([UInt8](repeating: 7, count: 64 << 10)).bytes(from: .client)
        let error = await #expect(throws: ScriptedPeer.Failure.self) {
            for _ in 0..<1024 { try await peer.send(message) }
        }
        #expect(error?.isTimeout == true, "64 MiB do not fit into the sockets' memory")
        go.finish()
        #expect(await first(5, of: told).last == "<65536 bytes>")
        peer.finishWriting()
        #expect(await told.first { $0.hasPrefix("1006") } != nil, "it ends within a frame")
        try await served.stop()
    }

    @Test("who does not answer a close is cut after the close timeout (U-WS-48)")
    func unanswered() async throws {
        let (served, told) = try await listening({ $0.webSocket.closeTimeout = .milliseconds(50) }) { _, send in
            try await send(.webSocketClose(code: 4000, reason: "enough"))
        }
        let peer = try await ScriptedPeer.open(port: served.port)
        #expect(try await peer.receiveFrame() == .close(4000, reason: "enough"))
        try await peer.receiveEnd()
        #expect(await first(2, of: told) == ["accepted", "4000 enough"])
        try await served.stop()
    }

    @Test("it may send and receive from tasks of its own, and from other threads (A-05)")
    func elsewhere() async throws {
        let (served, told) = try await listening(before: { _, send in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<10 {
                    group.addTask(executorPreference: globalConcurrentExecutor) {
                        try await send(.webSocketSend(.text("\(number)")))
                    }
                }
                try await group.waitForAll()
            }
        })
        let peer = try await ScriptedPeer.open(port: served.port)
        var numbers: Set<String> = []
        for _ in 0..<10 { numbers.insert(try await peer.receiveFrame()?.text ?? "") }
        #expect(numbers == Set((0..<10).map { "\($0)" }))
        try await peer.send(.close(.goingAway, reason: "bye"))
        #expect(await first(2, of: told) == ["accepted", "1001 bye"])
        peer.finishWriting()
        try await served.stop()
    }

    @Test(
        "what is sent behind the application's own close, or is no event of an open connection, is its fault (U-WS-51)")
    func misuse() async throws {
        let (told, note) = AsyncStream.makeStream(of: String.self)
        let (served, _) = try await listening(before: { _, send in
            let wrong: [SentEvent] = [
                .webSocketAccept(), .httpResponseBody(""), .webSocketClose(code: 1006, reason: ""),
                .webSocketClose(code: 1000, reason: String(repeating: "x", count: 124)),
                .webSocketClose(code: 1000, reason: ""), .webSocketSend("late"),
            ]
            for event in wrong {
                do {
                    try await send(event)
                    note.yield("sent")
                } catch { note.yield("\(type(of: error))") }
            }
            note.finish()
        })
        let peer = try await ScriptedPeer.open(port: served.port)
        let outcomes = await told.reduce(into: []) { $0.append($1) }
        #expect(outcomes == ["ASGIMisuse", "ASGIMisuse", "ASGIMisuse", "ASGIMisuse", "sent", "ASGIMisuse"])
        try await peer.send(.close(.normalClosure))
        #expect(try await peer.receiveAllFrames() == [.close(.normalClosure)])
        peer.finishWriting()
        try await served.stop()
    }

    @Test("a handshake that the application refuses is 403, and one that it denies has its answer (U-WS-21, A-EX-01)")
    func refused() async throws {
        let served = try await ServedApplication(
            ClosureApplication { scope, receive, send in
                guard case .webSocket(let scope) = scope else { return }
                _ = try await receive()
                if scope.path == "/refused" { return try await send(.webSocketClose()) }
                try await send(.webSocketResponseStart(status: 418))
                try await send(.webSocketResponseBody(ByteBuffer(string: "no")))
            })
        for (target, status) in [("/refused", "403"), ("/denied", "418")] {
            let refusal = await #expect(throws: ScriptedPeer.Refusal.self) {
                _ = try await ScriptedPeer.open(port: served.port, target: target)
            }
            #expect(refusal?.head.hasPrefix("HTTP/1.1 \(status) ") == true)
        }
        try await served.stop()
    }
}
