// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if os(Linux)
import AlicornProtocol
import AlicornTesting
import EngineTesting
import Foundation
import Testing

/// What a server holds for peers that want it to hold much, measured from outside: a process of its own.
@Suite(
    "The memory of a server whose peers misbehave", .serialized, .timeLimit(.minutes(2)),
    .disabled(if: RunningCommand.isSanitized, "a sanitizer takes memory of its own"))
struct MemoryBoundsTests {
    private static let engines = ["native", "nio"]
    private static let mebibyte = 1 << 20
    /// How much a socket holds for a peer that does not read.
    private static let little = 4096
    /// What pools and allocator may add to what is configured: buffers in powers of two, and pieces that are not given back.
    private static let slack = 24 * mebibyte

    @Test("of an echo that nobody reads it holds the queue for one peer, then waits for it", arguments: engines)
    func neverReads(engine: String) async throws {
        try await measure(engine) { server in
            let peers = try await Self.open(8, on: server, patience: .milliseconds(500))
            let message = ScriptedFrame.binary([UInt8](repeating: 7, count: 256 << 10)).bytes(from: .client)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for peer in peers { group.addTask { try await Self.sendUntilBlocked(message, by: peer) } }
                try await group.waitForAll()
            }
            // A queue of 1 MiB, a message that is being sent and one that is being received, for each.
            return (peers.count * 3 * Self.mebibyte, peers)
        }
    }

    @Test("of a broadcast that nobody reads it holds no more than a connection may have unsent", arguments: engines)
    func neverDrains(engine: String) async throws {
        try await measure(engine) { server in
            let deaf = try await ScriptedPeer.open(port: server.port, target: "/broadcast", receiveBuffer: Self.little)
            let speaker = try await ScriptedPeer.open(port: server.port, target: "/broadcast")
            let message = ScriptedFrame.binary([UInt8](repeating: 7, count: Self.mebibyte))
            for _ in 0..<160 {
                try await speaker.send(message)
                _ = try await speaker.receiveFrame()
            }
            return (64 * Self.mebibyte, [deaf, speaker])
        }
    }

    @Test("of a broadcast that many do not read it holds one copy for all of them", arguments: engines)
    func neverDrainedByMany(engine: String) async throws {
        try await measure(engine) { server in
            let deaf = try await Self.open(32, on: server, target: "/broadcast")
            let speaker = try await ScriptedPeer.open(port: server.port, target: "/broadcast")
            let message = ScriptedFrame.binary([UInt8](repeating: 7, count: Self.mebibyte))
            for _ in 0..<8 {
                try await speaker.send(message)
                _ = try await speaker.receiveFrame()
            }
            return (8 * Self.mebibyte, deaf + [speaker])
        }
    }

    @Test("of 64 MB of pings by peers that read nothing it holds one answer", arguments: engines)
    func pingFlood(engine: String) async throws {
        try await measure(engine) { server in
            let peers = try await Self.open(2, on: server)
            let ping = ScriptedFrame.ping([UInt8](repeating: 1, count: 125)).bytes(from: .client)
            let pings = [UInt8]((0..<1000).map { _ in ping }.joined())
            for peer in peers { for _ in 0..<250 { try await peer.send(pings) } }
            return (0, peers)
        }
    }

    /// Lets peers do something to a server of its own, and compares the most that it has ever held with what it may.
    ///
    /// - Parameter attack: returns how much the configuration allows for that, and the peers, which live until then.
    private func measure(
        _ engine: String, _ attack: (EchoServer) async throws -> (allowed: Int, [ScriptedPeer])
    ) async throws {
        let server = try await EchoServer.start(["--engine", engine, "--threads", "1", "--no-deflate"])
        defer { server.command.terminate() }
        // What is made once is there after the first connection.
        _ = try await Self.open(1, on: server)
        let before = try Self.peakMemory(of: server)
        let (allowed, peers) = try await attack(server)
        let grown = try Self.peakMemory(of: server) - before
        #expect(
            grown <= allowed + Self.slack, "it grew by \(grown >> 20) MiB where \(allowed >> 20) MiB are configured")
        withExtendedLifetime(peers) {}
    }

    /// Sends until the server reads no more.
    private static func sendUntilBlocked(_ message: [UInt8], by peer: ScriptedPeer) async throws {
        let failure = await #expect(throws: ScriptedPeer.Failure.self) {
            for _ in 0..<256 { try await peer.send(message) }
        }
        #expect(failure?.isTimeout == true)
    }

    private static func open(
        _ count: Int, on server: EchoServer, target: String = "/", patience: Duration = .seconds(10)
    ) async throws -> [ScriptedPeer] {
        var peers: [ScriptedPeer] = []
        for _ in 0..<count {
            peers.append(
                try await ScriptedPeer.open(
                    port: server.port, target: target, receiveBuffer: little, patience: patience))
        }
        return peers
    }

    /// The most memory that the process has ever had resident, in bytes (proc(5), VmHWM).
    private static func peakMemory(of server: EchoServer) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(server.command.identifier)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        return (Int(line.split(separator: " ").dropLast().last ?? "") ?? 0) << 10
    }
}
#endif
