// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import AlicornWebSocket
import EngineTesting
import Foundation
import Testing

@testable import AlicornCommand

/// Real proxies whose configuration has the usual mistakes.
@Suite("alicorn doctor: nginx", .enabled(if: Nginx.isThere, Nginx.skipped), .timeLimit(.minutes(3)))
struct DoctorBehindNginxTests {
    /// Examines an address of an nginx that is configured so.
    private func examine(
        _ configuration: @Sendable (Int) -> String, path: String = "/", idle: Duration? = nil
    ) async throws -> Diagnosed {
        try await Nginx.running(configuration) { nginx in
            try await Diagnosed.examining("ws://127.0.0.1:\(nginx.port)\(path)", idle: idle)
        }
    }

    @Test("with the configuration of the article all is well, in front of alicorn listen and alicorn hello")
    func healthy() async throws {
        let listening = try await ListeningCommand.start()
        try await Nginx.inFront(of: listening.port) { nginx in
            try await Diagnosed.examining("ws://127.0.0.1:\(nginx.port)/").expectHealthy()
        }
        try await listening.stop()
        let serving = try await ServingCommand.start()
        try await Nginx.inFront(of: serving.port) { nginx in
            try await Diagnosed.examining("ws://127.0.0.1:\(nginx.port)/").expectHealthy()
        }
        serving.command.terminate()
        _ = await serving.outcome()
    }

    @Test("without the lines for Upgrade and Connection, the lines to add are nginx's")
    func stripped() async throws {
        let listening = try await ListeningCommand.start()
        try await Nginx.inFront(of: listening.port, forgetting: ["Upgrade $", "Connection $"]) { nginx in
            let diagnosed = try await Diagnosed.examining("ws://127.0.0.1:\(nginx.port)/")
            diagnosed.expect(.upgradeStripped, at: .answer, "proxy_set_header Upgrade $http_upgrade;")
            #expect(diagnosed.fault?.remedy.contains("Apache") == false)
        }
        try await listening.stop()
    }

    @Test("the article on a 400 shows what comes out")
    func transcript() async throws {
        let article = URL(fileURLWithPath: #filePath).appendingPathComponent(
            "../../../../Sources/Alicorn/Documentation.docc/DebuggingA400.md"
        ).standardized
        let text = try String(contentsOf: article, encoding: .utf8)
        let shown = try #require(text.split(separator: "```\n").first { $0.hasPrefix("$ alicorn doctor") })
        let answer = "No WebSocket UPGRADE hdr: None\n Can \"Upgrade\" only to \"WebSocket\"."
        let written = try await ScriptedServer.answering(
            "HTTP/1.1 400 Bad Request\r\nContent-Length: \(answer.utf8.count)\r\n\r\n\(answer)"
        ) { server in
            try await Nginx.running({
                "server { listen 127.0.0.1:\($0); location / { proxy_pass http://127.0.0.1:\(server); } }"
            }) { nginx in
                let doctor = try RunningCommand("doctor", "ws://127.0.0.1:\(nginx.port)/feed")
                var lines = ["$ alicorn doctor ws://127.0.0.1:\(nginx.port)/feed"]
                while let line = await doctor.nextLine() { lines.append(line) }
                return lines.joined(separator: "\n") + "\n"
            }
        }
        #expect(Self.withoutAccidents(written) == Self.withoutAccidents(String(shown)))
    }

    /// Without times, ports and nginx's version.
    private static func withoutAccidents(_ text: String) -> String {
        text.replacing(/\ +\([0-9.]+ (µs|ms|s)\)/, with: "").replacing(/127\.0\.0\.1:\d+/, with: "127.0.0.1")
            .replacing(/nginx\/[0-9.]+/, with: "nginx")
    }

    @Test("the key and the version that nginx drops are missed")
    func dropped() async throws {
        let listening = try await ListeningCommand.start()
        for (line, id) in [
            ("proxy_set_header Sec-WebSocket-Key \"\";", Fault.ID.keyMissing),
            ("proxy_set_header Sec-WebSocket-Key \"x\";", .keyMangled),
            ("proxy_set_header Sec-WebSocket-Version \"\";", .versionMissing),
            ("proxy_set_header Sec-WebSocket-Version \"8\";", .versionMissing),
            ("proxy_set_header Host \"a b\";", .hostRefused),
        ] {
            let diagnosed = try await examine { port in
                """
                server { listen 127.0.0.1:\(port); location / {
                proxy_pass http://127.0.0.1:\(listening.port); proxy_http_version 1.1; \(line)
                proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; } }
                """
            }
            diagnosed.expect(id, at: .answer)
        }
        try await listening.stop()
    }

