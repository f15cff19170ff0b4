// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import EngineTesting
import Foundation
import Testing

@testable import AlicornCommand

@Suite("alicorn bench", .timeLimit(.minutes(2)))
struct BenchCommandTests {
    /// An `alicorn echo`, for as long as `body` runs.
    private func withEcho(_ options: [String] = ["--port", "0"], _ body: (String) async throws -> Void) async throws {
        let server = try RunningCommand(["echo"] + options)
        let line = try #require(await server.nextLine())
        try await body(String(line.split(separator: " ").last ?? ""))
        server.terminate()
        #expect(await server.status() == 0)
    }

    @Test(
        "every message comes back once, and is told in figures",
        arguments: [
            [], ["--pipeline", "16", "--payload", "text"], ["--threads", "2"], ["--size", "0"],
            ["--size", "100000", "--pipeline", "3"], ["--connections", "1"],
        ])
    func echo(options: [String]) async throws {
        try await withEcho { address in
            let command = try RunningCommand(
                ["bench", address, "--connections", "5", "--duration", "0.3", "--warm-up", "0.1", "--json"] + options)
            let figures = try await BenchRun(command: command).figures()
            #expect(figures.errors == 0)
            #expect(figures.connectionsOpened == (options.contains("1") ? 1 : 5))
            #expect(figures.measured > 0)
            #expect(figures.messagesReceived == figures.messagesSent)
            #expect(figures.measured <= figures.messagesReceived)
            #expect(abs(figures.measuredPerSecond * figures.measuredSeconds - Double(figures.measured)) < 1)
            let latency = try #require(figures.latencyMicroseconds)
            #expect(latency.p50 <= latency.p90 && latency.p90 <= latency.p99 && latency.p99 <= latency.p999)
            #expect(latency.p999 <= latency.max * 1.001 && latency.mean <= latency.max)
            #expect(figures.generatorCpuSeconds > 0)
        }
    }

    @Test("both sides count the same, and the closing handshake is one with 1000")
    func bothSides() async throws {
        let listener = try ScriptedListener()
        let run = try BenchRun.start(listener.address, "--connections", "1", "--pipeline", "3")
        let peer = try await listener.acceptOpening()
        let (count, end) = try await echo(on: peer)
        #expect(end == .normalClosure)
        try await peer.send(.close(.normalClosure))
        peer.finishWriting()
        let figures = try await run.figures()
        #expect(figures.messagesSent == count)
        #expect(figures.messagesReceived == count)
        withExtendedLifetime(peer) {}
    }

    /// Sends messages back until the other side closes.
    ///
    /// - Parameter before: called before each answer, with its number.
    private func echo(
        on peer: ScriptedPeer, before: (Int) async throws -> Void = { _ in }
    ) async throws -> (count: Int, end: CloseCode?) {
        var count = 0
        while let frame = try await peer.receiveFrame() {
            if frame.opcode == .close { return (count, frame.closeCode) }
            try await before(count)
            count += 1
            try await peer.send(ScriptedFrame(frame.opcode, frame.payload))
        }
        return (count, nil)
    }

    @Test("with a rate latency counts from when a message was due: a server that stalls cannot hide it")
    func coordinatedOmission() async throws {
        let listener = try ScriptedListener()
        let run = try BenchRun.start(listener.address, "--connections", "1", "--rate", "100", seconds: "1.5")
        let peer = try await listener.acceptOpening()
        // The stall is what this is about.
        let (count, _) = try await echo(on: peer) { if $0 == 20 { try await Task.sleep(for: .seconds(0.5)) } }
        try await peer.send(.close(.normalClosure))
        peer.finishWriting()
        let figures = try await run.figures()
        #expect(count == 150)
        #expect(figures.messagesSent == 150)
        #expect(figures.measured == 150)
        let latency = try #require(figures.latencyMicroseconds)
        #expect(latency.max >= 500_000)
        // The 50 messages that were due while the server stalled had to wait, too, each a bit less.
        #expect(latency.p90 >= 300_000)
        withExtendedLifetime(peer) {}
    }

