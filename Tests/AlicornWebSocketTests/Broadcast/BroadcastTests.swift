// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornDeflate
import AlicornTesting
import AlicornWebSocket
import EngineTesting
import NIOCore
import Synchronization
import Testing

@Suite("A message to many connections", .onEachEngine, .timeLimit(.minutes(1)))
struct BroadcastTests {
    /// Those who hear what any of them says.
    private final class Circle<Member: AnyObject & Sendable>: Sendable {
        private let members = Mutex<[Member]>([])
        var all: [Member] { members.withLock { $0 } }
        func add(_ member: Member) { members.withLock { $0.append(member) } }
    }

    /// Tells everybody what one of them says; who is gone stays in the circle.
    private final class Teller: WebSocketHandler {
        let circle: Circle<CallbackConnection>
        init(_ circle: Circle<CallbackConnection>) { self.circle = circle }
        func opened(_ connection: CallbackConnection) { circle.add(connection) }
        func received(_ kind: MessageKind, _ bytes: Span<UInt8>, on connection: CallbackConnection) {
            let message = WebSocketMessage(bytes.withUnsafeBytes { ByteBuffer(bytes: $0) }, as: kind)
            CallbackConnection.broadcast(message, to: circle.all)
        }
    }

    private func serve(_ surface: String) async throws -> RunningServer {
        var configuration = WebSocketServer.Configuration()
        configuration.threads = 2
        if surface == "async" {
            let circle = Circle<WebSocketConnection>()
            return try await RunningServer(configuration) { connection in
                circle.add(connection)
                for try await message in connection { WebSocketConnection.broadcast(message, to: circle.all) }
            }
        }
        let circle = Circle<CallbackConnection>()
        return try await RunningServer(
            WebSocketServer(
                host: "127.0.0.1", port: 0, configuration: configuration, logger: RunningServer.silent,
                callbacks: { _ in Teller(circle) }))
    }

    /// Connects, with compression for every other one, and waits until the server knows it.
    private func join(_ server: RunningServer, number: Int) async throws -> WebSocketConnection {
        var configuration = WebSocketClient.Configuration()
        if number.isMultiple(of: 2) { configuration.deflate = nil }
        let connection = try await WebSocketClient.open(server.address, configuration: configuration)
        try await connection.send("\(number) is here")
        while try await connection.receive().text != "\(number) is here" {}
        return connection
    }

    @Test(
        "it reaches all of them whole and in order, on each loop, compressed or not", arguments: ["async", "callback"])
    func everybody(surface: String) async throws {
        let server = try await serve(surface)
        var clients: [WebSocketConnection] = []
        for number in 0..<6 { clients.append(try await join(server, number: number)) }
        let texts = [0, 1, 125, 126, 5000, 70_000].map { "m" + String(repeating: "x", count: $0) }
        for text in texts { try await clients[0].send(text) }
        for client in clients {
            var heard: [String] = []
            while heard.count < texts.count {
                let text = try await client.receive().text
                if text.hasPrefix("m") { heard.append(text) }
            }
            #expect(heard == texts)
        }
        for client in clients { try await client.close() }
        try await server.stop()
    }

    @Test("who is gone is passed over", arguments: ["async", "callback"])
    func gone(surface: String) async throws {
        let server = try await serve(surface)
        let first = try await join(server, number: 0)
        let second = try await join(server, number: 1)
        try await second.close()
        try await first.send("still here")
        while try await first.receive().text != "still here" {}
        try await first.close()
        try await server.stop()
    }
}
