// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornWebSocket
import EngineTesting
import Foundation
import Logging
import Testing

/// What an application is told of its connections' TLS (A-TLS), with real handshakes.
@Suite("Applications behind TLS", .enabled(if: TestAuthority.absence == nil, TestAuthority.absence))
struct ApplicationTLSTests {
    /// Accepts, and tells of its connection's TLS.
    private struct Telling: Application {
        func handle(_ scope: Scope, receive: Receive, send: Send) async throws {
            guard case .webSocket(let scope) = scope else { throw UnsupportedScope(scope) }
            _ = try await receive()
            try await send(.webSocketAccept())
            let tls = scope.tls
            let lines = [
                scope.scheme, "\(scope.extensions.contains("tls"))", tls?.tlsVersion.map { "\($0)" } ?? "none",
                tls?.clientCertificateName ?? "none", "\(tls?.clientCertificateChain.count ?? -1)",
                tls?.clientCertificateChain.first?.prefix(27).description ?? "none",
                tls?.serverCertificate?.prefix(27).description ?? "none", tls?.clientCertificateError ?? "none",
            ]
            try await send(.webSocketSend(.text(lines.joined(separator: "\n"))))
        }
    }

    private func ask(
        _ change: (inout ServerSettings) throws -> Void, _ client: ClientTLS?
    ) async throws -> [String] {
        var settings = ServerSettings()
        settings.listening.addresses = [.tcp(host: "127.0.0.1", port: 0)]
        settings.logging.level = .critical
        settings.logging.access = false
        try change(&settings)
        let server = Server(Telling(), settings: settings)
        defer { server.stop() }
        let (told, note) = AsyncStream.makeStream(of: String.self)
        let run = Task {
            defer { note.finish() }
            try await server.run { for address in $0 { note.yield(address) } }
        }
        var addresses = told.makeAsyncIterator()
        let address = try #require(await addresses.next())
        var configuration = WebSocketClient.Configuration()
        configuration.tls = client ?? configuration.tls
        let connection = try await WebSocketClient.open(
            address.replacing("http", with: "ws", maxReplacements: 1), configuration: configuration)
        let text = try await connection.receive().text
        try await connection.close()
        server.stop()
        try await run.value
        return text.components(separatedBy: "\n")
    }

    @Test("a client that shows a certificate is known by its name (A-TLS-02, A-TLS-03, U-TL-02)")
    func mutual() async throws {
        let authority = try TestAuthority.first()
        let server = try authority.issue("IP:127.0.0.1")
        let client = try authority.issue("DNS:client.example", subject: "/C=DE/O=Exam, ple/CN=client")
        let lines = try await ask(
            { settings in
                settings.tls.certificateFile = server.certificate
                settings.tls.keyFile = server.key
                settings.tls.clientCertificates = .required
                settings.tls.authorityFile = authority.rootFile
            }, ClientTLS(trustRoots: authority.roots, identity: client.identity))
        #expect(lines[0] == "wss")
        #expect(lines[1] == "true")
        #expect(lines[2] == "\(0x0304)")
        #expect(lines[3] == #"CN=client,O=Exam\, ple,C=DE"#)
        #expect(lines[4...6] == ["1", "-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE-----"])
        #expect(lines[7] == "none", "A-TLS-04")
    }

    @Test("a client whose certificate is not believed is not let through: applications see no errors (A-TLS-04)")
    func stranger() async throws {
        let (authority, other) = (try TestAuthority.first(), try TestAuthority.second())
        let server = try authority.issue("IP:127.0.0.1")
        let client = try other.issue("DNS:client.example")
        let error = await #expect(throws: WebSocketError.self) {
            try await ask(
                { settings in
                    settings.tls.certificateFile = server.certificate
                    settings.tls.keyFile = server.key
                    settings.tls.clientCertificates = .required
                    settings.tls.authorityFile = authority.rootFile
                }, ClientTLS(trustRoots: authority.roots, identity: client.identity))
        }
        #expect(error?.description.contains("UNKNOWN_CA") == true, "\(String(describing: error))")
    }

    @Test(
        "a client that shows none has no name, and there is an extension all the same, whatever is logged",
        arguments: [Logger.Level.critical, .debug])
    func oneSided(level: Logger.Level) async throws {
        let authority = try TestAuthority.first()
        let server = try authority.issue("IP:127.0.0.1")
        let lines = try await ask(
            { settings in
                settings.tls.certificateFile = server.certificate
                settings.tls.keyFile = server.key
                settings.logging.level = level
            }, ClientTLS(trustRoots: authority.roots))
        #expect(lines == ["wss", "true", "\(0x0304)", "none", "0", "none", "-----BEGIN CERTIFICATE-----", "none"])
    }

    @Test("TLS 1.2 alone, its suites and optional certificates are what the settings say (U-C-47, U-C-48, U-C-50)")
    func chosen() async throws {
        let authority = try TestAuthority.first()
        let server = try authority.issue("IP:127.0.0.1")
        for (client, name) in [(nil, "none"), (try authority.issue("DNS:client"), "CN=test")] {
            let lines = try await ask(
                { settings in
                    settings.tls.certificateFile = server.certificate
                    settings.tls.keyFile = server.key
                    settings.tls.authorityFile = authority.rootFile
                    settings.tls.clientCertificates = .optional
                    settings.tls.versions = .tls12
                    settings.tls.ciphers = try TLSCipherSuites(openSSL: "ECDSA+CHACHA20")
                }, ClientTLS(trustRoots: authority.roots, identity: client?.identity))
            #expect(lines[2...3] == ["\(0x0303)", name])
        }
    }

    @Test("without TLS there is no extension (A-TLS)")
    func plain() async throws {
        let lines = try await ask({ _ in }, nil)
        #expect(lines == ["ws", "false", "none", "none", "-1", "none", "none", "none"])
    }
}