    @Test("a broadcast comes to all", arguments: [[], ["--threads", "2", "--pipeline", "4"], ["--rate", "200"]])
    func broadcast(options: [String]) async throws {
        try await withEcho { address in
            let command = try RunningCommand(
                [
                    "bench", "\(address)/broadcast", "--mode", "broadcast", "--connections", "7", "--duration", "0.3",
                    "--warm-up", "0", "--json",
                ] + options)
            let figures = try await BenchRun(command: command).figures()
            #expect(figures.connectionsOpened == 8)
            #expect(figures.messagesSent > 0)
            #expect(figures.messagesReceived == 7 * figures.messagesSent)
            #expect(figures.measured == figures.messagesReceived)
            if options.contains("--rate") { #expect(figures.messagesSent == 60) }
        }
    }

    @Test("handshakes, one after the other on each of the places")
    func handshakes() async throws {
        try await withEcho { address in
            let figures = try await BenchRun.start(address, "--mode", "handshake", "--connections", "3").figures()
            #expect(figures.measured > 3)
            #expect(figures.measured == figures.connectionsOpened)
            #expect(figures.messagesSent == 0)
            #expect(figures.latencyMicroseconds != nil)
        }
    }

    @Test("a Unix socket, and compressed messages")
    func unixSocket() async throws {
        let path = "/tmp/alicorn-\(UUID().uuidString.prefix(8))"
        try await withEcho(["--uds", path]) { _ in
            let plain = try await BenchRun.start("ws://localhost/", "--uds", path).figures()
            #expect(plain.measured > 0)
            let compressed = try await BenchRun.start(
                "ws://localhost/", "--uds", path, "--deflate", "--size", "2000"
            ).figures()
            #expect(compressed.measured > 0)
            #expect(compressed.isCompressed)
            #expect(compressed.messagesReceived == compressed.messagesSent)
        }
    }

    @Test("the table for people has the figures, and bars")
    func table() async throws {
        try await withEcho { address in
            let command = try RunningCommand(["bench", address, "--duration", "0.2", "--warm-up", "0"])
            var lines: [String] = []
            while let line = await command.nextLine() { lines.append(line) }
            #expect(await command.status() == 0)
            #expect(lines.first == "echo with 32 connections to \(address), 16 bytes of binary, 1 in flight on each")
            for word in ["messages", "rate", "latency", "p99.9", "own CPU", "errors        0", "opened, in", "█"] {
                #expect(lines.contains { $0.contains(word) }, "\(lines)")
            }
            // No terminal, no line that is rewritten, no colours.
            #expect(!lines.joined().contains("\u{1B}"))
            #expect(await command.nextErrorLine() == nil)
        }
    }

    @Test("Ctrl-C ends the run in order, and prints what was measured")
    func interrupted() async throws {
        let listener = try ScriptedListener()
        let run = try BenchRun.start(listener.address, "--connections", "1", seconds: "600")
        let peer = try await listener.acceptOpening()
        let (count, end) = try await echo(on: peer) { if $0 == 10 { run.command.interrupt() } }
        #expect(end == .normalClosure)
        try await peer.send(.close(.normalClosure))
        peer.finishWriting()
        let figures = try await run.figures(status: 130)
        #expect(figures.isInterrupted)
        #expect(figures.messagesReceived == count)
        #expect(figures.measured > 0 && figures.measuredSeconds < 600)
        withExtendedLifetime(peer) {}
    }

    @Test("Ctrl-C ends it in the warm-up, too")
    func interruptedInWarmUp() async throws {
        let listener = try ScriptedListener()
        let command = try RunningCommand("bench", listener.address, "--connections", "1", "--warm-up", "600", "--json")
        let peer = try await listener.acceptOpening()
        let (_, end) = try await echo(on: peer) { if $0 == 10 { command.interrupt() } }
        #expect(end == .normalClosure)
        try await peer.send(.close(.normalClosure))
        peer.finishWriting()
        let figures = try await BenchRun(command: command).figures(status: 130)
        #expect(figures.isInterrupted && figures.measured == 0)
        withExtendedLifetime(peer) {}
    }

    @Test("a second Ctrl-C ends it at once")
    func interruptedTwice() async throws {
        let listener = try ScriptedListener()
        let run = try BenchRun.start(listener.address, "--connections", "1", seconds: "600")
        let peer = try await listener.acceptOpening()
        _ = try await peer.receiveFrame()
        run.command.interrupt()
        // It has let the message go unanswered when it closes; nobody answers that, either.
        #expect(try await peer.receiveFrame()?.opcode == .close)
        run.command.interrupt()
        #expect(await run.command.status() == 130)
        #expect(await run.command.nextLine() == nil)
        withExtendedLifetime(peer) {}
    }

    @Test(
        "options that nothing can be made of are a sentence and 2",
        arguments: [
            (["--connections", "0"], "--connections"), (["--size=-1"], "--size"), (["--pipeline", "0"], "--pipeline"),
            (["--threads", "33"], "--threads"), (["--duration", "0"], "--duration"),
            (["--duration", "nan"], "--duration"),
            (["--warm-up=-1"], "--warm-up"), (["--rate", "0"], "--rate"), (["--mode", "x"], "--mode"),
            (["--mode", "handshake", "--rate", "1"], "--rate"), (["--mode", "broadcast", "--deflate"], "--deflate"),
            (["--mode", "broadcast", "--size", "15"], "--size"), (["--deflate", "--no-deflate"], "--no-deflate"),
            (["--subprotocol", "a b"], "a b"), (["--payload", "x"], "--payload"),
        ])
    func wrongOptions(options: [String], part: String) async throws {
        let command = try RunningCommand(["bench", "ws://127.0.0.1/"] + options)
        #expect(await command.status() == 2)
        let line = try await command.complaintLine(containing: part)
        #expect(line.hasPrefix("Error: "))
    }

    @Test("a wrong address is a sentence and 2")
    func wrongAddress() async throws {
        let command = try RunningCommand("bench", "http//x")
        #expect(await command.status() == 2)
        _ = try await command.complaintLine(containing: "Error: ")
    }
}
