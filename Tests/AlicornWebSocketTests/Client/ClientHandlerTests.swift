// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornWebSocket
import EngineTesting
import Testing

@Suite("A client with a handler", .onEachEngine, .timeLimit(.minutes(1)))
struct ClientHandlerTests {
    private final class Handler: WebSocketHandler {
        let note: AsyncStream<String>.Continuation

        init(_ note: AsyncStream<String>.Continuation) { self.note = note }

        func opened(_ connection: CallbackConnection) {
            note.yield("opened")
            try? connection.send("hello")
        }

        func received(_ kind: MessageKind, _ bytes: Span<UInt8>, on connection: CallbackConnection) {
            note.yield("received \(bytes.count) bytes of \(kind)")
            try? connection.close()
        }

        func closed(_ closure: Closure, _ connection: CallbackConnection) {
            note.yield("closed \(closure.isNormal ? "well" : "badly")")
            note.finish()
        }
    }

    @Test("is served by callbacks from the opening to the end")
    func callbacks() async throws {
        let server = try await RunningServer()
        let (events, note) = AsyncStream.makeStream(of: String.self)
        try await WebSocketClient.open(server.address) { response in
            note.yield("accepted with \(response.status)")
            return Handler(note)
        }
        let all = await events.reduce(into: []) { $0.append($1) }
        #expect(all == ["accepted with 101", "opened", "received 5 bytes of text", "closed well"])
        try await server.stop()
    }
}
