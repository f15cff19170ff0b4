// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

struct WebSocketEventTests {
    @Test("a piece that starts and ends its message is the whole of it", arguments: [true, false], [true, false])
    func isWhole(starts: Bool, ends: Bool) {
        let piece = MessagePiece(
            kind: .text, startsMessage: starts, endsMessage: ends, location: .restored, announced: 0)
        #expect(piece.isWholeMessage == (starts && ends))
    }
}
