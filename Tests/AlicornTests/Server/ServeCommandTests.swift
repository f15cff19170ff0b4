// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import EngineTesting
import Testing

/// What scripts and supervisors see of the program: its lines and how it ends (P-03, P-04).
@Suite("alicorn APP, as a process", .timeLimit(.minutes(1)))
struct ServeCommandTests {
    @Test("start and end are told in uvicorn's lines, on standard error", arguments: ["native", "nio"])
    func lines(engine: String) async throws {
        let server = try await ServingCommand.start("--engine", engine)
        let identifier = server.command.identifier
        #expect(
            server.startUp == [
                "INFO:     Started server process [\(identifier)]",
                "INFO:     Waiting for application startup.",
                "INFO:     Application startup complete.",
                "INFO:     Uvicorn running on http://127.0.0.1:\(server.port) (Press CTRL+C to quit)",
            ])
        #expect(try await RawAnswer.to(RawAnswer.get(), port: server.port).status == 200)
        let outcome = await server.stop()
        #expect(
            outcome.errors == [
                "INFO:     Shutting down",
                "INFO:     Waiting for application shutdown.",
                "INFO:     Application shutdown complete.",
                "INFO:     Finished server process [\(identifier)]",
            ])
        #expect(outcome.end == .exited(0), "U-XC-01")
    }

    @Test("without lifespan its lines are left out, at the start and at the end (U-LG-10)")
    func noLifespan() async throws {
        let server = try await ServingCommand.start("--lifespan", "off")
        let identifier = server.command.identifier
        #expect(
            server.startUp == [
                "INFO:     Started server process [\(identifier)]",
                "INFO:     Uvicorn running on http://127.0.0.1:\(server.port) (Press CTRL+C to quit)",
            ])
        let outcome = await server.stop()
        #expect(
            outcome.errors == ["INFO:     Shutting down", "INFO:     Finished server process [\(identifier)]"])
        #expect(outcome.end == .exited(0))
    }

    @Test("requests and WebSocket connections have uvicorn's lines, on standard output (U-LG-04, U-LG-06, P-27)")
    func accessLines() async throws {
        let server = try await ServingCommand.start()
        let first = try await ScriptedPeer.connect(port: server.port)
        #expect(try await RawAnswer.on(first, to: RawAnswer.get("/a%20b?c=%20d")).status == 404)
        #expect(await server.command.nextLine() == line(first, #""GET /a%20b?c=%20d HTTP/1.1" 404 Not Found"#))
        try await chat(with: server)
        #expect(await server.stop().end == .exited(0))
    }

    /// Opens and closes a WebSocket connection, and lets TCP go: the server waits for that.
    private func chat(with server: ServingCommand) async throws {
        let peer = try await ScriptedPeer.open(port: server.port, target: "/chat?room=1")
        #expect(await server.command.nextLine() == line(peer, #""WebSocket /chat?room=1" [accepted]"#))
        try await peer.send([.text("hello"), .close(.normalClosure)])
        #expect(try await peer.receiveAllFrames() == [.text("hello"), .close(.normalClosure)])
        let end = try #require(await server.command.nextLine())
        let told = line(peer, #""WebSocket /chat?room=1" [closed 1000, "#)
        #expect(end.hasPrefix(told))
        #expect(end.dropFirst(told.count).wholeMatch(of: /\d+\.\d{3} s, 1 received, 1 sent\]/) != nil, "\(end)")
    }

    private func line(_ peer: ScriptedPeer, _ rest: String) -> String {
        "INFO:     127.0.0.1:\(peer.localPort) - \(rest)"
    }

    @Test(
        "SIGTERM ends it in order, and then as signals do (U-XC-02)",
        arguments: [["--engine", "native"], ["--engine", "nio"], ["--timeout-graceful-shutdown", "30"]])
    func terminated(arguments: [String]) async throws {
        let server = try await ServingCommand.start(
            RunningCommand(["hello", "--port", "0"] + arguments))
        #expect(try await RawAnswer.to(RawAnswer.get(), port: server.port).status == 200)
        server.command.terminate()
        let outcome = await server.outcome()
        #expect(outcome.end == .killed(15))
        #expect(outcome.errors.last == "INFO:     Finished server process [\(server.command.identifier)]")
    }

    @Test("a second SIGINT waits for nothing, and the application hears nothing (U-SG-03, U-XC-03)")
    func interruptedTwice() async throws {
        let server = try await ServingCommand.start()
        let peer = try await hangingRequest(to: server)
        server.command.interrupt()
        #expect(await server.command.nextErrorLine() == "INFO:     Shutting down")
        #expect(
            await server.command.nextErrorLine()
                == "INFO:     Waiting for connections to close. (CTRL+C to force quit)")
        let outcome = await server.stop()
        #expect(outcome.end == .exited(0))
        #expect(outcome.errors == ["INFO:     Finished server process [\(server.command.identifier)]"])
        try await peer.receiveEnd()
    }

    @Test("what hangs is cut when the time for the end is over (U-SG-05, U-XC-02)")
    func graceIsOver() async throws {
        let server = try await ServingCommand.start("--timeout-graceful-shutdown", "1")
        let peer = try await hangingRequest(to: server)
        server.command.terminate()
        let outcome = await server.outcome()
        #expect(outcome.end == .killed(15))
        #expect(
            outcome.errors == [
                "INFO:     Shutting down",
                "INFO:     Waiting for connections to close. (CTRL+C to force quit)",
                "ERROR:    Cancel 1 running task(s), timeout graceful shutdown exceeded",
                "INFO:     Waiting for application shutdown.",
                "INFO:     Application shutdown complete.",
                "INFO:     Finished server process [\(server.command.identifier)]",
            ])
        try await peer.receiveEnd()
    }

    /// A request of which half the body is there, and comes back.
    private func hangingRequest(to server: ServingCommand) async throws -> ScriptedPeer {
        let peer = try await ScriptedPeer.connect(port: server.port)
        try await peer.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello")
        _ = try await peer.receive { $0.suffix(5).elementsEqual("hello".utf8) }
        return peer
    }

    // MARK: - Without serving

    @Test(
        "what cannot be started ends with a status that tells why (P-04)",
        arguments: [
            (["hello", "--nope"], 2, "Error: Unknown option '--nope'"),
            (["hello", "--port"], 2, "Error: Missing value for '--port"),
            (["hello", "--port", "x"], 2, #"Error: --port is "x", but must be a number from 0 to 65535"#),
            (["hello", "--config", "/nowhere.yaml"], 2, #"Error: the configuration file "/nowhere.yaml""#),
            (["hello", "--ssl-certfile", "/nowhere.pem"], 2, #"Error: --ssl-certfile is "/nowhere.pem""#),
            ([], 2, "Error: there is no application: name one"),
        ] as [([String], Int32, String)])
    func refused(arguments: [String], status: Int32, complaint: String) async throws {
        let command = try RunningCommand(arguments)
        #expect(await command.end() == .exited(status))
        let first = await command.nextErrorLine() ?? ""
        #expect(first.hasPrefix(complaint), "\(first)")
        #expect(await command.nextLine() == nil, "standard output is for what was asked for")
    }

    @Test("clients that have their answer, or have closed, and keep TCP open are not waited for (U-SG-05)")
    func keepingTCPOpen() async throws {
        // Waiting for them would last longer than a test may.
        let server = try await ServingCommand.start(
            "--ws-close-timeout", "600", "--timeout-graceful-shutdown", "none")
        let closed = try await ScriptedPeer.open(port: server.port, target: "/")
        try await closed.send(.close(.normalClosure))
        #expect(try await closed.receiveFrame() != nil)
        let open = try await ScriptedPeer.open(port: server.port, target: "/")
        server.command.interrupt()
        #expect(try await open.receiveFrame() != nil)
        try await open.send(.close(.serviceRestart))
        #expect(await server.outcome().end == .exited(0))
        _ = (closed, open)
    }

    @Test("an application that is not there is 3, as when one cannot be imported (U-XC-04)")
    func noApplication() async throws {
        let command = try RunningCommand("nowhere:app")
        let end = await command.end()
        #expect(end == .exited(3))
        #expect(await command.nextErrorLine()?.contains("Error loading ASGI app. ") == true)
    }

    @Test("an address that somebody has is 3, after the application has heard of the end (U-XC-05, U-LS-10)")
    func addressInUse() async throws {
        let taken = try ScriptedListener()
        let command = try RunningCommand("hello", "--port", "\(taken.port)")
        #expect(await command.end() == .exited(3))
        let lines = await command.errorLines.reduce(into: []) { $0.append($1) }
        #expect(
            lines.dropFirst() == [
                "INFO:     Waiting for application startup.",
                "INFO:     Application startup complete.",
                "ERROR:    The server cannot listen on 127.0.0.1:\(taken.port): Address already in use (bind).",
                "INFO:     Waiting for application shutdown.",
                "INFO:     Application shutdown complete.",
            ])
    }

    @Test("version and help are 0, and stand on standard output (U-C-06)", arguments: ["--version", "--help"])
    func asked(option: String) async throws {
        let command = try RunningCommand(option)
        #expect(await command.end() == .exited(0))
        let line = try #require(await command.nextLine())
        #expect(option == "--help" || line.wholeMatch(of: /\d+\.\d+\.\d+/) != nil, "\(line)")
        #expect(await command.nextErrorLine() == nil)
    }
}
