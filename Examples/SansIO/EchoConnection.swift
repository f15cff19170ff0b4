// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// One client from its request to its end, on a thread of its own.
struct EchoConnection {
    private let socket: BlockingSocket
    private let handshake: ServerHandshake
    private var message: [UInt8] = []

    init(_ socket: BlockingSocket, _ handshake: ServerHandshake) {
        self.socket = socket
        self.handshake = handshake
    }

    mutating func serve() {
        guard let rest = open() else { return }
        echo(startingWith: rest)
    }

    /// Answers requests until one opens a connection.
    ///
    /// - Returns: what came behind that request; `nil` when the client is gone or was refused.
    private func open() -> [UInt8]? {
        var http = HTTP1ServerConnection()
        var input: [UInt8] = []
        while !http.isClosed {
            guard let bytes = socket.read(until: .now.advanced(by: .seconds(10))), !bytes.isEmpty else { return nil }
            input += bytes
            var position = 0
            while let event = http.next(in: input.span, from: &position) {
                var output: [UInt8] = []
                var isOpen = false
                switch event {
                case .request(let request, let body, _): isOpen = answer(request, body, on: &http, into: &output)
                case .failure(let violation): http.sendFailureResponse(for: violation, into: &output)
                case .body, .end: break
                }
                guard socket.write(output) else { return nil }
                if isOpen { return Array(input[position...]) }
            }
            input.removeFirst(position)
        }
        return nil
    }

    /// - Returns: whether the connection is a WebSocket connection from now on.
    private func answer(
        _ request: RequestHead, _ body: BodyKind, on http: inout HTTP1ServerConnection, into output: inout [UInt8]
    ) -> Bool {
        do {
            switch handshake.evaluate(request, announcesBody: body != .none) {
            case .accepted(let acceptance):
                try http.sendUpgradeResponse(acceptance.response(), into: &output)
                return true
            case .refused(let refusal), .notAnUpgrade(let refusal):
                _ = try http.send(refusal.response, wholeBody: refusal.body, into: &output)
            }
        } catch {
            print("a response that cannot be sent: \(error)")
        }
        return false
    }

    /// Three steps again and again: give bytes, take bytes, tell the time.
    private mutating func echo(startingWith rest: [UInt8]) {
        var core = WebSocketProtocol(
            role: .server, configuration: ProtocolConfiguration(), now: .now,
            randomWord: { UInt32.random(in: .min ... .max) })
        receive(rest, by: &core)
        while true {
            var output: [UInt8] = []
            let end = core.takeOutput(into: &output)
            if end != .abort, !socket.write(output) { core.cut(because: .transportFailed("the peer is gone")) }
            switch end {
            case .stayOpen: break
            case .halfClose: socket.endWriting()
            case .close, .abort:
                if let closure = core.closure { print(closure) }
                return
            }
            switch socket.read(until: core.nextDeadline) {
            case nil: core.handleTimeout(now: .now)
            case let bytes? where bytes.isEmpty: core.receiveEOF()
            case let bytes?: receive(bytes, by: &core)
            }
        }
    }

    private mutating func receive(_ bytes: consuming [UInt8], by core: inout WebSocketProtocol) {
        var input = bytes.mutableSpan
        var position = 0
        core.receive(at: .now)
        while let event = core.next(in: &input, from: &position) {
            switch event {
            case .data(let piece):
                // Without compression pieces lie where they were received.
                if case .input(let range) = piece.location { for index in range { message.append(input[index]) } }
                guard piece.endsMessage else { continue }
                // Refused only when we are closing.
                try? core.send(message.span, as: piece.kind)
                message = []
            case .ping, .pong: break
            case .close, .violation: core.didDeliver()
            }
        }
    }
}
