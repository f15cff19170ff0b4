// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornWebSocket
import EngineTesting
import Foundation
import NIOCore
import NIOPosix
import Testing

/// Real handshakes with certificates of authorities made for the purpose.
@Suite(
    "TLS", .enabled(if: TestAuthority.absence == nil, TestAuthority.absence), .serialized, .timeLimit(.minutes(2)))
struct TLSTests {
    /// A server whose certificate is good for all that it is called here.
    static func server(
        _ names: String = "DNS:localhost,IP:127.0.0.1", days: Int = 1, authority: TestAuthority? = nil,
        clients: ServerTLS.ClientCertificates = .ignored, logger: RecordedLog = RecordedLog()
    ) throws -> WebSocketServer {
        let files = try (authority ?? .first()).issue(names, days: days)
        var configuration = WebSocketServer.Configuration()
        configuration.tls = try ServerTLS(identity: files.identity, clientCertificates: clients)
        return .local(configuration, logger: logger.logger, handler: WebSocketServer.echo)
    }

    static func client(_ tls: ClientTLS) -> WebSocketClient.Configuration {
        var configuration = WebSocketClient.Configuration()
        configuration.tls = tls
        return configuration
    }

    static func trusting(_ authority: TestAuthority, as name: String? = nil) -> WebSocketClient.Configuration {
        client(ClientTLS(trustRoots: authority.roots, serverName: name))
    }

    @Test(
        "a certificate for the name or address that is connected to is taken (TLS-01, TLS-02)",
        arguments: ["localhost", "127.0.0.1"])
    func rightName(host: String) async throws {
        let trusting = Self.trusting(try .first())
        try await Self.server().serving { port in
            try await WebSocketClient.connect(to: "wss://\(host):\(port)/", configuration: trusting) { connection in
                for size in [0, 1, 125, 70_000, 1 << 20] {
                    let message = WebSocketMessage.binary(ByteBuffer(repeating: 7, count: size))
                    try await connection.send(message)
                    #expect(try await connection.receive() == message)
                }
            }
        }
    }

    @Test("the name that a certificate has to hold can be pinned")
    func pinnedName() async throws {
        let first = try TestAuthority.first()
        try await Self.server("DNS:feed.example").serving { port in
            try await WebSocketClient.connect(
                to: "wss://127.0.0.1:\(port)/", configuration: Self.trusting(first, as: "feed.example")
            ) { connection in
                try await connection.send("over the right name")
                #expect(try await connection.receive().text == "over the right name")
            }
        }
    }

    struct Distrusted: Sendable {
        var names = "DNS:localhost"
        var days = 1
        var isOfOtherAuthority = false
        var kind: TLSFailure.Kind
        var sentence: String
    }

