// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import AlicornWebSocket
import EngineTesting
import Foundation
import Testing

@testable import AlicornCommand

/// What goes wrong before HTTP.
@Suite("alicorn doctor: network", .timeLimit(.minutes(2)))
struct NetworkFaultTests {
    @Test(
        "what is no address is said to be none",
        arguments: [
            "example.com", "http://example.com/", "ws://", "ws://a b/", "ws://example.com:99999/",
            "wss://exa\u{1B}mple/",
        ])
    func address(_ address: String) async throws {
        let diagnosed = try await Diagnosed.examining(address)
        diagnosed.expect(.invalidAddress, at: .address, "ws://host:port/path")
    }

    @Test("options that cannot be sent are named")
    func options() async throws {
        let diagnosed = try await Diagnosed.examining("ws://127.0.0.1:1/") { $0.subprotocols = ["a b"] }
        diagnosed.expect(.unusableOptions, at: .address, "a b")
    }

    @Test("an unknown host is named")
    func unknownHost() async throws {
        let diagnosed = try await Diagnosed.examining("ws://nowhere.invalid/")
        diagnosed.expect(.unknownHost, at: .lookup, "nowhere.invalid")
    }

    @Test("a port that nobody listens on is told from one that does not answer")
    func refused() async throws {
        let port = try ScriptedListener().port
        let diagnosed = try await Diagnosed.examining("ws://127.0.0.1:\(port)/")
        diagnosed.expect(.connectionRefused, at: .socket, "nothing listens at 127.0.0.1:\(port)")
    }

    @Test("a network without a way there is told from one where nobody listens")
    func unreachable() async throws {
        // TCP is for one host (RFC 9293 §3.9.2.3): there is no way to all of them.
        let diagnosed = try await Diagnosed.examining("ws://255.255.255.255/")
        diagnosed.expect(.unreachable, at: .socket, "no way to 255.255.255.255:80")
    }

    @Test("a server that is too busy to accept does not answer TCP")
    func fullBacklog() async throws {
        try await FullBacklog.running { port in
            let diagnosed = try await Diagnosed.examining("ws://127.0.0.1:\(port)/") {
                $0.connection.openTimeout = .milliseconds(300)
            }
            diagnosed.expect(.noAnswerToTCP, at: .socket, "does not answer at all")
        }
    }

    @Test("a missing Unix socket is named, and one without a server is refused")
    func unixSocket() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("alicorn-\(UUID().uuidString)").path
        let diagnosed = try await Diagnosed.examining("ws://localhost/") { $0.endpoint = .unix(path: path) }
        diagnosed.expect(.noSocketFile, at: .socket, path)
        #expect(diagnosed.step(.lookup)?.outcome == .skipped)
        let tooLong = try await Diagnosed.examining("ws://localhost/") {
            $0.endpoint = .unix(path: "/" + String(repeating: "a", count: 200))
        }
        tooLong.expect(.notConnected, at: .socket, "does not come about")
    }

    // MARK: - Proxies

    @Test("a proxy that is not there is named, and so is who named it")
    func proxyUnreachable() async throws {
        let port = try ScriptedListener().port
        let diagnosed = try await Diagnosed.examining("ws://example.com/") {
            $0.proxy = .proxy(try ProxyAddress("http://127.0.0.1:\(port)"))
        }
        diagnosed.expect(.proxyUnreachable, at: .socket, "which is given with --proxy")
    }

    @Test("a proxy that wants credentials is told from one that refuses")
    func proxyRefusals() async throws {
        for (answer, id, words) in [
            ("407 Proxy Authentication Required", Fault.ID.proxyCredentials, "user:password@proxy"),
            ("403 Forbidden", .proxyRefused, "port 443 alone"),
        ] {
            try await ScriptedServer.answering("HTTP/1.1 \(answer)\r\nContent-Length: 0\r\n\r\n") { port in
                let diagnosed = try await Diagnosed.examining("ws://example.com/") {
                    $0.proxy = .proxy(try ProxyAddress("http://127.0.0.1:\(port)"))
                }
                diagnosed.expect(id, at: .proxy, words)
                #expect(diagnosed.step(.socket)?.outcome == .passed)
            }
        }
    }

    // MARK: - No HTTP

    @Test(
        "who does not speak HTTP/1.1 is named by the first bytes",
        arguments: [
            ("SSH-2.0-OpenSSH_9.2\r\n", Fault.ID.notHTTP, "SSH"),
            ("220 mail.example ESMTP\r\n", .notHTTP, "SMTP or FTP"),
            ("-ERR unknown command\r\n", .notHTTP, "Redis"), ("\u{1}\u{2}\u{3}\u{4}garbage\n\n", .notHTTP, "garbage"),
            ("\u{0}\u{0}\u{0}\u{4}\u{0}\u{0}\u{0}\u{0}\u{0}", .http2Only, "ALPN"),
            ("\u{15}\u{3}\u{1}\u{0}\u{2}\u{2}\u{A}", .tlsPort, "Use wss://"),
            ("HTTP/1.0 404 Not Found\r\n\r\n", .http10, "HTTP/1.0 404 Not Found"),
            ("HTTP/1.1 200 OK\r\nBad Name: 1\r\n\r\n", .malformedAnswer, "by hand"),
        ] as [(String, Fault.ID, String)])
    func notHTTP(_ sent: String, _ id: Fault.ID, _ words: String) async throws {
        try await ScriptedServer.answering(sent) { port in
            let diagnosed = try await Diagnosed.examining("ws://127.0.0.1:\(port)/")
            diagnosed.expect(id, at: .answer, words)
        }
    }

    @Test("a server that ends the connection is told from one that says nothing")
    func silence() async throws {
        try await ScriptedServer.running({ _ = try await $0.receiveHead() }) { port in
            let diagnosed = try await Diagnosed.examining("ws://127.0.0.1:\(port)/")
            diagnosed.expect(.noAnswer, at: .answer, "ends it without an answer")
        }
        try await ScriptedServer.running({ try await $0.receiveEnd() }) { port in
            let diagnosed = try await Diagnosed.examining("ws://127.0.0.1:\(port)/") {
                $0.connection.openTimeout = .milliseconds(500)
            }
            diagnosed.expect(.answerTimeout, at: .answer, "does not answer it within 0.5 s")
        }
    }
}
