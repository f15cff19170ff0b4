// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornTesting
import EngineTesting
import Testing

@Suite("Routes for WebSocket connections where NIOWebSocket speaks", .onEachEngine)
struct NoLibraryConnectionTests {
    @Test("to upgrade is an error that says what to do, and 500 for the client")
    func upgrade() async throws {
        let (told, note) = AsyncStream.makeStream(of: String.self)
        var router = Router()
        try router.webSocket("/room/{name}") { context in
            do {
                return try await context.upgrade { _ in note.yield("served") }
            } catch let error as NoLibraryConnection {
                note.yield("\(error)")
                throw error
            }
        }
        let served = try await ServedApplication(router) { $0.webSocket.implementation = .nio }
        let refusal = await #expect(throws: ScriptedPeer.Refusal.self) {
            _ = try await ScriptedPeer.open(port: served.port, target: "/room/a")
        }
        #expect(refusal?.head.hasPrefix("HTTP/1.1 500 ") == true)
        let sentence = await told.first { _ in true }
        #expect(
            sentence
                == #"the request for "/room/a" cannot be upgraded to a WebSocketConnection, as this server runs with "#
                + "--ws nio, which has none: use --ws alicorn, or an Application that receives and sends events")
        try await served.stop()
    }
}
