// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import AlicornWebSocket
import EngineTesting
import Testing

@Suite("Clients behind proxies", .onEachEngine, .timeLimit(.minutes(1)))
struct ProxiedClientsTests {
    private static let line = "PROXY TCP4 192.0.2.1 198.51.100.1 4711 443\r\n"

    /// A server that says whom it takes its clients for, over HTTP and WebSocket.
    private static func start(_ change: (inout WebSocketServer.Configuration) throws -> Void) async throws
        -> RunningServer
    {
        var configuration = WebSocketServer.Configuration()
        configuration.deflate = nil
        try change(&configuration)
        return try await RunningServer(
            WebSocketServer(
                host: "127.0.0.1", port: 0, configuration: configuration, logger: RunningServer.silent,
                respond: { request in
                    request.isHandshake
                        ? nil : .text("\(request.remoteAddress) \(request.localAddress) \(request.isSecure)\n")
                },
                handler: { connection in
                    try await connection.send("\(connection.remoteAddress) \(connection.isSecure)")
                }))
    }

    private static func greeting(_ server: RunningServer, _ text: String) async throws -> String {
        let peer = try await ScriptedPeer.connect(port: server.port)
        try await peer.send(text)
        #expect(try await peer.receiveHead().hasPrefix("HTTP/1.1 101 "))
        let length = Int(try await peer.receive(2)[1])
        defer { peer.resetWhenReleased() }
        return String(decoding: try await peer.receive(length), as: UTF8.self)
    }

    // MARK: - The PROXY protocol

