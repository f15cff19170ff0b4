// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornWebSocket
import EngineTesting
import Foundation
import Testing

@Suite("The command line, as processes", .timeLimit(.minutes(2)))
struct CommandLineTests {
    @Test(
        "connect prints what echo sends back, and ends with 0 when the server closes with 1001",
        arguments: ["async", "callback"])
    func echoAndConnect(surface: String) async throws {
        let server = try await EchoServer.start(["--surface", surface, "--threads", "1"])
        let client = try RunningCommand("connect", server.address)
        try client.write("hello\nÄpfel\n")
        #expect(await client.nextLine() == "hello")
        #expect(await client.nextLine() == "Äpfel")
        server.command.terminate()
        #expect(await client.status() == 0)
        #expect(client.complaint.isEmpty)
        #expect(await server.command.status() == 0)
    }

    @Test("when its input ends, connect waits for the server's close no longer than told")
    func inputEnds() async throws {
        let server = try await EchoServer.start()
        let client = try RunningCommand("connect", server.address, "--timeout", "0.2")
        try client.write("last\n")
        try client.closeInput()
        #expect(await client.nextLine() == "last")
        #expect(await client.status() == 0)
        server.command.terminate()
        _ = await server.command.status()
    }

    @Test(
        "connect ends with 1 and one sentence when the server is no help",
        arguments: [("http://127.0.0.1/", "scheme"), ("ws://127.0.0.1:99999/", "port")])
    func badAddresses(address: String, word: String) async throws {
        let client = try RunningCommand("connect", address)
        #expect(await client.status() == 1)
        try await client.expectOneSentence(containing: word)
    }

    @Test(
        "connect goes through the proxy that the environment names, but not to this machine (PRX-01)",
        arguments: [
            ("ws_proxy=http://127.0.0.1:PORT", true), ("ALL_PROXY=127.0.0.1:PORT", true),
            ("no_proxy=feed.example ws_proxy=http://127.0.0.1:PORT", false),
        ])
    func environmentProxy(variables: String, isUsed: Bool) async throws {
        let proxy = try ScriptedListener()
        let environment = "export " + variables.replacingOccurrences(of: "PORT", with: "\(proxy.port)")
        let client = try RunningCommand(after: environment, ["connect", "ws://feed.example:81/"])
        if isUsed {
            let asked = try await proxy.accept()
            #expect(try await asked.receiveHead().hasPrefix("CONNECT feed.example:81 HTTP/1.1\r\n"))
            try await asked.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        }
        #expect(await client.status() == 1)
        try await client.expectOneSentence(containing: isUsed ? "the proxy answered 403 Forbidden" : "feed.example")
    }

    @Test("a refused port is one sentence and 1")
    func refused() async throws {
        let port = try ScriptedListener().port
        let client = try RunningCommand("connect", "ws://127.0.0.1:\(port)/")
        #expect(await client.status() == 1)
        try await client.expectOneSentence(containing: "127.0.0.1:\(port)")
    }

    @Test(
        "a close with another code than 1000 and 1001, and a broken protocol, are one sentence and 3",
        arguments: [
            ([0x88, 2, 0x03, 0xF0], "1008"), ([0x88, 2, 0x03, 0xF3], "1011"), ([0x83, 0], "protocol"), ([], "1006"),
        ] as [([UInt8], String)])
    func badEnds(frame: [UInt8], word: String) async throws {
        let listener = try ScriptedListener()
        let client = try RunningCommand("connect", "ws://127.0.0.1:\(listener.port)/")
        let peer = try await listener.accept()
        let request = try await peer.receiveHead()
        try await peer.send(try Self.response(to: request))
        try await peer.send(frame)
        peer.finishWriting()
        #expect(await client.status() == 3)
        try await client.expectOneSentence(containing: word)
    }

