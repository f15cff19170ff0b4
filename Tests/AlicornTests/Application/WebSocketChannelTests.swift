// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornASGI
import AlicornProtocol
import AlicornTesting
import AlicornWebSocket
import EngineTesting
import NIOCore
import Synchronization
import Testing

@Suite("An application's WebSocket connections", .onEachEngine, .onEachImplementation)
struct WebSocketChannelTests {
    @Test("connect, accept, messages of both kinds, and the client's close with code and reason (A-WE, U-WSC-01)")
    func events() async throws {
        let (told, note) = AsyncStream.makeStream(of: String.self)
        let served = try await ServedApplication(
            ClosureApplication { scope, receive, send in
                guard case .webSocket(let scope) = scope else { return }
                #expect(scope.subprotocols == ["a", "b"] && scope.scheme == "ws")
                guard case .webSocketConnect = try await receive() else { return }
                try await send(.webSocketAccept(subprotocol: "b", headers: [HeaderField(name: "x", value: "y")]))
                while true {
                    switch try await receive() {
                    case .webSocketReceive(let message): try await send(.webSocketSend(message))
                    case .webSocketDisconnect(let code, let reason):
                        note.yield("\(code) \(reason)")
                        return
                    default: return
                    }
                }
            })
        var configuration = WebSocketClient.Configuration()
        configuration.subprotocols = ["a", "b"]
        let connection = try await WebSocketClient.open(served.webSocketAddress, configuration: configuration)
        #expect(connection.subprotocol == "b")
        #expect(connection.response.fields.first("x") == "y")
        #expect(connection.response.fields.values(of: "Sec-WebSocket-Protocol").count == 1)
        for message in [WebSocketMessage.text("hi"), .binary(ByteBuffer(bytes: [1, 2]))] {
            try await connection.send(message)
            #expect(try await connection.receive() == message)
        }
        try await connection.close(CloseCode(rawValue: 4000), reason: "bye")
        var events = told.makeAsyncIterator()
        #expect(await events.next() == "4000 bye")
        try await served.stop()
    }

    @Test(
        "what an application does at its end decides the code that its client sees (P-14, U-WS-29)",
        arguments: [("returns", 1000), ("throws", 1011), ("closes", 4001)] as [(String, UInt16)])
    func ends(_ what: String, _ code: UInt16) async throws {
        struct Failure: Error {}
        let served = try await ServedApplication(
            ClosureApplication { _, receive, send in
                _ = try await receive()
                try await send(.webSocketAccept())
                if what == "throws" { throw Failure() }
                if what == "closes" { try await send(.webSocketClose(code: 4001, reason: "done")) }
            })
        let connection = try await WebSocketClient.open(served.webSocketAddress)
        await connection.waitUntilClosed()
        #expect(await connection.closure?.received?.code.rawValue == code)
        try await served.stop()
    }

    @Test("an application that pushes hears by sending that the client is gone (A-WE-07)")
    func pushes() async throws {
        let (told, note) = AsyncStream.makeStream(of: Void.self)
        let served = try await ServedApplication(
            ClosureApplication { _, receive, send in
                _ = try await receive()
                try await send(.webSocketAccept())
                do { while true { try await send(.webSocketSend(.text("x"))) } } catch is ClientDisconnected {
                    note.yield()
                }
            })
        var peer: ScriptedPeer? = try await ScriptedPeer.open(port: served.port)
        _ = try await peer?.receiveFrame()
        peer?.resetWhenReleased()
        peer = nil
        var events = told.makeAsyncIterator()
        #expect(await events.next() != nil)
        try await served.stop()
    }

    @Test("a stop closes with 1012, and the application hears that (U-WSC-08)")
    func stop() async throws {
        let (told, note) = AsyncStream.makeStream(of: UInt16.self)
        let served = try await ServedApplication(
            ClosureApplication { _, receive, send in
                _ = try await receive()
                try await send(.webSocketAccept())
                if case .webSocketDisconnect(let code, _) = try await receive() { note.yield(code) }
            })
        let connection = try await WebSocketClient.open(served.webSocketAddress)
        async let stopped: Void = served.stop()
        await connection.waitUntilClosed()
        #expect(await connection.closure?.received?.code == .serviceRestart)
        var events = told.makeAsyncIterator()
        #expect(await events.next() == 1012)
        try await stopped
    }
}
