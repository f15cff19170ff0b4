// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import AlicornWebSocket
import EngineTesting
import NIOCore
import Testing

/// Our client through a real proxy.
@Suite("Proxies", .enabled(if: Python.isThere, Python.skipped), .timeLimit(.minutes(2)))
struct ProxyTests {
    /// An echo server and a proxy, while `body` runs; it gets the server's port and the proxy's, and the proxy.
    private func withProxy(
        _ arguments: [String] = [], server: WebSocketServer = .local(handler: WebSocketServer.echo),
        _ body: @escaping @Sendable (_ server: Int, _ proxy: Int, ForeignProgram) async throws -> Void
    ) async throws {
        try await server.serving { port in
            try await PythonProgram.run("proxy.py", arguments) { proxy in
                let proxyPort = try #require(Int(await proxy.readLine()))
                try await body(port, proxyPort, proxy)
            }
        }
    }

    private func through(_ proxy: String) throws -> WebSocketClient.Configuration {
        var configuration = WebSocketClient.Configuration()
        configuration.proxy = .proxy(try ProxyAddress(proxy))
        return configuration
    }

    private static func expectEcho(_ address: String, _ configuration: WebSocketClient.Configuration) async throws {
        try await WebSocketClient.connect(to: address, configuration: configuration) { connection in
            for message in ["hello", String(repeating: "x", count: 100_000)] {
                try await connection.send(message)
                #expect(try await connection.receive().text == message)
            }
        }
    }

    @Test(
        "the way leads through the proxy, which resolves the name where the kind says so (PRX-02 to PRX-06)",
        arguments: [
            ("http", "http -> localhost"), ("socks4", "socks4 -> 127.0.0.1"), ("socks5", "socks5 -> 127.0.0.1"),
            ("socks5h", "socks5 -> localhost"),
        ])
    func kinds(kind: String, line: String) async throws {
        try await withProxy { port, proxyPort, proxy in
            let through = try through("\(kind)://127.0.0.1:\(proxyPort)")
            try await Self.expectEcho("ws://localhost:\(port)/", through)
            #expect(await proxy.readLine() == "\(line):\(port)")
        }
    }

    @Test("SOCKS 4A has the proxy resolve the name (PRX-05)")
    func socks4a() async throws {
        try await WebSocketServer.local(handler: WebSocketServer.echo).serving { port in
            try await PythonProgram.run("socks4a.py") { proxy in
                let proxyPort = await proxy.readLine()
                try await Self.expectEcho("ws://localhost:\(port)/", try through("socks4a://127.0.0.1:\(proxyPort)"))
            }
        }
    }

    @Test("good credentials are taken, and others refused with a sentence", arguments: ["http", "socks5h"])
    func credentials(kind: String) async throws {
        try await withProxy(["--user", "user:pass word"]) { port, proxyPort, _ in
            let address = "ws://127.0.0.1:\(port)/"
            try await Self.expectEcho(address, through("\(kind)://user:pass%20word@127.0.0.1:\(proxyPort)"))
            for userinfo in ["user:wrong@", "nobody:pass%20word@", ""] {
                let through = try through("\(kind)://\(userinfo)127.0.0.1:\(proxyPort)")
                let error = await #expect(throws: WebSocketError.self) {
                    try await WebSocketClient.open(address, configuration: through)
                }
                #expect(error?.code == .proxyFailed)
                #expect(
                    error?.description.contains("pass word") == false && error?.description.contains("wrong") == false)
                switch (kind, error?.underlying as? ProxyFailure) {
                case ("http", .refused(let response)?): #expect(response.head.status == 407)
                case ("socks5h", .credentialsRefused?), ("socks5h", .credentialsRequired?), ("socks5h", .ended?): break
                default: Issue.record("\(String(describing: error))")
                }
            }
        }
    }

    @Test("a server to which the proxy cannot connect is told apart from the proxy")
    func unreachable() async throws {
        try await withProxy { _, proxyPort, _ in
            let through = try through("http://127.0.0.1:\(proxyPort)")
            let error = await #expect(throws: WebSocketError.self) {
                // Nobody listens on the port that is kept for that (RFC 863).
                try await WebSocketClient.open("ws://127.0.0.1:9/", configuration: through)
            }
            #expect(error?.code == .proxyFailed)
            #expect(
                error?.description.contains("no way to 127.0.0.1:9 through") == true, "\(String(describing: error))")
        }
    }

    @Test(
        "TLS runs through a tunnel, to an HTTPS proxy, and within TLS (PRX-04)",
        .enabled(if: TestAuthority.absence == nil, TestAuthority.absence))
    func tls() async throws {
        let (first, second) = (try TestAuthority.first(), try TestAuthority.second())
        let files = try second.issue("DNS:localhost")
        let arguments = ["--certificate", files.certificate, "--key", files.key]
        try await withProxy(server: try TLSTests.server()) { port, proxyPort, _ in
            var through = try through("http://127.0.0.1:\(proxyPort)")
            through.tls = ClientTLS(trustRoots: first.roots)
            try await Self.expectEcho("wss://localhost:\(port)/", through)
            try await Self.expectEcho("wss://127.0.0.1:\(port)/", through)
        }
        try await withProxy(arguments, server: try TLSTests.server()) { port, proxyPort, _ in
            var through = try through("https://localhost:\(proxyPort)")
            through.tls = ClientTLS(trustRoots: first.roots)
            through.proxyTLS = ClientTLS(trustRoots: second.roots)
            try await Self.expectEcho("wss://localhost:\(port)/", through)
            // Each end is trusted for itself alone.
            through.proxyTLS = ClientTLS(trustRoots: first.roots)
            let error = await #expect(throws: WebSocketError.self) {
                try await WebSocketClient.open("wss://localhost:\(port)/", configuration: through)
            }
            #expect((error?.underlying as? TLSFailure)?.kind == .certificate)
        }
        try await withProxy(arguments) { port, proxyPort, _ in
            var through = try through("https://localhost:\(proxyPort)")
            through.proxyTLS = ClientTLS(trustRoots: second.roots)
            try await Self.expectEcho("ws://localhost:\(port)/", through)
        }
    }
}