    @Test("a close with 1000 is 0")
    func goodEnd() async throws {
        let listener = try ScriptedListener()
        let client = try RunningCommand("connect", "ws://127.0.0.1:\(listener.port)/")
        let peer = try await listener.accept()
        let request = try await peer.receiveHead()
        try await peer.send(try Self.response(to: request))
        try await peer.send([0x81, 2, 0x68, 0x69, 0x88, 2, 0x03, 0xE8])
        peer.finishWriting()
        #expect(await client.nextLine() == "hi")
        #expect(await client.status() == 0)
    }

    @Test("echo answers GET / with Hello, World! and anything else that is no handshake with 426")
    func plainHTTP() async throws {
        let server = try await EchoServer.start()
        for (target, status, body) in [("/", 200, "Hello, World!"), ("/other", 426, "")] {
            let peer = try await ScriptedPeer.connect(port: server.port)
            try await peer.send("GET \(target) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let answer = String(decoding: try await peer.receiveAll(), as: UTF8.self)
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
            #expect(answer.hasSuffix(body))
        }
        server.command.terminate()
        #expect(await server.command.status() == 0)
    }

    @Test(
        "what arrives on /broadcast goes to all connections of it, and not to others", arguments: ["async", "callback"])
    func broadcast(surface: String) async throws {
        let server = try await EchoServer.start(["--surface", surface])
        let members = [
            try await WebSocketClient.open(server.address + "/broadcast"),
            try await WebSocketClient.open(server.address + "/broadcast"),
        ]
        let other = try await WebSocketClient.open(server.address + "/")
        // A member is in the room once it has heard itself.
        for (index, member) in members.enumerated() {
            try await member.send("member \(index)")
            while try await member.receive() != .text("member \(index)") {}
        }
        try await members[1].send("to all")
        // Before it they may have heard how the others came in.
        for member in members { while try await member.receive() != "to all" {} }
        try await other.send("mine")
        #expect(try await other.receive() == "mine")
        server.command.terminate()
        for connection in members {
            let (rest, code) = await Self.rest(of: connection)
            // How the first came in may be on its way to the other's loop for as long as that.
            #expect(rest.allSatisfy { $0 == "member 0" })
            #expect(code == .goingAway)
        }
        let (rest, code) = await Self.rest(of: other)
        #expect(rest.isEmpty && code == .goingAway)
        #expect(await server.command.status() == 0)
    }

    /// What still comes, and with which code the connection ends.
    private static func rest(of connection: WebSocketConnection) async -> ([WebSocketMessage], CloseCode?) {
        var rest: [WebSocketMessage] = []
        do {
            while true { rest.append(try await connection.receive()) }
        } catch {
            return (rest, (error as? WebSocketError)?.closure?.received?.code)
        }
    }

    @Test("subprotocols and origins are checked when the client sends some, and only then")
    func checks() async throws {
        let server = try await EchoServer.start(["--subprotocols", "a,b", "--origins", "https://good.example"])
        func configuration(_ subprotocols: [String], _ origin: String?) -> WebSocketClient.Configuration {
            var configuration = WebSocketClient.Configuration()
            configuration.subprotocols = subprotocols
            configuration.origin = origin
            return configuration
        }
        for (subprotocols, origin, expected) in [
            ([], nil, nil), (["b"], nil, "b"), (["c", "a"], "https://good.example", "a"),
        ] as [([String], String?, String?)] {
            let connection = try await WebSocketClient.open(
                server.address, configuration: configuration(subprotocols, origin))
            #expect(connection.subprotocol == expected)
            try await connection.close()
        }
        for (subprotocols, origin, status) in [
            (["c"], nil, "400"), ([], "https://bad.example", "403"),
        ] as [([String], String?, String)] {
            let error = await #expect(throws: WebSocketError.self) {
                try await WebSocketClient.open(server.address, configuration: configuration(subprotocols, origin))
            }
            #expect(error?.description.contains(status) == true)
        }
        server.command.terminate()
        _ = await server.command.status()
    }

