// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Dispatch

/// A listening socket on this machine that accepts and then does nothing of its own accord: a server for testing
/// clients, that sends what a test tells it.
///
///     let listener = try ScriptedListener()
///     async let outcome = fetchNews(from: listener.address)
///     let peer = try await listener.acceptOpening()
///     try await peer.send(.close(.tryAgainLater))
///     let news = try await outcome
///     #expect(news == nil)
public final class ScriptedListener: Sendable {
    /// The port that the system picked.
    public let port: Int
    private let socket: LoopbackSocket
    private let queue = DispatchQueue(label: "alicorn.scripted-listener")

    /// Listens on a port of this machine.
    public init() throws {
        socket = try LoopbackSocket()
        port = try socket.listen()
    }

    /// The address for clients.
    public var address: String { "ws://127.0.0.1:\(port)/" }

    /// Waits for the next connection.
    public func accept() async throws -> ScriptedPeer {
        let accepted = try await queue.running { [socket] in try socket.accept() }
        return ScriptedPeer(accepted, role: .server)
    }

    /// Waits for the next connection and opens it: the answer has the right `Sec-WebSocket-Accept`, and accepts nothing
    /// that was offered but what `fields` say.
    ///
    /// - Parameter fields: more lines of the answer, such as `Sec-WebSocket-Protocol: chat`.
    public func acceptOpening(fields: [String] = []) async throws -> ScriptedPeer {
        let peer = try await accept()
        let request = try await peer.receiveHead()
        let lines =
            [
                "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
                "Sec-WebSocket-Accept: \(try Self.acceptValue(answering: request))",
            ] + fields
        try await peer.send(lines.map { $0 + "\r\n" }.joined() + "\r\n")
        return peer
    }

    /// The `Sec-WebSocket-Accept` that belongs to the key in the head of a request.
    package static func acceptValue(answering request: String) throws -> String {
        var head = RequestHead(method: "GET", target: "/")
        for line in request.split(separator: "\r\n").dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            try head.fields.append(
                name: String(line[..<colon]), value: String(line[line.index(after: colon)...].drop { $0 == " " }))
        }
        return try HandshakeKey(in: head).accept
    }
}
