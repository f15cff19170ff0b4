// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornTesting
import EngineTesting
import Logging
import Testing

/// One run of an application that echoes, and what came of one client's bytes.
struct ComparedServer: Sendable {
    /// What speaks WebSocket.
    let implementation: ServerSettings.Implementation

    /// All that the application and the client see.
    struct Outcome: Sendable, Hashable {
        /// What the application was told.
        var events: [String]
        /// What the client was sent.
        var frames: [ScriptedFrame]

        /// The same without the words of reasons, in which the implementations may differ.
        var codes: Self {
            var codes = self
            codes.events = events.map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
            for index in frames.indices where frames[index].opcode == .close {
                codes.frames[index].payload = Array(frames[index].payload.prefix(2))
            }
            return codes
        }
    }

    /// Accepts, sends messages back, and tells what it is told.
    private struct Echo: Application {
        let note: AsyncStream<String>.Continuation

        func handle(_ scope: Scope, receive: Receive, send: Send) async throws {
            guard case .webSocket = scope else { throw UnsupportedScope(scope) }
            defer { note.finish() }
            _ = try await receive()
            try await send(.webSocketAccept())
            while true {
                switch try await receive() {
                case .webSocketReceive(let message):
                    note.yield(
                        message.isText ? "text \(message.text)" : "binary, \(message)".filter { !"<>".contains($0) })
                    try await send(.webSocketSend(message))
                case .webSocketDisconnect(let code, let reason):
                    note.yield(reason.isEmpty ? "disconnect \(code)" : "disconnect \(code) \(reason)")
                    return
                default: return
                }
            }
        }
    }

    /// Sends a handshake and `input` at once, and waits until both sides have ended.
    ///
    /// - Parameters:
    ///   - endsBehind: whether the client then ends its direction of TCP; else it waits for the server to do that.
    ///   - fields: lines of the handshake.
    func outcome(of input: [UInt8], endsBehind: Bool = false, fields: [String] = []) async throws -> Outcome {
        var settings = ServerSettings()
        settings.listening.addresses = [.tcp(host: "127.0.0.1", port: 0)]
        settings.logging.level = .critical
        settings.logging.access = false
        settings.processes.engine = EngineUnderTest.current == .nio ? .nio : .auto
        settings.webSocket.implementation = implementation
        settings.webSocket.maximumMessageSize = 1 << 20
        settings.webSocket.compresses = false
        let (events, note) = AsyncStream.makeStream(of: String.self)
        let server = Server(Echo(note: note), settings: settings)
        let (addresses, noteAddress) = AsyncStream.makeStream(of: String.self)
        let run = Task {
            defer { noteAddress.finish() }
            try await server.run { for address in $0 { noteAddress.yield(address) } }
        }
        let address = try #require(await addresses.first { _ in true })
        let port = try #require(Int(address.split(separator: ":").last ?? ""))
        let frames = try await Self.talk(port, input, endsBehind, fields)
        let told = await events.reduce(into: []) { $0.append($1) }
        server.stop()
        try await run.value
        return Outcome(events: told, frames: frames)
    }

    private static func talk(
        _ port: Int, _ input: [UInt8], _ endsBehind: Bool, _ fields: [String]
    ) async throws -> [ScriptedFrame] {
        let peer = try await ScriptedPeer.connect(port: port)
        let request = Array(ScriptedPeer.openingRequest(fields: fields).utf8)
        // The server need not take it all: it may have had enough before.
        try? await peer.send(request + input)
        if endsBehind { peer.finishWriting() }
        let head = try await peer.receiveHead()
        #expect(head.hasPrefix("HTTP/1.1 101 "))
        #expect(!head.contains("Sec-WebSocket-Extensions"))
        return try await peer.receiveAllFrames()
    }
}
