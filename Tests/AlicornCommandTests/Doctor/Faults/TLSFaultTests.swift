// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import AlicornWebSocket
import EngineTesting
import Testing

@testable import AlicornCommand

/// TLS with real servers, and where it is taken for something else.
@Suite(
    "alicorn doctor: TLS", .enabled(if: TestAuthority.absence == nil, TestAuthority.absence), .timeLimit(.minutes(2)))
struct TLSFaultTests {
    /// Examines an `alicorn listen` with such a certificate.
    private func examine(
        _ names: String = "DNS:localhost,IP:127.0.0.1", days: Int = 1, begin: String? = nil,
        authority: TestAuthority? = nil, scheme: String = "wss", options: [String] = []
    ) async throws -> Diagnosed {
        let files = try (authority ?? .first()).issue(names, days: days, begin: begin)
        let server = try await ListeningCommand.start(
            ["--cert", files.certificate, "--key", files.key] + options)
        let trusted = try ClientTLS(trustRoots: TestAuthority.first().roots)
        let diagnosed = try await Diagnosed.examining("\(scheme)://127.0.0.1:\(server.port)/") { $0.tls = trusted }
        try await server.stop()
        return diagnosed
    }

    @Test("a good certificate is told with its names, its issuer and its end; one that ends soon is noted")
    func good() async throws {
        let diagnosed = try await examine(days: 90)
        diagnosed.expectHealthy()
        let step = try #require(diagnosed.step(.tls))
        #expect(step.outcome == .passed)
        #expect(
            step.text.hasPrefix(
                "TLS 1.3, certificate for \"localhost\", \"127.0.0.1\", from CN=Alicorn's first authority"))
        #expect(step.text.hasSuffix("(89 days)") || step.text.hasSuffix("(90 days)"), "\(step.text)")
        #expect(try await examine(days: 5).step(.tls)?.outcome == .noted)
    }

    @Test("a certificate that is not good is told by what is wrong with it")
    func certificates() async throws {
        try await examine(days: -1).expect(.certificateExpired, at: .tls, "has expired on ")
        try await examine(begin: "20900101000000Z").expect(
            .certificateNotYetValid, at: .tls, "not valid before 2090-01-01")
        try await examine(authority: .second()).expect(.certificateUntrusted, at: .tls, "Alicorn's second authority")
        try await examine("DNS:other.example").expect(.certificateName, at: .tls, "but for \"other.example\"")
    }

    @Test("ws:// to a port of TLS, and wss:// to one without, are told as what they are")
    func mixedUp() async throws {
        try await examine(scheme: "ws").expect(.tlsPort, at: .answer, "Use wss://127.0.0.1")
        let server = try await ListeningCommand.start()
        let diagnosed = try await Diagnosed.examining("wss://127.0.0.1:\(server.port)/chat")
        diagnosed.expect(.plainPort, at: .tls, "the same request in plain text is answered")
        #expect(diagnosed.step(.tls)?.text.hasSuffix("what it sent is not TLS (WRONG_VERSION_NUMBER)") == true)
        diagnosed.expect(.plainPort, at: .tls, "Use ws://127.0.0.1:\(server.port)/chat")
        try await server.stop()
    }

    @Test("a server that wants the client's certificate says so")
    func clientCertificate() async throws {
        let files = try TestAuthority.first().issue("IP:127.0.0.1")
        let server = try await ServingCommand.start(
            "--ssl-certfile", files.certificate, "--ssl-keyfile", files.key, "--ssl-cert-reqs", "2", "--ssl-ca-certs",
            try TestAuthority.first().rootFile)
        let trusted = try ClientTLS(trustRoots: TestAuthority.first().roots)
        let diagnosed = try await Diagnosed.examining("wss://127.0.0.1:\(server.port)/") { $0.tls = trusted }
        diagnosed.expect(.clientCertificate, at: .tls, "--cert FILE")
        server.command.terminate()
        _ = await server.outcome()
    }

    @Test(
        "what OpenSSL's server refuses is told by its alert",
        arguments: [
            (["-alpn", "h2"], Fault.ID.http2Only, "HTTP/2 alone"),
            (["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"], .tlsVersion, "TLS 1.2 or 1.3"),
            (["-servername", "other.example", "-servername_fatal"], .unknownServerName, "--server-name"),
        ])
    func refused(_ options: [String], _ id: Fault.ID, _ words: String) async throws {
        let files = try TestAuthority.first().issue("DNS:localhost,IP:127.0.0.1")
        let second = options.contains("-servername") ? ["-cert2", files.certificate, "-key2", files.key] : []
        let command =
            ["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", files.certificate, "-key", files.key]
            + options + second
        try await ForeignProgram.run(command) { program in
            var line = ""
            repeat { line = await program.readLine() } while !line.isEmpty && !line.hasPrefix("ACCEPT")
            let port = try #require(line.split(separator: ":").last)
            let trusted = try ClientTLS(trustRoots: TestAuthority.first().roots)
            let diagnosed = try await Diagnosed.examining("wss://localhost:\(port)/") {
                $0.tls = trusted
                $0.addressFamily = .ipv4
            }
            diagnosed.expect(id, at: .tls, words)
        }
    }

    @Test("nonsense that looks like TLS is not taken for another fault")
    func nonsense() async throws {
        try await ScriptedServer.running({ peer in
            _ = try await peer.receive(5)
            try await peer.send([22, 3, 3, 0, 4, 0xDE, 0xAD, 0xBE, 0xEF])
            try await peer.receiveEnd()
        }) { port in
            let diagnosed = try await Diagnosed.examining("wss://127.0.0.1:\(port)/")
            diagnosed.expect(.tlsFailed, at: .tls, "Look into the log")
        }
    }

    @Test("a connection that is cut in the TLS handshake is told from a server that says nothing")
    func silence() async throws {
        try await ScriptedServer.running({ _ = try await $0.receive(5) }) { port in
            let diagnosed = try await Diagnosed.examining("wss://127.0.0.1:\(port)/")
            diagnosed.expect(.tlsEnded, at: .tls, "was cut in the TLS handshake")
        }
        try await ScriptedServer.running({ try await $0.receiveEnd() }) { port in
            let diagnosed = try await Diagnosed.examining("wss://127.0.0.1:\(port)/") {
                $0.connection.openTimeout = .milliseconds(500)
            }
            diagnosed.expect(.tlsTimeout, at: .tls, "says nothing in the TLS handshake for 0.5 s")
        }
    }
}
