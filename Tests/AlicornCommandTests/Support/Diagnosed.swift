// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import AlicornWebSocket
import ArgumentParser
import Synchronization
import Testing

@testable import AlicornCommand

/// What the doctor found.
struct Diagnosed: Sendable {
    let fault: Fault?
    let steps: [Step]

    /// Examines an address.
    ///
    /// - Parameter change: what the options would.
    static func examining(
        _ address: String, idle: Duration? = nil, patience: Duration = .seconds(10),
        _ change: (inout WebSocketClient.Configuration) throws -> Void = { _ in }
    ) async throws -> Self {
        var configuration = try ClientOptions.parse([]).configuration()
        configuration.proxy = .direct
        configuration.connection.limits.maximumMessageSize = 1 << 20
        try change(&configuration)
        let steps = Mutex<[Step]>([])
        let fault = try await Examination(
            address: address, configuration: configuration, idle: idle, patience: patience,
            report: { step in steps.withLock { $0.append(step) } }
        ).run()
        return Self(fault: fault, steps: steps.withLock { $0 })
    }

    /// Checks that it is this fault, found at this step, which is the last, and told in these words.
    func expect(
        _ id: Fault.ID, at name: Step.Name, _ words: String = "", sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(fault?.id == id, "\(fault?.cause ?? "healthy")", sourceLocation: sourceLocation)
        #expect(steps.last?.name == name, sourceLocation: sourceLocation)
        #expect(steps.last?.outcome == .failed, sourceLocation: sourceLocation)
        #expect(steps.dropLast().allSatisfy { $0.outcome != .failed }, sourceLocation: sourceLocation)
        guard let fault else { return }
        #expect("\(fault.cause)\n\(fault.remedy)".contains(words), "\(fault)", sourceLocation: sourceLocation)
    }

    func step(_ name: Step.Name) -> Step? { steps.last { $0.name == name } }

    func expectHealthy(sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(fault == nil, "\(fault?.cause ?? "")", sourceLocation: sourceLocation)
        #expect(steps.last?.name == .close, sourceLocation: sourceLocation)
    }
}

/// A server that deals with all connections in the same way, until the test is over.
enum ScriptedServer {
    /// - Parameter serve: gets each connection, which is closed when it returns.
    static func running<Result: Sendable>(
        _ serve: @escaping @Sendable (ScriptedPeer) async throws -> Void, _ body: (Int) async throws -> Result
    ) async throws -> Result {
        let listener = try ScriptedListener()
        let accepting = Task {
            while !Task.isCancelled {
                let peer = try await listener.accept()
                Task { try await serve(peer) }
            }
        }
        defer { accepting.cancel() }
        return try await body(listener.port)
    }

    /// One that answers each request with the same bytes.
    static func answering<Result: Sendable>(
        _ answer: String, _ body: (Int) async throws -> Result
    ) async throws -> Result {
        try await running(
            { peer in
                _ = try await peer.receiveHead()
                try await peer.send(answer)
            }, body)
    }

    /// One that opens each connection, and then does what the test says.
    static func opening<Result: Sendable>(
        _ serve: @escaping @Sendable (ScriptedPeer) async throws -> Void, _ body: (Int) async throws -> Result
    ) async throws -> Result {
        try await running(
            { peer in
                try await peer.open()
                try await serve(peer)
            }, body)
    }
}

extension ScriptedPeer {
    /// Answers the opening handshake.
    ///
    /// - Parameter change: makes the lines of the answer, but the first one, into others.
    func open(_ change: ([String]) -> [String] = { $0 }) async throws {
        let request = try await receiveHead()
        let lines = change([
            "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Accept: \(try ScriptedListener.acceptValue(answering: request))",
        ])
        try await send((["HTTP/1.1 101 Switching Protocols"] + lines).map { $0 + "\r\n" }.joined() + "\r\n")
    }

    /// Waits for the other side's close frame, or its end.
    func receiveClose() async throws {
        while let frame = try await receiveFrame(), frame.opcode != .close {}
    }

    /// Answers pings and the close frame, as a server does.
    func behave() async throws {
        while let frame = try await receiveFrame() {
            if frame.opcode == .ping { try await send(.pong(frame.payload)) }
            if frame.opcode == .close {
                try await send(.close(frame.closeCode ?? .normalClosure))
                return
            }
        }
    }
}
