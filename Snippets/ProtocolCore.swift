// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

// The code of the article about driving the core; scripts/check-snippets sees to it that it quotes nothing else.

import AlicornProtocol

/// What carries the bytes: a socket, a pipe, an array in a test.
protocol ByteStream {
    func write(_ bytes: [UInt8])
    func endWriting()
    func close()
    func abort()
}

// snippet.create
struct Peer: ~Copyable {
    var core: WebSocketProtocol
    let stream: any ByteStream
    var message: [UInt8] = []

    init(stream: any ByteStream, now: Timestamp) {
        self.stream = stream
        core = WebSocketProtocol(
            role: .server, configuration: ProtocolConfiguration(), now: now,
            randomWord: { UInt32.random(in: .min ... .max) })
    }
}
// snippet.end

// snippet.receive
extension Peer {
    /// Step 1: bytes came.
    mutating func receive(_ bytes: consuming [UInt8], now: Timestamp) throws(ProtocolMisuse) {
        var input = bytes.mutableSpan
        var position = 0
        core.receive(at: now)
        while let event = core.next(in: &input, from: &position) {
            switch event {
            case .data(let piece):
                switch piece.location {
                case .input(let range): for index in range { message.append(input[index]) }
                case .restored:
                    let restored = core.restored
                    message += restored
                }
                guard piece.endsMessage else { continue }
                let whole = message
                message = []
                try core.send(whole.span, as: piece.kind)
            case .ping, .pong: break  // Pings are answered already.
            case .close, .violation: core.didDeliver()  // All that came before is handled.
            }
        }
        write()
    }
}
// snippet.end

// snippet.write
extension Peer {
    /// Step 2: after each call, write what there is and do with TCP what is asked for.
    mutating func write() {
        var bytes: [UInt8] = []
        let end = core.takeOutput(into: &bytes)
        if !bytes.isEmpty, end != .abort { stream.write(bytes) }
        switch end {
        case .stayOpen: break
        case .halfClose: stream.endWriting()
        case .close: stream.close()
        case .abort: stream.abort()
        }
    }
}
// snippet.end

// snippet.timeout
extension Peer {
    /// Step 3: keepalive and closing have deadlines. Ask again after each call, as they move.
    var nextDeadline: Timestamp? { core.nextDeadline }

    mutating func handleTimeout(now: Timestamp) {
        core.handleTimeout(now: now)
        write()
    }
}
// snippet.end

// snippet.handshake
func openingHandshake() throws {
    let uri = try WebSocketURI("ws://example.com/feed")
    var generator = SystemRandomNumberGenerator()
    let handshake = try ClientHandshake(to: uri, configuration: ClientHandshake.Configuration(), using: &generator)
    var output: [UInt8] = []
    try HTTP1Serializer.append(handshake.request, to: &output)
    // ... write `output`, give what comes to an HTTP1ResponseReader, and its response to `handshake.evaluate(_:)`.
}
// snippet.end

try openingHandshake()