    @Test("a redirect to https, and a path that is not there, are nginx's own answers")
    func ownAnswers() async throws {
        try await examine { "server { listen 127.0.0.1:\($0); return 301 https://example.com$request_uri; }" }
            .expect(.redirectToSecure, at: .answer, "wss://example.com/")
        try await examine({ "server { listen 127.0.0.1:\($0); location /feed { return 204; } }" }, path: "/fed")
            .expect(.notFound, at: .answer, "nginx, in the location block")
        try await examine { "server { listen 127.0.0.1:\($0); deny all; }" }.expect(.forbidden, at: .answer)
        try await examine { "server { listen 127.0.0.1:\($0); auth_basic a; auth_basic_user_file /dev/null; }" }
            .expect(.unauthorized, at: .answer, "Basic")
        try await examine { "server { listen 127.0.0.1:\($0); return 444; }" }.expect(.noAnswer, at: .answer)
    }

    @Test("a server behind nginx that is not there, or says nothing, is told from nginx")
    func gateway() async throws {
        try await examine { "server { listen 127.0.0.1:\($0); location / { proxy_pass http://127.0.0.1:1; } }" }
            .expect(.badGateway, at: .answer, "nginx is there")
        try await ScriptedServer.running({ try await $0.receiveEnd() }) { silent in
            try await examine { port in
                """
                server { listen 127.0.0.1:\(port);
                location / { proxy_pass http://127.0.0.1:\(silent); proxy_read_timeout 1s; } }
                """
            }.expect(.gatewayTimeout, at: .answer, "waited in vain")
        }
    }

    @Test("nginx's time limit on a connection without traffic is found")
    func idle() async throws {
        let listening = try await ListeningCommand.start()
        let diagnosed = try await examine(
            { port in
                """
                server { listen 127.0.0.1:\(port); location / {
                proxy_pass http://127.0.0.1:\(listening.port); proxy_http_version 1.1; proxy_read_timeout 1s;
                proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; } }
                """
            }, idle: .seconds(30))
        diagnosed.expect(.cutWhenIdle, at: .idle, "a time limit of something between")
        try await listening.stop()
    }

    @Test("nginx's answers to plain text on a port of TLS, and to clients without a certificate, are understood")
    func tls() async throws {
        try #require(TestAuthority.absence == nil, TestAuthority.absence)
        let authority = try TestAuthority.first()
        let files = try authority.issue("IP:127.0.0.1")
        let configuration: @Sendable (Int) -> String = { port in
            """
            server { listen 127.0.0.1:\(port) ssl; ssl_certificate \(files.certificate); ssl_certificate_key \(files.key);
            ssl_client_certificate \(authority.rootFile); ssl_verify_client on; return 404; }
            """
        }
        try await Nginx.running(configuration) { nginx in
            try await Diagnosed.examining("ws://127.0.0.1:\(nginx.port)/").expect(.tlsPort, at: .answer, "Use wss://")
            try await Diagnosed.examining("wss://127.0.0.1:\(nginx.port)/") {
                $0.tls = ClientTLS(trustRoots: authority.roots)
            }.expect(.clientCertificate, at: .answer, "--cert FILE")
        }
    }
}

/// The same with HAProxy, which tells nothing of itself.
@Suite("alicorn doctor: HAProxy", .enabled(if: HAProxy.isThere, HAProxy.skipped), .timeLimit(.minutes(2)))
struct DoctorBehindHAProxyTests {
    private func examine(
        bind: String = "", _ lines: String..., idle: Duration? = nil
    ) async throws -> Diagnosed {
        let listening = try await ListeningCommand.start()
        let diagnosed = try await HAProxy.running(
            bind: bind, (lines + ["server one 127.0.0.1:\(listening.port)"]).joined(separator: "\n    ")
        ) { port in
            try await Diagnosed.examining("ws://127.0.0.1:\(port)/", idle: idle)
        }
        try await listening.stop()
        return diagnosed
    }

    @Test("without mistakes all is well")
    func healthy() async throws { try await examine().expectHealthy() }

    @Test("fields that a rule takes out are missed")
    func stripped() async throws {
        try await examine("http-request del-header Upgrade", "http-request del-header Connection")
            .expect(.upgradeStripped, at: .answer, "HAProxy passes upgrades by itself")
        // It makes up a key of its own then.
        try await examine("http-request del-header Sec-WebSocket-Key")
            .expect(.wrongAccept, at: .accept, "HAProxy does when a rule takes ours out")
    }

    @Test("a time limit on tunnels is found")
    func idle() async throws {
        try await examine("timeout tunnel 1s", idle: .seconds(30)).expect(.cutWhenIdle, at: .idle, "time limit")
    }

    @Test("a server that is down, and a rule that denies, are HAProxy's own answers")
    func ownAnswers() async throws {
        try await HAProxy.running("server one 127.0.0.1:1") { port in
            try await Diagnosed.examining("ws://127.0.0.1:\(port)/").expect(.unavailable, at: .answer, "health checks")
        }
        try await examine("http-request deny").expect(.forbidden, at: .answer)
        try await examine("http-request deny deny_status 429").expect(.tooManyRequests, at: .answer)
    }

    @Test("a port of HTTP/2 alone is told")
    func http2() async throws {
        try await examine(bind: "proto h2").expect(.http2Only, at: .answer, "HTTP/2 alone")
    }
}
