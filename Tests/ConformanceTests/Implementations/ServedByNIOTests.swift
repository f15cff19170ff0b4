// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornWebSocket
import EngineTesting
import Testing

/// The program with NIOWebSocket's codec.
@Suite("alicorn hello --ws nio", .onEachEngine, .timeLimit(.minutes(3)))
struct ServedByNIOTests {
    private func start() async throws -> ServingCommand {
        try await ServingCommand.start("--ws", "nio", "--engine", EngineUnderTest.name)
    }

    @Test("it starts and serves with the same lines, and stops with 1012 (U-C-20, U-WSC-08)")
    func lines() async throws {
        let server = try await start()
        #expect(server.startUp.last?.hasPrefix("INFO:     Uvicorn running on http://127.0.0.1:\(server.port)") == true)
        #expect(server.startUp.count == 4, "no line says that it is anything special: \(server.startUp)")
        let peer = try await ScriptedPeer.open(port: server.port, target: "/chat?room=1")
        #expect(
            await server.command.nextLine()
                == #"INFO:     127.0.0.1:\#(peer.localPort) - "WebSocket /chat?room=1" [accepted]"#)
        try await peer.send(.text("hello"))
        #expect(try await peer.receiveFrame() == .text("hello"))
        server.command.interrupt()
        #expect(try await peer.receiveFrame()?.closeCode == .serviceRestart)
        try await peer.send(.close(.serviceRestart))
        peer.finishWriting()
        let outcome = await server.outcome()
        #expect(outcome.end == .exited(0))
        #expect(outcome.output.first?.contains("[closed 1012, ") == true, "\(outcome.output)")
        #expect(outcome.output.first?.contains(" s, 1 received, 1 sent]") == true, "\(outcome.output)")
    }

    @Test("its connections and messages are counted, and their ends by code and cause (P-35)")
    func metrics() async throws {
        let server = try await ServingCommand.start(
            "--ws", "nio", "--engine", EngineUnderTest.name, "--metrics-path", "/metrics")
        let peer = try await ScriptedPeer.open(port: server.port)
        try await peer.send([.text("a"), .text("b"), .close(.goingAway)])
        #expect(try await peer.receiveAllFrames() == [.text("a"), .text("b"), .close(.goingAway)])
        peer.finishWriting()
        let expected = [
            #"alicorn_websocket_messages_received_total{role="server"} 2"#,
            #"alicorn_websocket_messages_sent_total{role="server"} 2"#,
            #"alicorn_websocket_connections{role="server"} 0"#,
            #"alicorn_websocket_closes_total{cause="closed_by_peer",code="1001",role="server"} 1"#,
        ]
        // Counts are handed over when the connection has ended, which is after its client has seen that.
        var page = ""
        while !expected.allSatisfy({ page.contains($0) }) {
            let scrape = try await ScriptedPeer.connect(port: server.port)
            try await scrape.send("GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            page = String(decoding: try await scrape.receiveAll(), as: UTF8.self)
        }
        #expect(await server.stop().end == .exited(0))
    }

    private static let scenarios = [
        "text", "binary", "fragmented", "pipelined", "without-deflate", "pings", "close-codes", "close-without-code",
        "16-mebibytes", "too-big",
    ]

    @Test(
        "Python's client plays what it knows that needs no extension", .enabled(if: Python.isThere, Python.skipped),
        arguments: scenarios)
    func scenario(_ name: String) async throws {
        let server = try await start()
        let outcome = try await PythonProgram.run("peer_client.py", [server.address, name]) { await $0.outcome() }
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output == "ok\n")
        #expect(await server.stop().end == .exited(0))
    }
}