    @Test(
        "a certificate of another name, out of date or of unknown authority is refused with the reason",
        arguments: [
            Distrusted(names: "DNS:other.example", kind: .name, sentence: "its certificate is for \"other.example\""),
            // The socket's address is no proof of the name.
            Distrusted(names: "IP:127.0.0.1", kind: .name, sentence: "whoever answers is not localhost"),
            Distrusted(days: -1, kind: .certificate, sentence: "it has expired"),
            Distrusted(isOfOtherAuthority: true, kind: .certificate, sentence: "no trusted root vouches for it"),
        ])
    func distrusted(_ row: Distrusted) async throws {
        let trusting = Self.trusting(try .first())
        let authority = try row.isOfOtherAuthority ? TestAuthority.second() : .first()
        try await Self.server(row.names, days: row.days, authority: authority).serving { port in
            let error = await #expect(throws: WebSocketError.self) {
                try await WebSocketClient.open("wss://localhost:\(port)/", configuration: trusting)
            }
            #expect(error?.code == .tlsFailed)
            #expect((error?.underlying as? TLSFailure)?.kind == row.kind)
            #expect(error?.description.contains(row.sentence) == true, "\(String(describing: error))")
            // Whoever asks for no verification by that name gets none.
            let careless = Self.client(.insecureWithoutVerification())
            try await WebSocketClient.connect(to: "wss://localhost:\(port)/", configuration: careless) { connection in
                try await connection.send("anyone")
                #expect(try await connection.receive().text == "anyone")
            }
        }
    }

    @Test("the server's log names the handshake that failed and why")
    func serverLog() async throws {
        let log = RecordedLog()
        let trusting = Self.trusting(try .second())
        try await Self.server(logger: log).serving { port in
            _ = try? await WebSocketClient.open("wss://localhost:\(port)/", configuration: trusting)
            // The client's alert may be on its way yet.
            let line = await log.first("TLS handshake failed")
            #expect(line.metadata["cause"]?.contains("UNKNOWN_CA") == true, "\(log.lines)")
        }
    }

    @Test("a server without TLS is told from one with it, both ways")
    func plain() async throws {
        try await WebSocketServer.local(handler: WebSocketServer.echo).serving { port in
            let error = await #expect(throws: WebSocketError.self) {
                try await WebSocketClient.open("wss://127.0.0.1:\(port)/")
            }
            #expect((error?.underlying as? TLSFailure)?.kind == .notTLS)
            #expect(
                error?.description.contains("does not speak TLS on this port") == true, "\(String(describing: error))")
        }
        let log = RecordedLog()
        try await Self.server(logger: log).serving { port in
            let error = await #expect(throws: WebSocketError.self) {
                try await WebSocketClient.open("ws://127.0.0.1:\(port)/")
            }
            #expect(error?.code == .handshakeFailed)
        }
        #expect(log.lines.contains { $0.metadata["cause"]?.contains("does not speak TLS") == true })
    }

    @Test("a server that wants a client's certificate takes its authority's and refuses others")
    func clientCertificate() async throws {
        let (first, second) = (try TestAuthority.first(), try TestAuthority.second())
        try await Self.server(clients: .required(trustRoots: first.roots)).serving { port in
            let address = "wss://localhost:\(port)/"
            let known = ClientTLS(trustRoots: first.roots, identity: try first.issue("DNS:client").identity)
            try await WebSocketClient.connect(to: address, configuration: Self.client(known)) { connection in
                try await connection.send("it is me")
                #expect(try await connection.receive().text == "it is me")
            }
            let stranger = ClientTLS(trustRoots: first.roots, identity: try second.issue("DNS:client").identity)
            let nobody = ClientTLS(trustRoots: first.roots)
            for (tls, alert) in [(stranger, "UNKNOWN_CA"), (nobody, "CERTIFICATE_REQUIRED")] {
                let error = await #expect(throws: WebSocketError.self) {
                    try await WebSocketClient.open(address, configuration: Self.client(tls))
                }
                #expect(error?.description.contains(alert) == true, "\(String(describing: error))")
            }
        }
    }

    @Test("a server that asks for a client's certificate does without one, and refuses that of others (U-C-48)")
    func optionalClientCertificate() async throws {
        let (first, second) = (try TestAuthority.first(), try TestAuthority.second())
        try await Self.server(clients: .optional(trustRoots: first.roots)).serving { port in
            let address = "wss://localhost:\(port)/"
            for identity in [nil, try first.issue("DNS:client").identity] {
                let client = Self.client(ClientTLS(trustRoots: first.roots, identity: identity))
                try await WebSocketClient.connect(to: address, configuration: client) { connection in
                    try await connection.send("as I like")
                    #expect(try await connection.receive().text == "as I like")
                }
            }
            let stranger = ClientTLS(trustRoots: first.roots, identity: try second.issue("DNS:client").identity)
            let error = await #expect(throws: WebSocketError.self) {
                try await WebSocketClient.open(address, configuration: Self.client(stranger))
            }
            #expect(error?.description.contains("UNKNOWN_CA") == true, "\(String(describing: error))")
        }
    }

    @Test(
        "a server speaks the versions and takes the cipher suites that it was told (U-C-47, U-C-50)",
        arguments: [
            // The certificate has a key for ECDSA.
            ("ECDSA", TLSProtocolVersion.tls12, true), ("aRSA", .tls12, false), ("ECDSA", .tls13, false),
        ])
    func versionsAndSuites(suites: String, oldest: TLSProtocolVersion, isServed: Bool) async throws {
        let first = try TestAuthority.first()
        var configuration = WebSocketServer.Configuration()
        configuration.tls = try ServerTLS(
            identity: first.issue("DNS:localhost").identity, maximumVersion: .tls12,
            cipherSuites: TLSCipherSuites(openSSL: suites))
        try await WebSocketServer.local(configuration, handler: WebSocketServer.echo).serving { port in
            let client = Self.client(ClientTLS(trustRoots: first.roots, minimumVersion: oldest))
            let connection = try? await WebSocketClient.open("wss://localhost:\(port)/", configuration: client)
            #expect((connection != nil) == isServed)
            try await connection?.close()
        }
    }

    @Test("certificates are reloaded while connections live")
    func reload() async throws {
        let (first, second) = (try TestAuthority.first(), try TestAuthority.second())
        let files = try first.issue("DNS:localhost")
        let tls = try ServerTLS(identity: files.identity)
        var configuration = WebSocketServer.Configuration()
        configuration.tls = tls
        try await WebSocketServer.local(configuration, handler: WebSocketServer.echo).serving { port in
            let address = "wss://localhost:\(port)/"
            try await WebSocketClient.connect(to: address, configuration: Self.trusting(first)) { old in
                try second.issue("DNS:localhost").replace(files)
                // Not before it is told to.
                try await WebSocketClient.connect(to: address, configuration: Self.trusting(first)) { _ in }
                try tls.reload()
                try await WebSocketClient.connect(to: address, configuration: Self.trusting(second)) { _ in }
                await #expect(throws: WebSocketError.self) {
                    try await WebSocketClient.open(address, configuration: Self.trusting(first))
                }
                // What cannot be read changes nothing.
                try Data("no certificate".utf8).write(to: URL(fileURLWithPath: files.certificate))
                #expect(throws: TLSMisconfiguration.self) { try tls.reload() }
                try await WebSocketClient.connect(to: address, configuration: Self.trusting(second)) { _ in }
                try await old.send("still here")
                #expect(try await old.receive().text == "still here")
            }
        }
    }

    @Test("certificates and keys that cannot be used are named with what is wrong with them")
    func misconfigured() throws {
        let first = try TestAuthority.first()
        let (files, others) = (try first.issue("DNS:localhost"), try first.issue("DNS:localhost"))
        let locked = try first.issue("DNS:localhost", passphrase: "open sesame")
        let rows: [(TLSIdentity, String)] = [
            (.pemFiles(certificateChain: "/nowhere.pem", privateKey: files.key), "/nowhere.pem cannot be read"),
            (.pemFiles(certificateChain: files.certificate, privateKey: "/nowhere.key"), "/nowhere.key cannot be read"),
            (.pemFiles(certificateChain: files.key, privateKey: files.key), "no certificate"),
            (.pemFiles(certificateChain: files.certificate, privateKey: files.certificate), "no private key"),
            (
                .pemFiles(certificateChain: files.certificate, privateKey: others.key),
                "the private key does not belong to the certificate"
            ),
            (locked.identity, "the passphrase does not open it"),
            (.pem(certificateChain: [], privateKey: []), "no certificate"),
        ]
        for (identity, sentence) in rows {
            let error = #expect(throws: TLSMisconfiguration.self) { _ = try ServerTLS(identity: identity) }
            #expect(error?.description.contains(sentence) == true, "\(String(describing: error))")
        }
        _ = try ServerTLS(
            identity: .pemFiles(
                certificateChain: locked.certificate, privateKey: locked.key, passphrase: "open sesame"))
    }

    @Test("a client that is told of roots that cannot be read says so before it connects")
    func misconfiguredClient() async throws {
        let tls = ClientTLS(trustRoots: [.pemFile("/nowhere.pem")])
        let error = await #expect(throws: WebSocketError.self) {
            try await WebSocketClient.open("wss://localhost:1/", configuration: Self.client(tls))
        }
        #expect(error?.code == .misconfigured)
        #expect(error?.description.contains("/nowhere.pem") == true)
    }

    @Test("the native engine says that it has no TLS")
    func native() async throws {
        var configuration = WebSocketServer.Configuration()
        configuration.tls = try ServerTLS(identity: TestAuthority.first().issue("DNS:localhost").identity)
        configuration.engine = .native
        let server = WebSocketServer(host: "127.0.0.1", port: 0, configuration: configuration, handler: { _ in })
        let error = await #expect(throws: WebSocketError.self) { try await server.run() }
        #expect(error?.code == .misuse)
    }

    @Test("a client that never finishes its handshake is cut in time")
    func stalledHandshake() async throws {
        var configuration = WebSocketServer.Configuration()
        configuration.tls = try ServerTLS(identity: TestAuthority.first().issue("DNS:localhost").identity)
        configuration.connection.openTimeout = .milliseconds(200)
        try await WebSocketServer.local(configuration, handler: WebSocketServer.echo).serving { port in
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: port).get()
            // The beginning of a ClientHello.
            try await channel.writeAndFlush(ByteBuffer(bytes: [0x16, 0x03, 0x01]))
            try await channel.closeFuture.get()
        }
    }

    @Test("a peer that reads nothing any more does not keep a TLS connection open")
    func stalledPeer() async throws {
        let trusting = Self.trusting(try .first())
        var configuration = WebSocketServer.Configuration()
        configuration.tls = try ServerTLS(identity: TestAuthority.first().issue("DNS:localhost").identity)
        configuration.connection.limits.closeTimeout = .milliseconds(300)
        let (ends, note) = AsyncStream.makeStream(of: Closure?.self)
        let server = WebSocketServer.local(configuration) { connection in
            _ = try await connection.receive()
            for _ in 0..<32 { connection.post(.binary(ByteBuffer(repeating: 1, count: 1 << 20))) }
            try await connection.close()
            note.yield(await connection.closure)
        }
        try await server.serving { port in
            let reader = try await WebSocketClient.open("wss://localhost:\(port)/", configuration: trusting)
            try await reader.send("go")
            let closure = await ends.first { _ in true } ?? nil
            #expect(closure != nil)
            try await reader.close()
        }
    }
}
