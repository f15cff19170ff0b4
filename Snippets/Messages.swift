// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

// The code of the articles about messages; scripts/check-snippets sees to it that they quote nothing else.

import AlicornWebSocket
import NIOCore

// snippet.fragments
func tell<Words: AsyncSequence>(
    _ words: Words, to connection: WebSocketConnection
) async throws where Words.Element == String {
    try await connection.send(fragments: ["a message ", "in two fragments"])
    try await connection.send(fragments: words)  // each goes out as soon as it is there
}
// snippet.end

// snippet.automatic
func smallFrames() -> WebSocketClient.Configuration {
    var configuration = WebSocketClient.Configuration()
    configuration.connection.limits.fragmentSize = 32 << 10
    return configuration
}
// snippet.end

// snippet.pieces
func countBytes(on connection: WebSocketConnection) async throws -> Int {
    var count = 0
    for try await piece in try await connection.receivePieces() {
        count += piece.readableBytes
    }
    return count
}
// snippet.end

// snippet.text
func printArriving(on connection: WebSocketConnection) async throws {
    for try await text in try await connection.receivePieces().text {
        print(text, terminator: "")
    }
}
// snippet.end

// snippet.ping
func roundTrip(of connection: WebSocketConnection) async throws -> Duration {
    try await connection.ping(timeout: .seconds(5))
}
// snippet.end

// snippet.report
func tell(_ news: String, to readers: [WebSocketConnection]) async {
    let report = await WebSocketConnection.broadcast(
        .text(news), to: readers, whenSlow: .wait(above: 256 << 10, atMost: .seconds(2)))
    print("\(report.sent.count) readers have it, \(report.skipped.count) were too slow")
}
// snippet.end

// snippet.topics
func chat() -> WebSocketServer {
    let rooms = Topics(whenSlow: .disconnect(above: 1 << 20))
    return WebSocketServer(host: "127.0.0.1", port: 8765) { connection in
        let room = connection.request.target
        rooms.subscribe(connection, to: room)
        for try await message in connection {
            rooms.post(message, to: room)
        }
    }
}
// snippet.end

// snippet.extension
struct Marking: ServerExtension {
    func accept(_ offer: ExtensionDescription) -> AcceptedExtension? {
        guard offer.name == "x-marking" else { return nil }
        return AcceptedExtension(offer, transform: Marker())
    }
}

func withOwnExtension() -> WebSocketServer.Configuration {
    var configuration = WebSocketServer.Configuration()
    configuration.extensions = [Marking()]
    return configuration
}
// snippet.end

final class Marker: MessageTransform {
    func isWorthTransforming(length: Int) -> Bool { false }
    func encode(_ piece: Span<UInt8>, endsMessage: Bool, into output: inout [UInt8]) {
        for index in piece.indices { output.append(piece[index]) }
    }
    func decode(
        _ input: Span<UInt8>, from position: inout Int, endsMessage: Bool, into output: inout [UInt8], capacity: Int
    ) throws(TransformFailure) -> DecodeProgress {
        while position < input.count, output.count < capacity {
            output.append(input[position])
            position += 1
        }
        guard position == input.count else { return .hasMoreOutput }
        return endsMessage ? .endOfMessage : .needsInput
    }
}

try await chat().run()