    @Test("a trusted proxy's header tells the client's address, to requests and to connections")
    func proxyProtocol() async throws {
        let server = try await Self.start { $0.proxyProtocol = try TrustedProxies(["127.0.0.0/8"]) }
        let answer = try await server.answer(
            to: Self.line + "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(answer.hasSuffix("192.0.2.1:4711 198.51.100.1:443 false\n"))
        let greeting = try await Self.greeting(server, Self.line + RunningServer.openingRequest)
        #expect(greeting == "192.0.2.1:4711 false")
        try await server.stop()
    }

    @Test("a header of version 2 tells of TLS too")
    func version2() async throws {
        let server = try await Self.start { $0.proxyProtocol = try TrustedProxies(["127.0.0.1"]) }
        let peer = try await ScriptedPeer.connect(port: server.port)
        let header: [UInt8] =
            [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10, 0x21, 0x11, 0, 20]
            + [192, 0, 2, 7, 198, 51, 100, 1, 0, 81, 1, 187] + [0x20, 0, 5, 1, 0, 0, 0, 0]
        try await peer.send(header + Array(RunningServer.openingRequest.utf8))
        _ = try await peer.receiveHead()
        #expect(try await peer.receive(19) == [0x81, 17] + Array("192.0.2.7:81 true".utf8))
        peer.resetWhenReleased()
        _ = consume peer
        try await server.stop()
    }

    @Test("a trusted proxy without a header is cut, and a stop does not wait for one")
    func noHeader() async throws {
        let server = try await Self.start { $0.proxyProtocol = try TrustedProxies(["127.0.0.1"]) }
        let wrong = try await ScriptedPeer.connect(port: server.port)
        try await wrong.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        let received = try? await wrong.receiveAll()
        #expect(received == nil || received == [])
        let silent = try await ScriptedPeer.connect(port: server.port)
        let start = ContinuousClock.now
        try await server.stop()
        #expect(ContinuousClock.now - start < .seconds(8))
        try await silent.receiveEnd()
    }

    @Test("a header that takes too long is not waited for")
    func slowHeader() async throws {
        let server = try await Self.start {
            $0.proxyProtocol = try TrustedProxies(["127.0.0.1"])
            $0.connection.openTimeout = .milliseconds(100)
        }
        let slow = try await ScriptedPeer.connect(port: server.port)
        let start = ContinuousClock.now
        // On a busy machine the time may be over before this goes out.
        try? await slow.send("PROXY ")
        let received = try? await slow.receiveAll()
        #expect(received == nil || received == [])
        // The peer's own patience ends after ten seconds.
        #expect(ContinuousClock.now - start < .seconds(9))
        try await server.stop()
    }

    @Test("from anybody else it is a bad request")
    func untrusted() async throws {
        let server = try await Self.start { $0.proxyProtocol = try TrustedProxies(["10.0.0.0/8", "unix"]) }
        #expect(try await server.answer(to: Self.line + "GET / HTTP/1.1\r\n\r\n").hasPrefix("HTTP/1.1 400 "))
        #expect(try await server.answer("/").contains("127.0.0.1:"))
        try await server.stop()
    }

    // MARK: - Header fields

    @Test("a trusted proxy's fields tell the client's address and whether it came over TLS")
    func forwarded() async throws {
        let server = try await Self.start {
            $0.forwarding = TrustedForwarding(.xForwarded, from: try TrustedProxies(["127.0.0.1"]))
        }
        let fields = "X-Forwarded-For: 203.0.113.9, 192.0.2.1\r\nX-Forwarded-Proto: https\r\n"
        #expect(try await server.answer("/", fields: fields).contains("\r\n\r\n192.0.2.1:0 127.0.0.1:"))
        #expect(try await server.answer("/", fields: fields).hasSuffix(" true\n"))
        let greeting = try await Self.greeting(server, RunningServer.openingRequest("/", fields: fields))
        #expect(greeting == "192.0.2.1:0 true")
        // One connection of a proxy may carry requests of several clients.
        let peer = try await ScriptedPeer.connect(port: server.port)
        for address in ["192.0.2.2", "192.0.2.3"] {
            try await peer.send("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: \(address)\r\n\r\n")
            _ = try await peer.receiveHead()
            #expect(try await peer.receive(until: { $0.last == 10 }).starts(with: Array("\(address):0 ".utf8)))
        }
        peer.resetWhenReleased()
        _ = consume peer
        try await server.stop()
    }

    @Test("anybody's fields tell nothing, nor do those that the proxies do not write")
    func notTrusted() async throws {
        let fields = "X-Forwarded-For: 192.0.2.1\r\nForwarded: for=192.0.2.1\r\nX-Forwarded-Proto: https\r\n"
        for forwarding in [
            nil, TrustedForwarding(.xForwarded, from: try TrustedProxies(["10.0.0.0/8"])),
            TrustedForwarding(.forwarded, from: try TrustedProxies(["::1"])),
        ] {
            let server = try await Self.start { $0.forwarding = forwarding }
            let answer = try await server.answer("/", fields: fields)
            #expect(answer.contains("\r\n\r\n127.0.0.1:") && answer.hasSuffix(" false\n"))
            try await server.stop()
        }
    }

    @Test("limits hold for the clients that proxies tell of")
    func limits() async throws {
        let server = try await Self.start {
            $0.forwarding = TrustedForwarding(.forwarded, from: try TrustedProxies(["127.0.0.1"]))
            $0.clients.connectionsPerClient = 1
            $0.clients.handshakesPerClient = EventRate(2, per: .seconds(3600))
            $0.farewell = .close(CloseFrame(.goingAway))
        }
        func open(_ address: String) async throws -> (ScriptedPeer, String) {
            let peer = try await ScriptedPeer.connect(port: server.port)
            try await peer.send(RunningServer.openingRequest("/", fields: "Forwarded: for=\(address)\r\n"))
            return (peer, try await peer.receiveHead())
        }
        var peers: [ScriptedPeer] = []
        for (address, status) in [("192.0.2.1", 101), ("192.0.2.1", 429), ("192.0.2.2", 101), ("192.0.2.1", 429)] {
            let (peer, head) = try await open(address)
            #expect(head.hasPrefix("HTTP/1.1 \(status) "), "\(address)")
            peers.append(peer)
        }
        for peer in peers { peer.resetWhenReleased() }
        peers.removeAll()
        try await server.stop()
    }
}
