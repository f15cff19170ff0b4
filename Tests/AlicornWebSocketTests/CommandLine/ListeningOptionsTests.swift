// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import AlicornWebSocket
import EngineTesting
import Foundation
import Testing

@Suite("Where echo listens, and on what engine", .timeLimit(.minutes(2)))
struct ListeningOptionsTests {
    /// A folder that is removed at the end, with a name that is short enough for sockets in it.
    private final class Folder: Sendable {
        let path = "/tmp/alicorn-\(UUID().uuidString.prefix(8))"
        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false) }
        deinit { try? FileManager.default.removeItem(atPath: path) }
        func file(_ name: String) -> String { path + "/" + name }
        var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }
    }

    /// Starts a command that must end by itself, with one sentence.
    private func expectRefusal(
        _ arguments: String..., after preparation: String = ":", containing word: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let command = try RunningCommand(after: preparation, ["echo"] + arguments)
        #expect(await command.status() == 1, sourceLocation: sourceLocation)
        try await command.expectOneSentence(containing: word, sourceLocation: sourceLocation)
    }

    private static let engines = ["nio", "native"]

    // MARK: - Unix sockets

    @Test("a Unix socket is listened on, and its file is gone at the end", arguments: engines)
    func unix(engine: String) async throws {
        let folder = try Folder()
        let server = try RunningCommand("echo", "--engine", engine, "--uds", folder.file("a"))
        #expect(await server.nextLine() == "listening on unix:\(folder.file("a"))")
        #expect(folder.names == ["a"])
        server.terminate()
        #expect(await server.status() == 0)
        #expect(folder.names.isEmpty)
    }

    @Test("a path that cannot be bound is one sentence that names it", arguments: engines)
    func badPaths(engine: String) async throws {
        let folder = try Folder()
        _ = FileManager.default.createFile(atPath: folder.file("file"), contents: nil)
        try await expectRefusal(
            "--engine", engine, "--uds", folder.file("missing/a"),
            containing: "\(folder.file("missing/a")): No such file")
        try await expectRefusal(
            "--engine", engine, "--uds", folder.file("file"), containing: "\(folder.file("file")): there is a file")
        try await expectRefusal("--engine", engine, "--uds", folder.path, containing: "no socket")
        try await expectRefusal("--engine", engine, "--uds", "", containing: "1 to 107 bytes, not 0")
        try await expectRefusal(
            "--engine", engine, "--uds", "/tmp/" + String(repeating: "a", count: 200), containing: "not 205")
        #expect(folder.names == ["file"])
    }

    @Test("the socket of a server that was killed is taken over, that of one which listens is not", arguments: engines)
    func staleSocket(engine: String) async throws {
        let folder = try Folder()
        let arguments = ["echo", "--engine", engine, "--uds", folder.file("a")]
        let killed = try RunningCommand(arguments)
        _ = await killed.nextLine()
        kill(killed.identifier, SIGKILL)
        _ = await killed.status()
        #expect(folder.names == ["a"])
        let second = try RunningCommand(arguments)
        #expect(await second.nextLine() == "listening on unix:\(folder.file("a"))")
        try await expectRefusal(
            "--engine", engine, "--uds", folder.file("a"),
            containing: "\(folder.file("a")): another server is listening")
        #expect(folder.names == ["a"])
        second.terminate()
        #expect(await second.status() == 0)
    }

    // MARK: - Inherited descriptors

    @Test("a descriptor that cannot be listened on is one sentence that says why", arguments: engines)
    func badDescriptors(engine: String) async throws {
        try await expectRefusal("--engine", engine, "--fd", "63", containing: "63: no such descriptor is open")
        try await expectRefusal("--engine", engine, "--fd=-1", containing: "no such descriptor is open")
        try await expectRefusal("--engine", engine, "--fd", "0", containing: "it is not a stream socket")
        try await expectRefusal(
            "--engine", engine, "--fd", "9", after: "exec 9</dev/null", containing: "9: it is not a stream socket")
    }

    // MARK: - Engines

    @Test("each engine serves, and the default one, too", arguments: ["auto", "nio", "native"])
    func engine(name: String) async throws {
        let server = try await EchoServer.start(["--engine", name])
        let connection = try await WebSocketClient.open(server.address)
        try await connection.send("hello")
        #expect(try await connection.receive() == "hello")
        try await connection.close()
        server.command.terminate()
        #expect(await server.command.status() == 0)
    }

    @Test("an engine that nobody knows is refused, with those that there are")
    func unknownEngine() async throws {
        let command = try RunningCommand("echo", "--engine", "nonsense")
        #expect(await command.status() == 2)
        while !command.complaint.contains("native") { await Task.yield() }
        #expect(command.complaint.contains("nonsense"))
    }

    @Test("two places to listen are refused")
    func twoPlaces() async throws {
        let command = try RunningCommand("echo", "--uds", "/tmp/a", "--fd", "3")
        #expect(await command.status() == 2)
        while !command.complaint.contains("exclude") { await Task.yield() }
    }

    #if os(Linux)
    @Test("loops for which there are no descriptors are one sentence, and the socket's file is gone")
    func noDescriptors() async throws {
        let folder = try Folder()
        try await expectRefusal(
            "--engine", "native", "--uds", folder.file("a"), "--threads", "40", after: "ulimit -n 40",
            containing: "cannot start its event loops: Too many open files")
        #expect(folder.names.isEmpty)
    }
    #endif
}
