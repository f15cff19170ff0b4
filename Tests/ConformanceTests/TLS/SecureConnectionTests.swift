// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornWebSocket
import EngineTesting
import Testing

@Suite(
    "What a server with TLS knows", .enabled(if: TestAuthority.absence == nil, TestAuthority.absence), .serialized,
    .timeLimit(.minutes(1)))
struct SecureConnectionTests {
    private static func configuration() throws -> WebSocketServer.Configuration {
        var configuration = WebSocketServer.Configuration()
        configuration.tls = try ServerTLS(identity: TestAuthority.first().issue("DNS:localhost").identity)
        return configuration
    }

    @Test("a connection over TLS is known to be secure")
    func isSecure() async throws {
        let server = WebSocketServer.local(try Self.configuration()) { connection in
            try await connection.send("\(connection.isSecure)")
        }
        let trusting = TLSTests.trusting(try .first())
        try await server.serving { port in
            let connection = try await WebSocketClient.open("wss://localhost:\(port)/", configuration: trusting)
            #expect(try await connection.receive() == "true")
            try await connection.close()
        }
    }

    @Test("TLS and PROXY protocol headers exclude each other, which is said before anything is listened on")
    func proxyProtocol() async throws {
        var configuration = try Self.configuration()
        configuration.proxyProtocol = try TrustedProxies(["127.0.0.1"])
        let server = WebSocketServer(host: "127.0.0.1", port: 0, configuration: configuration, handler: { _ in })
        let error = await #expect(throws: WebSocketError.self) { try await server.run() }
        #expect(error?.code == .misuse)
        #expect(error?.message.contains("PROXY") == true)
    }
}
