// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornWebSocket
import EngineTesting
import Synchronization
import Testing

@Suite("Redirects", .onEachEngine, .timeLimit(.minutes(1)))
struct RedirectsTests {
    /// A server that redirects `/to?...` to what stands behind the question mark, and opens connections elsewhere; they send
    /// the path and the secrets that came with the request.
    private static func start(status: Int = 302) async throws -> RunningServer {
        try await RunningServer(
            WebSocketServer(host: "127.0.0.1", port: 0, logger: RunningServer.silent) { request in
                guard request.target.hasPrefix("/to?") else { return nil }
                var response = WebSocketServer.Response.text("elsewhere", status: status)
                try response.head.fields.append(name: "Location", value: String(request.target.dropFirst(4)))
                return response
            } handler: { connection in
                let secrets = ["Authorization", "Cookie"].compactMap { connection.request.fields.first($0) }
                try await connection.send(([connection.request.target] + secrets).joined(separator: " "))
            })
    }

    private static func landing(
        _ address: String, _ configuration: WebSocketClient.Configuration = .init()
    ) async throws -> String {
        try await WebSocketClient.connect(to: address, configuration: configuration) { try await $0.receive().text }
    }

    @Test("all of the statuses lead on, to relative and absolute addresses (RED-01)")
    func followed() async throws {
        for status in [300, 301, 302, 303, 307, 308] {
            let server = try await Self.start(status: status)
            #expect(try await Self.landing(server.address + "to?/there") == "/there")
            #expect(try await Self.landing(server.address + "to?near?x=1") == "/near?x=1")
            #expect(try await Self.landing(server.address + "to?http://127.0.0.1:\(server.port)/abs") == "/abs")
            try await server.stop()
        }
    }

    @Test("too many are an error, and so is none allowed (RED-02)")
    func limit() async throws {
        let server = try await Self.start()
        let chain = server.address + String(repeating: "to?/", count: 3) + "end"
        var configuration = WebSocketClient.Configuration()
        configuration.maximumRedirects = 3
        #expect(try await Self.landing(chain, configuration) == "/end")
        configuration.maximumRedirects = 2
        let error = await #expect(throws: WebSocketError.self) { try await Self.landing(chain, configuration) }
        #expect(error?.code == .redirectRefused)
        configuration.maximumRedirects = 0
        let refused = await #expect(throws: WebSocketError.self) { try await Self.landing(chain, configuration) }
        #expect(refused?.code == .handshakeFailed)
        #expect(refused?.response?.head.status == 302)
        try await server.stop()
    }

    @Test("credentials go to the same server again, and to no other (RED-03)")
    func secrets() async throws {
        let (server, other) = (try await Self.start(), try await Self.start())
        var configuration = WebSocketClient.Configuration()
        configuration.additionalFields = [
            HeaderField(name: "Authorization", value: "Bearer x"), HeaderField(name: "Cookie", value: "a=b"),
        ]
        #expect(try await Self.landing(server.address + "to?/same", configuration) == "/same Bearer x a=b")
        let away = server.address + "to?ws://127.0.0.1:\(other.port)/other"
        #expect(try await Self.landing(away, configuration) == "/other")
        let withUser = "ws://user:pw@127.0.0.1:\(server.port)/to?"
        #expect(try await Self.landing(withUser + "/same") == "/same Basic dXNlcjpwdw==")
        #expect(try await Self.landing(withUser + server.address + "abs") == "/abs Basic dXNlcjpwdw==")
        #expect(try await Self.landing(withUser + "ws://127.0.0.1:\(other.port)/other") == "/other")
        try await server.stop()
        try await other.stop()
    }

    @Test("where the endpoint is fixed another server is refused, and a path on the same one followed (RED-04)")
    func fixedEndpoint() async throws {
        let server = try await Self.start()
        var configuration = WebSocketClient.Configuration()
        configuration.endpoint = .tcp(host: "127.0.0.1", port: server.port)
        #expect(try await Self.landing("ws://feed.example/to?/there", configuration) == "/there")
        let error = await #expect(throws: WebSocketError.self) {
            try await Self.landing("ws://feed.example/to?ws://other.example/", configuration)
        }
        #expect(error?.code == .redirectRefused)
        try await server.stop()
    }

    @Test("what is no address is refused with what is wrong with it")
    func invalid() async throws {
        let server = try await Self.start()
        let error = await #expect(throws: WebSocketError.self) {
            try await Self.landing(server.address + "to?ftp://x/")
        }
        #expect(error?.code == .redirectRefused)
        #expect(error?.description.contains("scheme") == true, "\(String(describing: error))")
        try await server.stop()
    }
}
