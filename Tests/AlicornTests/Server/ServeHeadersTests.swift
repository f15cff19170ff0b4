// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import EngineTesting
import Testing

/// What options, variables and the configuration file do to responses and requests, seen from outside.
@Suite("Headers and paths of alicorn APP, as a process", .timeLimit(.minutes(1)))
struct ServeHeadersTests {
    private static let foreignPage = ScriptedPeer.openingRequest(fields: ["Origin: https://b.example"])
    private static let page = ScriptedPeer.openingRequest(fields: ["Origin: https://a.example"])

    @Test("all answers have the same headers, with date and server or without (U-DH-03, U-DH-05, U-DH-06, P-06, P-21)")
    func headers() async throws {
        let server = try await ServingCommand.start(
            "--no-server-header", "--no-date-header", "--header", "X-One: 1", "--header", "x-one:2",
            "--ws-allowed-origins", "https://a.example")
        for (request, status) in [
            (RawAnswer.get(), 200), ("BAD\r\n\r\n", 400), (Self.page, 101), (Self.foreignPage, 403),
        ] {
            let answer = try await RawAnswer.to(request, port: server.port)
            #expect(answer.status == status)
            #expect(answer.lines.dropFirst().prefix(2) == ["x-one: 1", "x-one: 2"], "P-25")
            let names = answer.lines.dropFirst().map { $0.prefix { $0 != ":" }.lowercased() }
            #expect(!names.contains("date") && !names.contains("server"), "\(names)")
        }
        #expect(await server.stop().end == .exited(0))
    }

    @Test("by default they have the date and the server, in this order (U-H-26), and --header takes the server's place")
    func defaults() async throws {
        let server = try await ServingCommand.start(
            "--header", "Server: mine", "--ws-allowed-origins", "https://a.example")
        for (request, status) in [
            (RawAnswer.get(), 200), ("BAD\r\n\r\n", 400), (Self.page, 101), (Self.foreignPage, 403),
        ] {
            let answer = try await RawAnswer.to(request, port: server.port)
            #expect(answer.status == status)
            #expect(answer.lines.dropFirst().first?.hasPrefix("date: ") == true, "\(answer.lines)")
            #expect(answer.lines.filter { $0.lowercased().hasPrefix("server:") } == ["server: mine"])
        }
        #expect(await server.stop().end == .exited(0))
    }

    @Test("a root path stands in front of the path (U-H-04), and untrusted proxies are not believed (U-PX-01)")
    func rootPath() async throws {
        let server = try await ServingCommand.start("--root-path", "/api", "--forwarded-allow-ips", "192.0.2.0/24")
        let peer = try await ScriptedPeer.connect(port: server.port)
        #expect(
            try await RawAnswer.on(peer, to: RawAnswer.get("/json?a", "X-Forwarded-For: 198.51.100.7")).status == 404)
        let outcome = await server.stop()
        #expect(
            outcome.output == [#"INFO:     127.0.0.1:\#(peer.localPort) - "GET /api/json?a HTTP/1.1" 404 Not Found"#])
    }

    @Test("a proxy on this machine is believed (U-PX-05), unless proxies' headers are off")
    func proxies() async throws {
        for (option, client) in [("--proxy-headers", "198.51.100.7:0"), ("--no-proxy-headers", nil)] {
            let server = try await ServingCommand.start(option)
            let peer = try await ScriptedPeer.connect(port: server.port)
            let request = RawAnswer.get("/", "X-Forwarded-For: 203.0.113.9, 198.51.100.7, 127.0.0.1")
            #expect(try await RawAnswer.on(peer, to: request).status == 200)
            let outcome = await server.stop()
            let told = client ?? "127.0.0.1:\(peer.localPort)"
            #expect(outcome.output == [#"INFO:     \#(told) - "GET / HTTP/1.1" 200 OK"#])
        }
    }

    @Test("the command line goes before ALICORN_, that before UVICORN_, and that before the file (P-01)")
    func precedence() async throws {
        let file = try TemporaryFile(
            """
            root-path: /file
            date-header: false
            header: ["X-File: 1"]
            """, format: "yaml")
        let server = try await ServingCommand.start(
            RunningCommand(
                ["hello", "--port", "0", "--config", file.path],
                environment: [
                    "UVICORN_ROOT_PATH": "/uvicorn", "UVICORN_SERVER_HEADER": "false", "ALICORN_ROOT_PATH": "/alicorn",
                    "ALICORN_PORT": "1",
                ]))
        let answer = try await RawAnswer.to(RawAnswer.get(), port: server.port)
        let names = answer.lines.dropFirst().map { $0.prefix { $0 != ":" } }
        #expect(names == ["x-file", "content-type", "content-length"])
        let outcome = await server.stop()
        #expect(outcome.output.first?.hasSuffix(#" - "GET /alicorn/ HTTP/1.1" 404 Not Found"#) == true)
    }
}
