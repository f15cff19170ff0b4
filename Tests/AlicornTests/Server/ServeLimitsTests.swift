// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import EngineTesting
import Testing

@Suite("Limits and the end of alicorn APP, as a process", .timeLimit(.minutes(1)))
struct ServeLimitsTests {
    @Test("at the limit on requests it ends in order, with 0 (U-LM-03, U-XC-10)")
    func requests() async throws {
        let server = try await ServingCommand.start("--limit-max-requests", "2")
        for _ in 1...2 { #expect(try await RawAnswer.to(RawAnswer.get(), port: server.port).status == 200) }
        let outcome = await server.outcome()
        #expect(outcome.end == .exited(0))
        #expect(
            outcome.errors == [
                "INFO:     Maximum request limit of 2 exceeded. Terminating process.",
                "INFO:     Shutting down",
                "INFO:     Waiting for application shutdown.",
                "INFO:     Application shutdown complete.",
                "INFO:     Finished server process [\(server.command.identifier)]",
            ])
    }

    @Test("beyond the limits on connections there is 503, for requests and for handshakes (U-LM-01, P-18)")
    func concurrency() async throws {
        let server = try await ServingCommand.start("--limit-concurrency", "4", "--limit-websockets", "1")
        try await overload(server)
        let outcome = await server.stop()
        #expect(
            outcome.errors.prefix(2) == [
                "WARNING:  Exceeded WebSocket limit.", "WARNING:  Exceeded concurrency limit.",
            ])
    }

    /// Goes beyond the limits, and lets all connections go: the server waits for that.
    private func overload(_ server: ServingCommand) async throws {
        let webSocket = try await ScriptedPeer.open(port: server.port)
        let second = try await ScriptedPeer.connect(port: server.port)
        let handshake = try await RawAnswer.on(second, to: ScriptedPeer.openingRequest())
        #expect(handshake.status == 503)
        let idle = try await ScriptedPeer.connect(port: server.port)
        #expect(try await RawAnswer.on(idle, to: RawAnswer.get()).status == 200)
        let refused = try await RawAnswer.to(RawAnswer.get(), port: server.port)
        #expect(refused.status == 503)
        #expect(refused.body == "Service Unavailable")
        #expect(refused.lines.contains("content-type: text/plain; charset=utf-8"))
        try await webSocket.send([.text("hello"), .close(.normalClosure)])
        #expect(try await webSocket.receiveAllFrames() == [.text("hello"), .close(.normalClosure)])
        withExtendedLifetime((second, idle)) {}
    }

    @Test(
        "SIGTERM under load: every WebSocket gets 1012, and every response its end (P-05, U-SG-05)",
        arguments: ["native", "nio"])
    func underLoad(engine: String) async throws {
        let server = try await ServingCommand.start("--engine", engine, "--timeout-graceful-shutdown", "20")
        var webSockets: [ScriptedPeer] = []
        var requests: [ScriptedPeer] = []
        for _ in 0..<20 { webSockets.append(try await ScriptedPeer.open(port: server.port)) }
        for _ in 0..<8 {
            let peer = try await ScriptedPeer.connect(port: server.port)
            try await peer.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello")
            _ = try await peer.receive { $0.suffix(5).elementsEqual("hello".utf8) }
            requests.append(peer)
        }
        let idle = try await ScriptedPeer.connect(port: server.port)
        #expect(try await RawAnswer.on(idle, to: RawAnswer.get()).status == 200)

        server.command.terminate()
        // Each is let go when it is done with: the server waits for that.
        while let peer = webSockets.popLast() {
            #expect(try await peer.receiveFrame()?.closeCode == .serviceRestart)
            try await peer.send(.close(.serviceRestart))
            #expect(try await peer.receiveAllFrames().isEmpty)
        }
        #expect(try await idle.receiveAll().isEmpty)
        while let peer = requests.popLast() {
            try await peer.send("world")
            #expect(try await peer.receiveAll() == Array("world".utf8))
        }
        await #expect(throws: ScriptedPeer.Failure.self, "nobody listens any more (U-SG-06)") {
            try await ScriptedPeer.connect(port: server.port)
        }
        let outcome = await server.outcome()
        #expect(outcome.end == .killed(15))
        #expect(outcome.output.count { $0.contains("[closed 1012, ") } == 20)
        #expect(!outcome.errors.contains { $0.hasPrefix("ERROR") || $0.hasPrefix("WARNING") }, "\(outcome.errors)")
        #expect(outcome.errors.suffix(3).first == "INFO:     Waiting for application shutdown.")
    }
}
