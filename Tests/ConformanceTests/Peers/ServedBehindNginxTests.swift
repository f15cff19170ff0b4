// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornWebSocket
import EngineTesting
import Testing

/// A real nginx in front of the application server, with the configuration that the documentation prints.
@Suite(
    "alicorn hello behind nginx", .enabled(if: Nginx.isThere, Nginx.skipped), .serialized, .timeLimit(.minutes(2)))
struct ServedBehindNginxTests {
    @Test("requests and WebSocket connections come through, and the log has the client's address (U-NG-01, U-PX-05)")
    func through() async throws {
        let server = try await ServingCommand.start()
        try await Nginx.inFront(of: server.port) { nginx in
            let peer = try await ScriptedPeer.connect(port: nginx.port)
            try await peer.send("GET /json HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let answer = String(decoding: try await peer.receiveAll(), as: UTF8.self)
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.hasSuffix(#"{"message":"Hello, World!"}"#))
            // Not the address that nginx connects from, so that the two are told apart.
            var client = WebSocketClient.Configuration()
            client.localAddress = "127.0.0.2"
            client.additionalFields = [HeaderField(name: "X-Forwarded-For", value: "192.0.2.1")]
            try await WebSocketClient.connect(
                to: "ws://127.0.0.1:\(nginx.port)/chat?a", configuration: client
            ) { connection in
                try await connection.send("hello")
                #expect(try await connection.receive() == "hello")
            }
        }
        let outcome = await server.stop()
        #expect(outcome.end == .exited(0))
        #expect(outcome.output.contains { $0.hasSuffix(#" - "GET /json HTTP/1.1" 200 OK"#) }, "\(outcome.output)")
        #expect(!outcome.output.contains { $0.contains("192.0.2.1") }, "nobody vouches for what a client says")
        #expect(
            outcome.output.contains(#"INFO:     127.0.0.2:0 - "WebSocket /chat?a" [accepted]"#), "\(outcome.output)")
    }

    @Test("without what passes the upgrade on, the answer and the log say what nginx lacks (U-NG-05)")
    func forgotten() async throws {
        let server = try await ServingCommand.start()
        try await Nginx.inFront(of: server.port, forgetting: ["Upgrade $", "Connection $"]) { nginx in
            let peer = try await ScriptedPeer.connect(port: nginx.port)
            try await peer.send(ScriptedPeer.openingRequest())
            let answer = try await peer.receive {
                String(decoding: $0, as: UTF8.self).contains("{ default upgrade; '' close; }")
            }
            let text = String(decoding: answer, as: UTF8.self)
            #expect(text.hasPrefix("HTTP/1.1 426 "), "\(text)")
            #expect(text.contains("proxy_set_header Upgrade $http_upgrade;"), "\(text)")
        }
        let outcome = await server.stop()
        #expect(outcome.output.contains { $0.hasSuffix(#" - "WebSocket /" 426"#) }, "\(outcome.output)")
        let line = outcome.errors.first { $0.hasPrefix("WARNING:  WebSocket handshake refused (426): ") }
        #expect(
            line?.contains("proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade;") == true,
            "\(outcome.errors)")
    }
}
