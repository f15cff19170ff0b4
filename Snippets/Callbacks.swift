// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

// The code of the article about callbacks; scripts/check-snippets sees to it that it quotes nothing else.

import AlicornWebSocket

// snippet.handler
final class Counter: WebSocketHandler {
    private var bytes = 0

    func received(_ kind: MessageKind, _ payload: Span<UInt8>, on connection: CallbackConnection) {
        bytes += payload.count
        if kind == .text { try? connection.send("\(bytes) bytes so far") }
    }

    func closed(_ closure: Closure, _ connection: CallbackConnection) {
        print("\(bytes) bytes came until \(closure)")
    }
}
// snippet.end

// snippet.pieces
final class Upload: WebSocketPieceHandler {
    private var bytes = 0

    func received(_ kind: MessageKind, _ payload: Span<UInt8>, on connection: CallbackConnection) {
        bytes += payload.count
    }

    func received(
        pieceOf kind: MessageKind, _ payload: Span<UInt8>, endsMessage: Bool, on connection: CallbackConnection
    ) {
        bytes += payload.count
        if endsMessage { _ = try? connection.ping() }
    }

    func answered(_ ping: PingID, after latency: Duration, on connection: CallbackConnection) {
        print("\(bytes) bytes came; the peer is \(latency) away")
    }
}
// snippet.end

// snippet.server
let server = WebSocketServer(host: "127.0.0.1", port: 8765, callbacks: { _ in Counter() })
try await server.run()
// snippet.end
