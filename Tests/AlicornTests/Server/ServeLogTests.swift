// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornTransport
import EngineTesting
import Foundation
import Testing

@Suite("The log of alicorn APP, as a process", .timeLimit(.minutes(1)))
struct ServeLogTests {
    @Test("without an access log nothing stands on standard output (U-C-31, P-27)")
    func noAccessLog() async throws {
        let server = try await ServingCommand.start("--no-access-log")
        try await visit(server)
        let outcome = await server.stop()
        #expect(outcome.end == .exited(0))
        #expect(outcome.output.isEmpty)
        #expect(!outcome.errors.contains { $0.contains("WebSocket") })
    }

    @Test("a level leaves out what is below it; the access log has no level of its own (U-C-30)")
    func level() async throws {
        let socket = try ListeningSocket(.tcp(host: "127.0.0.1", port: 0), backlog: 16)
        let port = try #require(socket.endpoint.port)
        let command = try RunningCommand(
            ["hello", "--fd", "0", "--log-level", "warning"], input: FileHandle(fileDescriptor: socket.descriptor))
        // It waits in the socket's backlog until the server has started, of which no line tells.
        let peer = try await ScriptedPeer.connect(port: port, patience: .seconds(50))
        #expect(try await RawAnswer.on(peer, to: "BAD\r\n\r\n").status == 400)
        command.interrupt()
        #expect(await command.end() == .exited(0))
        let errors = await command.errorLines.reduce(into: []) { $0.append($1) }
        #expect(
            errors == [
                "WARNING:  Invalid HTTP request received. Of 127.0.0.1:\(peer.localPort): the request line is not method, "
                    + "target and version with one space between them."
            ])
    }

    @Test("as JSON each line is an object with a time, a level, a logger and a message (P-35)")
    func json() async throws {
        let server = try await ServingCommand.start("--log-format", "json")
        let peer = try await visit(server)
        let outcome = await server.stop()
        for line in server.startUp + outcome.errors {
            let object = try Self.object(line)
            #expect(object["logger"] as? String == "uvicorn.error")
            #expect(object["level"] as? String == "info")
        }
        let access = try outcome.output.map(Self.object)
        #expect(access.compactMap { $0["event"] as? String } == ["request", "handshake", "end"])
        #expect(access.allSatisfy { $0["logger"] as? String == "uvicorn.access" })
        #expect(access[0]["path"] as? String == "/a b")
        #expect(access[0]["query"] as? String == "c=%20d")
        #expect(access[0]["status"] as? Int == 404)
        #expect(
            access[0]["message"] as? String
                == #"127.0.0.1:\#(peer.localPort) - "GET /a%20b?c=%20d HTTP/1.1" 404 Not Found"#)
        // Answered and told in one turn of the loop, in which its time stands still.
        #expect(try access.allSatisfy { try #require($0["duration_ms"] as? Double) > 0 })
        #expect(access[2]["close_code"] as? Int == 1000)
        #expect(access[2]["messages_received"] as? Int == 1)
    }

    /// What the line holds, which has all that every line has.
    private static func object(_ line: String) throws -> [String: Any] {
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
        for name in ["timestamp", "level", "logger", "message"] { #expect(object[name] is String, "\(line)") }
        return object
    }

    @Test(
        "at the level trace connections and the application's events are there, without what is in them (U-LG-22, U-LG-23)"
    )
    func trace() async throws {
        let server = try await ServingCommand.start("--log-level", "trace")
        let plain = try await ScriptedPeer.connect(port: server.port)
        let request = "POST /echo?a=%20b HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecret"
        #expect(try await RawAnswer.on(plain, to: request).status == 200)
        let socket = try await ScriptedPeer.open(port: server.port, target: "/it's", fields: ["Authorization: secret"])
        try await socket.send([.text("secret"), .close(.normalClosure)])
        #expect(try await socket.receiveAllFrames().count == 2)
        let outcome = await server.stop()
        let lines = (server.startUp + outcome.errors).filter { $0.contains("ASGI [") }
        func connectionLines(_ peer: ScriptedPeer) -> [Substring] {
            let prefix = "TRACE:    127.0.0.1:\(peer.localPort) - "
            return outcome.errors.filter { $0.hasPrefix(prefix) && !$0.contains("ASGI [") }.map {
                $0.dropFirst(prefix.count)
            }
        }
        #expect(connectionLines(plain) == ["HTTP connection made", "HTTP connection lost"])
        #expect(
            connectionLines(socket) == [
                "HTTP connection made", "Upgrading to WebSocket", "WebSocket connection made",
                "WebSocket connection lost",
            ])
        let ends = "'server': ('127.0.0.1', \(server.port)), 'client': ('127.0.0.1',"
        let http = "TRACE:    127.0.0.1:\(plain.localPort) - ASGI [2]"
        let webSocket = "TRACE:    127.0.0.1:\(socket.localPort) - ASGI [3]"
        #expect(
            lines.filter { $0.hasPrefix(http) } == [
                "\(http) Started scope={'type': 'http', 'asgi': {'version': '3.0', 'spec_version': '2.5'}, "
                    + "'http_version': '1.1', \(ends) \(plain.localPort)), 'scheme': 'http', 'root_path': '', "
                    + "'path': '/echo', 'raw_path': b'/echo', 'query_string': b'a=%20b', 'headers': '<...>', "
                    + "'method': 'POST'}",
                "\(http) Send {'type': 'http.response.start', 'status': 200, 'headers': '<...>'}",
                "\(http) Receive {'type': 'http.request', 'body': '<6 bytes>', 'more_body': False}",
                "\(http) Send {'type': 'http.response.body', 'body': '<6 bytes>', 'more_body': False}",
                "\(http) Completed",
            ])
        #expect(
            lines.filter { $0.hasPrefix(webSocket) } == [
                "\(webSocket) Started scope={'type': 'websocket', 'asgi': {'version': '3.0', 'spec_version': '2.5'}, "
                    + "'http_version': '1.1', \(ends) \(socket.localPort)), 'scheme': 'ws', 'root_path': '', "
                    + "'path': \"/it's\", 'raw_path': b\"/it's\", 'query_string': b'', 'headers': '<...>', "
                    + "'subprotocols': []}",
                "\(webSocket) Receive {'type': 'websocket.connect'}",
                "\(webSocket) Send {'type': 'websocket.accept', 'subprotocol': None, 'headers': '<...>'}",
                "\(webSocket) Receive {'type': 'websocket.receive', 'text': '<6 chars>'}",
                "\(webSocket) Send {'type': 'websocket.send', 'text': '<6 chars>'}",
                "\(webSocket) Receive {'type': 'websocket.disconnect', 'code': 1000, 'reason': ''}",
                "\(webSocket) Completed",
            ])
        #expect(
            lines.filter { $0.hasPrefix("TRACE:    ASGI [1]") }.map { $0.dropFirst(19) } == [
                "Started scope={'type': 'lifespan', 'asgi': {'version': '3.0', 'spec_version': '2.0'}}",
                "Receive {'type': 'lifespan.startup'}", "Send {'type': 'lifespan.startup.complete'}",
                "Receive {'type': 'lifespan.shutdown'}", "Send {'type': 'lifespan.shutdown.complete'}", "Completed",
            ])
    }

    @Test("a format of one's own is the whole line (P-35)")
    func accessFormat() async throws {
        let server = try await ServingCommand.start(
            "--access-log-format", #"%(h)s "%(r)s" %(s)s %(b)s "%({user-agent}i)s""#)
        let peer = try await ScriptedPeer.connect(port: server.port)
        #expect(try await RawAnswer.on(peer, to: RawAnswer.get("/a?b", "User-Agent: tester/1")).status == 404)
        let outcome = await server.stop()
        #expect(outcome.output == [#"127.0.0.1:\#(peer.localPort) "GET /a?b HTTP/1.1" 404 9 "tester/1""#])
    }

    // MARK: - The wire

    @Test("at debug a connection is told from its handshake to the end of TCP (U-LG-16, U-LG-18, U-LG-19)")
    func wire() async throws {
        let lines = try await wireLines("--no-date-header") { peer in
            for frame in [ScriptedFrame.text("hello"), .binary([1, 0xFF])] {
                try await peer.send(frame)
                #expect(try await peer.receiveFrame() == frame)
            }
            try await peer.send(.close(.normalClosure))
            #expect(try await peer.receiveAllFrames() == [.close(.normalClosure)])
        }
        #expect(
            lines == [
                "< GET /chat HTTP/1.1", "< Host: 127.0.0.1", "< Upgrade: websocket", "< Connection: Upgrade",
                "< Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "< Sec-WebSocket-Version: 13",
                "> HTTP/1.1 101 Switching Protocols", "> server: alicorn", "> Upgrade: websocket",
                "> Connection: Upgrade", "> Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                "= connection is OPEN", "< TEXT 'hello' [5 bytes]", "> TEXT 'hello' [5 bytes]",
                "< BINARY 01 ff [2 bytes]", "> BINARY 01 ff [2 bytes]", "< CLOSE 1000 (OK) [2 bytes]",
                "= connection is CLOSING", "> CLOSE 1000 (OK) [2 bytes]", "x half-closing TCP connection",
                "= connection is CLOSED",
            ])
    }

    @Test("at debug a refused handshake is told with its answer (U-LG-17)")
    func refusedOnTheWire() async throws {
        let lines = try await wireLines("--no-date-header", "--ws-allowed-origins", "https://a.example", opens: false) {
            peer in
            try await peer.send(ScriptedPeer.openingRequest(fields: ["Origin: https://b.example"]))
            _ = try await peer.receiveAll()
        }
        #expect(lines.contains("< Origin: https://b.example"))
        let answer = try #require(lines.firstIndex(of: "> HTTP/1.1 403 Forbidden"), "\(lines)")
        #expect(lines[answer...].contains { $0.wholeMatch(of: /> \[body\] \(\d+ bytes\)/) != nil }, "\(lines)")
        #expect(lines.last == "= connection is CLOSED")
    }

    @Test("at debug keepalive and what a peer does wrong have marks of their own (U-LG-20)")
    func faultOnTheWire() async throws {
        let lines = try await wireLines("--ws-ping-interval", "0.1") { peer in
            let ping = try #require(try await peer.receiveFrame())
            #expect(ping.opcode == .ping)
            try await peer.send(.pong(ping.payload))
            // Masked, and with reserved bits that nobody has negotiated.
            try await peer.send([0xF1, 0x80, 0, 0, 0, 0])
            try await peer.receiveEnd()
        }
        #expect(lines.contains("% sent keepalive ping"))
        #expect(lines.contains("% received keepalive pong"))
        #expect(lines.contains { $0.hasPrefix("! the peer broke the protocol: reserved bits") }, "\(lines)")
        #expect(lines.last == "= connection is CLOSED")
    }

    /// What the log at debug tells of one connection; without what depends on who of both ends TCP first.
    ///
    /// - Parameter opens: whether the handshake comes before `talk`.
    private func wireLines(
        _ options: String..., opens: Bool = true, _ talk: (ScriptedPeer) async throws -> Void
    ) async throws -> [String] {
        let server = try await ServingCommand.start(
            RunningCommand(["hello", "--port", "0", "--log-level", "debug"] + options))
        let port = try await converse(with: server, opens, talk)
        let outcome = await server.stop()
        return outcome.errors.compactMap { line in
            guard
                let match = line.wholeMatch(of: /DEBUG:    ([<>=%!x] .*) connection=[0-9a-f]+ peer=127\.0\.0\.1:(\d+)/),
                match.2 == "\(port)"
            else { return nil }
            return ["< EOF", "x closing TCP connection"].contains(match.1) ? nil : String(match.1)
        }
    }

    /// Has a connection, and lets TCP go: the server waits for that.
    ///
    /// - Returns: the port of the client's end.
    private func converse(
        with server: ServingCommand, _ opens: Bool, _ talk: (ScriptedPeer) async throws -> Void
    ) async throws -> Int {
        let peer =
            opens
            ? try await ScriptedPeer.open(port: server.port, target: "/chat")
            : try await ScriptedPeer.connect(port: server.port)
        try await talk(peer)
        return peer.localPort
    }

    /// A request and a WebSocket connection.
    ///
    /// - Returns: who has sent the request.
    @discardableResult
    private func visit(_ server: ServingCommand) async throws -> ScriptedPeer {
        let first = try await ScriptedPeer.connect(port: server.port)
        #expect(try await RawAnswer.on(first, to: RawAnswer.get("/a%20b?c=%20d")).status == 404)
        let second = try await ScriptedPeer.open(port: server.port, target: "/chat")
        try await second.send([.text("hello"), .close(.normalClosure)])
        #expect(try await second.receiveAllFrames().count == 2)
        return first
    }
}
