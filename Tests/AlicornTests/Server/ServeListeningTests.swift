// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import AlicornTransport
import AlicornWebSocket
import EngineTesting
import Foundation
import Testing

@Suite("Where alicorn APP listens, as a process", .timeLimit(.minutes(1)))
struct ServeListeningTests {
    @Test(
        "a Unix socket has its permissions, and its file is removed at the end (U-LG-09)",
        arguments: [([], 0o666), (["--uds-permissions", "0o600"], 0o600)])
    func unixSocket(options: [String], permissions: Int) async throws {
        let path = NSTemporaryDirectory() + "alicorn-\(UUID().uuidString.prefix(8)).sock"
        let server = try await ServingCommand.start(RunningCommand(["hello", "--uds", path] + options))
        #expect(server.startUp.last == "INFO:     Uvicorn running on unix socket \(path) (Press CTRL+C to quit)")
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == permissions)
        var configuration = WebSocketClient.Configuration()
        configuration.endpoint = .unix(path: path)
        try await WebSocketClient.connect(to: "ws://localhost/", configuration: configuration) { connection in
            try await connection.send("hello")
            #expect(try await connection.receive() == "hello")
        }
        let outcome = await server.stop()
        #expect(outcome.end == .exited(0))
        #expect(outcome.output.first == #"INFO:      - "WebSocket /" [accepted]"#, "U-LG-04: it has no address")
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("an inherited socket is served, by its number or as systemd passes it on (P-33)", arguments: [false, true])
    func inherited(bySystemd: Bool) async throws {
        let socket = try ListeningSocket(.tcp(host: "127.0.0.1", port: 0), backlog: 16)
        let port = try #require(socket.endpoint.port)
        let input = FileHandle(fileDescriptor: socket.descriptor)
        let command =
            bySystemd
            ? try RunningCommand(
                after: "export LISTEN_FDS=1 LISTEN_PID=$$; exec 3<&0 0</dev/null", ["hello"], input: input)
            : try RunningCommand(["hello", "--fd", "0"], input: input)
        let server = try await ServingCommand.start(command)
        #expect(server.port == port)
        #expect(try await RawAnswer.to(RawAnswer.get(), port: port).status == 200)
        #expect(await server.stop().end == .exited(0))
    }

    #if os(Linux)
    @Test(
        "as many connections wait to be accepted as was told, in each kind of process and engine (U-C-40)",
        arguments: [["--engine", "native"], ["--engine", "nio"], ["--workers", "2"]])
    func backlog(options: [String]) async throws {
        let socket = try ListeningSocket(.tcp(host: "127.0.0.1", port: 0), backlog: 16)
        let input = FileHandle(fileDescriptor: socket.descriptor)
        let server = try await ServingCommand.start(
            RunningCommand(["hello", "--fd", "0", "--backlog", "7"] + options, input: input))
        // Served by now, so that whoever listens has begun to.
        #expect(try await RawAnswer.to(RawAnswer.get(), port: try #require(socket.endpoint.port)).status == 200)
        #expect(backlogOfKernel(socket.descriptor) == 7)
        _ = await server.stop()
    }
    #endif

    @Test("several addresses are listened on at once (P-33)")
    func several() async throws {
        let path = NSTemporaryDirectory() + "alicorn-\(UUID().uuidString.prefix(8)).sock"
        let server = try await ServingCommand.start(
            RunningCommand(["hello", "--bind", "127.0.0.1:0", "--bind", "unix:\(path)"]))
        #expect(
            await server.command.nextErrorLine()
                == "INFO:     Uvicorn running on unix socket \(path) (Press CTRL+C to quit)")
        #expect(try await RawAnswer.to(RawAnswer.get(), port: server.port).status == 200)
        #expect(FileManager.default.fileExists(atPath: path))
        #expect(await server.stop().end == .exited(0))
        #expect(!FileManager.default.fileExists(atPath: path))
    }
}
