// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornWebSocket
import EngineTesting
import Foundation
import Testing

@Suite("alicorn listen", .timeLimit(.minutes(2)))
struct ListenCommandTests {
    @Test("each frame is a line, with whom it is about before it")
    func frames() async throws {
        let server = try await ListeningCommand.start(["--echo", "--greet", "welcome", "--no-deflate"])
        let peer = try await ScriptedPeer.open(port: server.port)
        #expect(try await peer.receiveFrame() == .text("welcome"))
        try await peer.send([ScriptedFrame(.text, Array("hel".utf8), isFinal: false), .ping([1])])
        #expect(try await peer.receiveFrame() == .pong([1]))
        try await peer.send(ScriptedFrame(.continuation, Array("lo".utf8)))
        #expect(try await peer.receiveFrame() == .text("hello"))
        try await peer.send(.close(.normalClosure, reason: "done"))
        peer.finishWriting()
        let first = await server.command.nextLine()
        #expect(first == "127.0.0.1:\(peer.localPort) Connected.")
        for line in [
            "> TEXT 'welcome' [7 bytes]", "< TEXT 'hel' [3 bytes, continued]", "< PING 01 [binary, 1 byte]",
            "> PONG 01 [binary, 1 byte]", "< CONT 'lo' [text, 2 bytes]", "> TEXT 'hello' [5 bytes]",
            "< CLOSE 1000 (OK) done [6 bytes]", "> CLOSE 1000 (OK) done [6 bytes]", "Connection closed: 1000 (OK).",
        ] {
            let next = await server.nextLine()
            #expect(next == line)
        }
        try await server.stop()
    }

    @Test("lines of the input go to all")
    func typed() async throws {
        let server = try await ListeningCommand.start()
        let peers = [try await ScriptedPeer.open(port: server.port), try await ScriptedPeer.open(port: server.port)]
        for _ in peers { #expect(await server.nextLine() == "Connected.") }
        try server.command.write("to all\n")
        for peer in peers { #expect(try await peer.receiveFrame() == .text("to all")) }
        try await server.stop()
    }

    @Test("it closes and cuts when it is told, after so many messages")
    func ends() async throws {
        let closing = try await ListeningCommand.start(["--close", "4001", "--reason", "enough", "--after", "2"])
        let peer = try await ScriptedPeer.open(port: closing.port)
        try await peer.send([.text("1"), .text("2")])
        #expect(try await peer.receiveFrame() == .close(4001, reason: "enough"))
        try await peer.send(.close(4001))
        #expect(try await peer.receiveFrame() == nil)
        try await closing.stop()
        let cutting = try await ListeningCommand.start(["--cut"])
        let cut = try await ScriptedPeer.open(port: cutting.port)
        await #expect(throws: ScriptedPeer.Failure.self) { try await cut.receiveFrame() }
        try await cutting.stop()
    }

    @Test("it answers no ping, and reads nothing, when it is told")
    func silence() async throws {
        let silent = try await ListeningCommand.start(["--no-pong", "--echo"])
        let peer = try await ScriptedPeer.open(port: silent.port)
        try await peer.send([.ping([1]), .text("after it")])
        #expect(try await peer.receiveFrame() == .text("after it"))
        try await peer.send(.close(.normalClosure))
        #expect(try await peer.receiveFrame() == .close(.normalClosure))
        try await silent.stop()
        let stalling = try await ListeningCommand.start(["--stall", "--echo"])
        let stalled = try await ScriptedPeer.open(port: stalling.port)
        #expect(await stalling.nextLine() == "Connected.")
        try await stalled.send([.text("1"), .text("2"), .text("3"), .ping([1])])
        try stalling.command.write("it still sends\n")
        #expect(try await stalled.receiveFrame() == .text("it still sends"))
        stalled.resetWhenReleased()
        try await stalling.stop()
    }

    @Test(
        "with a certificate it speaks TLS, which a client checks",
        .enabled(if: TestAuthority.absence == nil, TestAuthority.absence))
    func secure() async throws {
        let (authority, other) = (try TestAuthority.first(), try TestAuthority.second())
        let files = try authority.issue("IP:127.0.0.1")
        let server = try await ListeningCommand.start(["--echo", "--cert", files.certificate, "--key", files.key])
        #expect(server.address.hasPrefix("wss://127.0.0.1:"))
        let client = try RunningCommand(
            "connect", server.address, "--ca", authority.rootFile, "--timeout", "0.2")
        try client.write("hello\n")
        #expect(await client.nextLine() == "hello")
        try client.closeInput()
        #expect(await client.status() == 0)
        let stranger = try RunningCommand("connect", server.address, "--ca", other.rootFile)
        #expect(await stranger.status() == 1)
        try await stranger.expectOneSentence(containing: "certificate")
        try await server.stop()
    }

    @Test("a certificate that cannot be read is a sentence")
    func noCertificate() async throws {
        let command = try RunningCommand("listen", "--port", "0", "--cert", "/missing.pem")
        #expect(await command.status() == 1)
        try await command.expectOneSentence(containing: "/missing.pem")
    }

    @Test("it refuses handshakes, and takes its time, when it is told")
    func refusing() async throws {
        let server = try await ListeningCommand.start(["--refuse", "503", "--delay", "0.2"])
        let time = await ContinuousClock().measure {
            let refusal = await #expect(throws: ScriptedPeer.Refusal.self) {
                try await ScriptedPeer.open(port: server.port)
            }
            #expect(refusal?.head.hasPrefix("HTTP/1.1 503 ") == true)
        }
        #expect(time >= .seconds(0.2))
        try await server.stop()
    }

    @Test("JSON, for programs")
    func json() async throws {
        let command = try RunningCommand("listen", "--port", "0", "--jsonl")
        let listening = try #require(await command.nextLine())
        #expect(listening.contains(#""event":"listening""#))
        let port = try #require(Int(listening.split(separator: "ws://127.0.0.1:").last?.prefix { $0.isNumber } ?? ""))
        let peer = try await ScriptedPeer.open(port: port)
        try await peer.send([.binary([0, 255]), .close(.goingAway)])
        var lines: [String] = []
        while lines.filter({ $0.contains(#""event":"binary""#) || $0.contains("CLOSE 1001") }).count < 2 {
            lines.append(try #require(await command.nextLine()))
        }
        for parts in [
            [#""event":"open""#, #""peer":"127.0.0.1:\#(peer.localPort)""#], [#""event":"wire""#, "BINARY 00 ff"],
            [#""base64":"AP8=""#, #""event":"binary""#],
        ] { #expect(lines.contains { line in parts.allSatisfy { line.contains($0) } }) }
        command.terminate()
        #expect(await command.status() == 0)
    }

    @Test(
        "options that nothing can be made of are a sentence and 2",
        arguments: [
            ["--close", "1006"], ["--refuse", "200"], ["--delay=-1"], ["--after", "1"], ["--reason", "x"],
            ["--cut", "--close", "1000"],
            ["--key", "x"], ["--max-size=-1"],
        ])
    func wrongOptions(options: [String]) async throws {
        let command = try RunningCommand(["listen", "--port", "0"] + options)
        #expect(await command.status() == 2)
        _ = try await command.complaintLine(containing: "Error: ")
    }

    @Test("a port that is taken is a sentence and 1")
    func taken() async throws {
        let server = try await ListeningCommand.start()
        let second = try RunningCommand("listen", "--port", "\(server.port)")
        #expect(await second.status() == 1)
        try await second.expectOneSentence(containing: "\(server.port)")
        try await server.stop()
    }
}
