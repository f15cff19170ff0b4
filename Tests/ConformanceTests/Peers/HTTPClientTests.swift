// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornWebSocket
import EngineTesting
import Foundation
import Testing

/// Clients that others have written, against the application server as a process.
@Suite("Clients of alicorn hello", .timeLimit(.minutes(2)))
struct HTTPClientTests {
    @Test(
        "httpx speaks HTTP/1.1 with it: kept alive, at once, in chunks both ways",
        .enabled(if: Python.absenceOfHTTPX == nil, Python.absenceOfHTTPX), arguments: ["native", "nio"])
    func httpx(engine: String) async throws {
        let server = try await ServingCommand.start("--engine", engine)
        let outcome = try await PythonProgram.run("http_client.py", ["http://127.0.0.1:\(server.port)"]) {
            await $0.outcome()
        }
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output == "ok\n")
        #expect(await server.stop().end == .exited(0))
    }

    @Test(
        "Python's websockets plays with it: messages of all kinds, pings, compression and close codes",
        .enabled(if: Python.isThere, Python.skipped), arguments: ["native", "nio"])
    func webSockets(engine: String) async throws {
        let scenarios = [
            "text", "binary", "16-mebibytes", "fragmented", "pipelined", "without-deflate", "deflate",
            "deflate-no-context-takeover", "deflate-server-max-window-bits-12", "deflate-any-client-max-window-bits",
            "pings", "close-codes", "close-without-code", "too-big", "origin",
        ]
        let server = try await ServingCommand.start(
            "--engine", engine, "--ws-allowed-origins", "https://example.com")
        let outcome = try await PythonProgram.run("peer_client.py", [server.address] + scenarios) {
            await $0.outcome()
        }
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output == "ok\n")
        let end = await server.stop()
        #expect(end.end == .exited(0))
        #expect(end.output.contains { $0.hasSuffix(#" - "WebSocket /" 403"#) }, "U-WS-24")
    }

    // MARK: - curl

    @Test(
        "curl uploads in chunks, waits for 100, asks for a head, and speaks HTTP/1.0",
        .enabled(if: Curl.isThere, Curl.skipped), arguments: ["native", "nio"])
    func curl(engine: String) async throws {
        let server = try await ServingCommand.start("--engine", engine)
        let address = "http://127.0.0.1:\(server.port)"
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("alicorn-\(UUID().uuidString)")
        try Data(repeating: UInt8(ascii: "x"), count: 1 << 20).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }

        let chunked = try await Curl.run(
            "--header", "Transfer-Encoding: chunked", "--data-binary", "@\(file.path)", "\(address)/echo")
        #expect(chunked.output == String(repeating: "x", count: 1 << 20))
        let asked = try await Curl.run(
            "--header", "Expect: 100-continue", "--expect100-timeout", "60", "--data-binary", "@\(file.path)",
            "--output", "/dev/null", "--write-out", "%{http_code} %{size_download}", "--verbose", "\(address)/echo")
        #expect(asked.output.hasSuffix("200 \(1 << 20)"))
        #expect(asked.errors.contains("< HTTP/1.1 100 Continue"), "U-H-16")
        let head = try await Curl.run("--head", "\(address)/")
        #expect(head.output.hasPrefix("HTTP/1.1 200 OK\r\n") && head.output.contains("content-length: 13\r\n"))
        let old = try await Curl.run("--http1.0", "--data", "hello", "--include", "\(address)/echo")
        #expect(old.output.hasPrefix("HTTP/1.1 200 OK\r\n") && old.output.hasSuffix("\r\n\r\nhello"), "P-23")
        let kept = try await Curl.run(
            "--output", "/dev/null", "--output", "/dev/null", "--write-out", "%{num_connects} ", "\(address)/",
            "\(address)/json")
        #expect(kept.output.hasSuffix("1 0 "), "U-H-34")
        #expect(await server.stop().end == .exited(0))
    }

    @Test("curl goes through a Unix socket", .enabled(if: Curl.isThere, Curl.skipped))
    func unixSocket() async throws {
        let path = NSTemporaryDirectory() + "alicorn-\(UUID().uuidString.prefix(8)).sock"
        let server = try await ServingCommand.start(RunningCommand("hello", "--uds", path))
        let outcome = try await Curl.run("--unix-socket", path, "http://localhost/json")
        #expect(outcome.output == #"{"message":"Hello, World!"}"#)
        let end = await server.stop()
        #expect(end.output == [#"INFO:      - "GET /json HTTP/1.1" 200 OK"#])
    }

    @Test(
        "over TLS, too, for curl and for WebSocket clients, with https in its line (U-LG-09)",
        .enabled(if: Curl.isThere, Curl.skipped), .enabled(if: TestAuthority.absence == nil, TestAuthority.absence))
    func overTLS() async throws {
        let authority = try TestAuthority.first()
        let files = try authority.issue("DNS:localhost,IP:127.0.0.1")
        let server = try await ServingCommand.start(
            "--ssl-certfile", files.certificate, "--ssl-keyfile", files.key)
        #expect(
            server.startUp.last
                == "INFO:     Uvicorn running on https://127.0.0.1:\(server.port) (Press CTRL+C to quit)")
        let outcome = try await Curl.run("--cacert", authority.rootFile, "https://127.0.0.1:\(server.port)/")
        #expect(outcome.output == "Hello, World!")
        try await WebSocketClient.connect(
            to: "wss://localhost:\(server.port)/", configuration: TLSTests.trusting(authority)
        ) { connection in
            try await connection.send("hello")
            #expect(try await connection.receive() == "hello")
        }
        #expect(await server.stop().end == .exited(0))
    }
}

/// curl, where it is.
enum Curl {
    static let isThere = ["/usr/bin/curl", "/usr/local/bin/curl", "/opt/homebrew/bin/curl"]
        .contains { FileManager.default.isExecutableFile(atPath: $0) }

    static let skipped: Comment = "There is no curl, so the tests with it are skipped (Debian: apt-get install curl)."

    /// Runs it to its end, with neither configuration nor proxies of the user's.
    static func run(_ arguments: String...) async throws -> ForeignProgram.Outcome {
        let command = ["curl", "--disable", "--silent", "--show-error", "--noproxy", "*", "--max-time", "60"]
        let outcome = try await ForeignProgram.run(command + arguments) { await $0.outcome() }
        #expect(outcome.status == 0, "\(outcome.errors)")
        return outcome
    }
}
