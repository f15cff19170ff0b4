// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import EngineTesting
import Foundation
import Testing

@testable import AlicornCommand

@Suite("What goes wrong in alicorn bench", .timeLimit(.minutes(2)))
struct BenchErrorsTests {
    /// A run with one connection to a server that does what `body` says.
    private func run(
        _ options: [String] = [], status: Int32 = 3, _ body: (ScriptedPeer) async throws -> Void
    ) async throws -> BenchRun.Figures {
        let listener = try ScriptedListener()
        let command = try RunningCommand(
            ["bench", listener.address, "--connections", "1", "--duration", "1", "--warm-up", "0", "--json"] + options)
        let peer = try await listener.acceptOpening()
        try await body(peer)
        let figures = try await BenchRun(command: command).figures(status: status)
        withExtendedLifetime(peer) {}
        return figures
    }

    @Test(
        "wrong answers are counted",
        arguments: [
            (ScriptedFrame.text(String(repeating: "a", count: 16)), "a message was text where binary was sent"),
            (.binary([1]), "a message had 1 bytes where 16 were sent"),
            (.binary([UInt8](repeating: 0, count: 16)), "a message's bytes were not those that were sent"),
        ])
    func wrongAnswers(answer: ScriptedFrame, sentence: String) async throws {
        let figures = try await run { peer in
            for _ in 0..<5 {
                _ = try await peer.receiveFrame()
                try await peer.send(answer)
            }
            let last = try #require(try await peer.receiveFrame())
            try await peer.send([.ping([1]), ScriptedFrame(last.opcode, last.payload), .close(.goingAway, reason: "x")])
            var answers: [ScriptedFrame] = []
            while let frame = try await peer.receiveFrame() {
                answers.append(frame)
                if frame.opcode == .close { break }
            }
            peer.finishWriting()
            #expect(answers.contains(.pong([1])))
            #expect(answers.last?.closeCode == .goingAway)
        }
        #expect(figures.count(of: sentence) == 5)
        #expect(figures.messagesReceived == 6)
        #expect(figures.count(of: "the server closed the connection with 1001 (going away) x") == 1)
        #expect(figures.errors == 6)
    }

    @Test("a message that nobody asked for")
    func unasked() async throws {
        let figures = try await run(["--rate", "1"]) { peer in
            let message = try #require(try await peer.receiveFrame())
            let answer = ScriptedFrame(message.opcode, message.payload)
            try await peer.send([answer, answer])
            #expect(try await peer.receiveFrame()?.closeCode == .normalClosure)
            try await peer.send(.close(.normalClosure))
            peer.finishWriting()
        }
        #expect(figures.count(of: "a message came that was no answer") == 1)
        #expect(figures.errors == 1)
    }

    @Test("a server that breaks the protocol, or is gone in the middle, is told, and the run ends then")
    func lost() async throws {
        let broken = try await run(["--duration", "600"]) { peer in
            _ = try await peer.receiveFrame()
            try await peer.send([0xFF, 0xFF])
        }
        #expect(broken.count(of: "the server broke the protocol") == 1)
        #expect(broken.messagesUnanswered == 1)
        let ended = try await run(["--duration", "600"]) { peer in
            _ = try await peer.receiveFrame()
            peer.finishWriting()
        }
        #expect(ended.count(of: "without a close frame") == 1)
        #expect(ended.measuredSeconds < 600)
    }

    @Test("a server that never answers is waited for a moment, and not for ever")
    func silent() async throws {
        let figures = try await run { peer in
            _ = try await peer.receiveFrame()
            #expect(try await peer.receiveFrame()?.opcode == .close)
        }
        #expect(figures.count(of: "a message was not answered by the end") == 1)
        #expect(figures.count(of: "the server did not answer the close") == 1)
        #expect(figures.measured == 0)
        #expect(figures.latencyMicroseconds == nil)
    }

    @Test("more than the server answers is told as not sent")
    func tooFast() async throws {
        let figures = try await run(["--rate", "1000000", "--duration", "0.01"]) { peer in
            let message = try #require(try await peer.receiveFrame())
            #expect(try await peer.receiveFrame()?.opcode == .close)
            try await peer.send([ScriptedFrame(message.opcode, message.payload), .close(.normalClosure)])
            peer.finishWriting()
        }
        #expect(figures.messagesUnsent > 1000)
    }

    @Test("refused connections and handshakes are sentences, and 1", arguments: [[], ["--mode", "handshake"]])
    func refused(options: [String]) async throws {
        let port = try ScriptedListener().port
        let command = try RunningCommand(["bench", "ws://127.0.0.1:\(port)/", "--connections", "3"] + options)
        #expect(await command.status() == 1)
        try await command.expectOneSentence(containing: "Connection refused (3 times)")
        #expect(await command.nextLine() == nil)
        let server = try await ListeningCommand.start(["--refuse", "503"])
        let turnedAway = try RunningCommand(["bench", server.address, "--connections", "2"] + options)
        #expect(await turnedAway.status() == 1)
        try await turnedAway.expectOneSentence(containing: "503")
        try await server.stop()
    }

    @Test("a server that accepts and says nothing is given up after --open-timeout")
    func neverOpens() async throws {
        let listener = try ScriptedListener()
        let command = try RunningCommand(
            "bench", listener.address, "--connections", "2", "--open-timeout", "0.2", "--json")
        let figures = try await BenchRun(command: command).figures(status: 1)
        #expect(figures.connectionsOpened == 0)
        #expect(figures.errors == 2)
        withExtendedLifetime(listener) {}
    }

    @Test("a name that nobody knows")
    func unknownHost() async throws {
        let command = try RunningCommand("bench", "ws://unknown.invalid/", "--no-proxy")
        #expect(await command.status() == 1)
        _ = try await command.complaintLine(containing: "unknown.invalid")
    }

    @Test("who does not compress although it was asked for, is told")
    func uncompressed() async throws {
        let server = try RunningCommand("echo", "--port", "0", "--no-deflate")
        let address = try #require(await server.nextLine()?.split(separator: " ").last)
        let figures = try await BenchRun.start(String(address), "--connections", "2", "--deflate").figures(status: 3)
        #expect(figures.count(of: "did not agree to permessage-deflate") == 2)
        #expect(figures.measured > 0)
        server.terminate()
        _ = await server.status()
    }
}