    @Test("options limit messages and compression")
    func options() async throws {
        let server = try await EchoServer.start(["--max-size", "10", "--no-deflate"])
        let connection = try await WebSocketClient.open(server.address)
        #expect(connection.response.fields.first("Sec-WebSocket-Extensions") == nil)
        try await connection.send("0123456789")
        #expect(try await connection.receive() == "0123456789")
        try await connection.send("0123456789+")
        let error = await #expect(throws: WebSocketError.self) { try await connection.receive() }
        #expect(error?.closure?.received?.code == .messageTooBig)
        server.command.terminate()
        _ = await server.command.status()
    }

    @Test("an address of IPv6 is printed so that it can be used")
    func ipv6() async throws {
        let server = try await EchoServer.start(["--host", "::1"])
        #expect(server.address.hasPrefix("ws://[::1]:"))
        try await WebSocketClient.open(server.address).close()
        server.command.terminate()
        #expect(await server.command.status() == 0)
    }

    @Test(
        "options that make no sense are refused before anything starts",
        arguments: [
            ["--max-size", "-1"], ["--threads", "0"], ["--open-timeout", "0"], ["--surface", "none"],
            ["--origins", "not an origin"], ["--subprotocols", "a b"],
        ])
    func badOptions(arguments: [String]) async throws {
        let command = try RunningCommand(["echo", "--port", "0"] + arguments)
        #expect(await command.status() != 0)
    }

    @Test("a port that is taken is an error that names it")
    func portTaken() async throws {
        let server = try await EchoServer.start()
        let second = try RunningCommand("echo", "--port", "\(server.port)")
        #expect(await second.status() == 1)
        try await second.expectOneSentence(containing: "\(server.port)")
        server.command.terminate()
        _ = await server.command.status()
    }

    @Test("the demo serves its page and the echo behind it")
    func demo() async throws {
        let demo = try RunningCommand("demo", "--port", "0")
        let line = try await demo.complaintLine(containing: "running on http://")
        let port = try #require(Int(line.split(separator: ":").last?.prefix { $0.isNumber } ?? ""))
        let peer = try await ScriptedPeer.connect(port: port)
        try await peer.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        let page = String(decoding: try await peer.receiveAll(), as: UTF8.self)
        #expect(page.hasPrefix("HTTP/1.1 200 OK"))
        #expect(page.contains("<!doctype html>"))
        var configuration = WebSocketClient.Configuration()
        configuration.subprotocols = ["demo.alicorn"]
        let echo = try await WebSocketClient.open("ws://127.0.0.1:\(port)/echo", configuration: configuration)
        try await echo.send("hello")
        #expect(try await echo.receive() == "hello")
        let chat = try await WebSocketClient.open("ws://127.0.0.1:\(port)/chat", configuration: configuration)
        try await chat.send(#"{"type":"join","name":"Ada"}"#)
        #expect(try await chat.receive().text.contains(#""type":"welcome""#))
        try await chat.send(#"{"type":"say","text":"Hello"}"#)
        #expect(try await chat.receive().text.contains("Hello"))
        try await chat.send("nonsense")
        let error = await #expect(throws: WebSocketError.self) { try await chat.receive() }
        #expect(error?.closure?.received?.code == .policyViolation)
        try await echo.close()
        demo.terminate()
        #expect(await demo.status() == SIGTERM)
    }

    /// The response that opens.
    private static func response(to request: String) throws -> String {
        let key = request.split(separator: "\r\n").first { $0.lowercased().hasPrefix("sec-websocket-key: ") } ?? ""
        var fields = HeaderFields()
        for (name, value) in [
            ("Host", "a"), ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", String(key.dropFirst("sec-websocket-key: ".count))),
        ] { try fields.append(name: name, value: value) }
        let decision = try ServerHandshake().evaluate(
            RequestHead(method: "GET", target: "/", fields: fields), announcesBody: false)
        guard case .accepted(let acceptance) = decision else { return "" }
        let head = try acceptance.response()
        let lines = (0..<head.fields.count).map { "\(head.fields[$0].name): \(head.fields[$0].value)\r\n" }
        return "HTTP/1.1 101 Switching Protocols\r\n\(lines.joined())\r\n"
    }
}
