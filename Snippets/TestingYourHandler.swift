// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

// The code of the article about testing; scripts/check-snippets sees to it that it quotes nothing else.

import AlicornTesting
import AlicornWebSocket

/// Stands for `#expect` of Swift Testing, which only a test has.
func expect(_ condition: Bool) { precondition(condition) }

// snippet.handler
struct Shouting {
    var silence = Duration.seconds(60)

    /// Sends messages back in capitals; says good-bye to who has been quiet for too long.
    func serve(_ connection: WebSocketConnection, clock: some Clock<Duration>) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask {
                for try await message in connection { try await connection.send(message.text.uppercased()) }
            }
            group.addTask {
                try await clock.sleep(for: silence)
                try await connection.close(.policyViolation, reason: "nothing to say?")
            }
            try await group.next()
            group.cancelAll()
        }
    }
}
// snippet.end

// snippet.memory
func answersInCapitals() async throws {
    let pair = MemoryPair()
    pair.serve { try await Shouting().serve($0, clock: pair.clock) }
    try await pair.client.send("hello")
    expect(try await pair.client.receive() == "HELLO")
}
// snippet.end

// snippet.time
func endsSilence() async throws {
    let pair = MemoryPair()
    pair.serve { try await Shouting().serve($0, clock: pair.clock) }
    pair.advance(by: .seconds(59))
    expect(await pair.client.closure == nil)
    pair.advance(by: .seconds(1))
    await pair.client.waitUntilClosed()
    expect(await pair.client.closure?.received?.reason == "nothing to say?")
}
// snippet.end

// snippet.server
func makeServer() -> WebSocketServer {
    WebSocketServer(
        host: "0.0.0.0", port: 8765, respond: { $0.target == "/health" ? .text("well\n") : nil }
    ) { connection in
        try await Shouting().serve(connection, clock: .continuous)
    }
}

func servesOverTCP() async throws {
    try await withTestServer(makeServer()) { server in
        try await WebSocketClient.connect(to: server.address) { connection in
            try await connection.send("hello")
            expect(try await connection.receive() == "HELLO")
        }
    }
}
// snippet.end

// snippet.peer
func survivesAPeerThatBreaksOff() async throws {
    try await withTestServer(makeServer()) { server in
        let peer = try await ScriptedPeer.open(port: server.port)
        try await peer.send(ScriptedFrame(.text, Array("he".utf8), isFinal: false))
        try await peer.send(.ping([1]))
        expect(try await peer.receiveFrame() == .pong([1]))
        var unmasked = ScriptedFrame(.continuation, Array("llo".utf8))
        unmasked.masking = .unmasked
        try await peer.send(unmasked)
        expect(try await peer.receiveFrame()?.closeCode == .protocolError)
    }
}
// snippet.end

// snippet.listener
func latestNews(from address: String) async throws -> String {
    try await WebSocketClient.connect(to: address) { try await $0.receive().text }
}

func clientIsToldThatTheServerIsBusy() async throws {
    let listener = try ScriptedListener()
    async let news = latestNews(from: listener.address)
    let peer = try await listener.acceptOpening()
    try await peer.send(.close(.tryAgainLater))
    do {
        _ = try await news
        expect(false)
    } catch let error as WebSocketError {
        expect(error.closure?.code == .tryAgainLater)
    }
}
// snippet.end

try await answersInCapitals()
try await endsSilence()
try await servesOverTCP()
try await survivesAPeerThatBreaksOff()
try await clientIsToldThatTheServerIsBusy()
