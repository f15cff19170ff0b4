// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol
import AlicornTransport
import NIOCore

/// The events of a WebSocket connection whose codec is NIOWebSocket's. Its methods may be called from anywhere and hop to the
/// connection's loop.
///
/// Until the connection is accepted nothing is different: that is the other channel's to do.
final class NIOWebSocketChannel: @unchecked Sendable {
    // SAFETY: the variables are touched only on the loop, which every method is on or hops to.
    let handshake: WebSocketChannel
    /// The connection, once it is accepted.
    private var connection: NIOWebSocketDriver?
    private var hasClosed = false

    init(_ handshake: WebSocketChannel) { self.handshake = handshake }

    private var opening: WebSocketOpening { handshake.opening }
    private var loop: ConnectionLoop { handshake.loop }

    // MARK: - Receiving

    /// The next event if there is one and this is the loop.
    func next() -> ReceivedEvent? {
        guard loop.isCurrent, let connection else { return handshake.next() }
        return connection.next().map { .webSocketReceive($0) }
    }

    func receive() async throws -> ReceivedEvent {
        guard loop.isCurrent else {
            return try await withTaskExecutorPreference(loop) { try await self.receiveOnLoop() }
        }
        if let event = next() { return event }
        try await waitForConnection()
        guard let connection else {
            return .webSocketDisconnect(code: WebSocketDisconnect.unopened.code, reason: "")
        }
        return try await receive(from: connection)
    }

    @concurrent
    private func receiveOnLoop() async throws -> ReceivedEvent { try await receive() }

    /// Another task of the application's may accept while this one waits; or nobody does, and it is over.
    private func waitForConnection() async throws {
        while connection == nil, !opening.isOver {
            await loop.wait {
                opening.whenOver($0)
            } giveUp: {
                self.opening.stopWaiting()
            }
            try Task.checkCancellation()
        }
    }

    private func receive(from connection: NIOWebSocketDriver) async throws -> ReceivedEvent {
        while true {
            if let message = connection.next() { return .webSocketReceive(message) }
            if connection.hasReceivedAll { return handshake.disconnect(after: connection.closure) }
            try await wait(for: connection)
        }
    }

    private func wait(for connection: NIOWebSocketDriver) async throws {
        await loop.wait {
            connection.whenChanged($0)
        } giveUp: {
            self.lookAgain()
        }
        try Task.checkCancellation()
    }

    private func lookAgain() { connection?.lookAgain() }

    // MARK: - Sending

    func sendAtOnce(_ event: SentEvent) throws -> Sending {
        guard loop.isCurrent else { return .notHere }
        return try sendHere(event)
    }

    private func sendHere(_ event: SentEvent) throws -> Sending {
        if let connection {
            try send(event, on: connection)
            return connection.isWritable ? .done : .full
        }
        guard case .webSocketAccept(let subprotocol, let headers) = event else { return try handshake.sendHere(event) }
        try accept(subprotocol: subprotocol, headers: headers)
        return .done
    }

    func send(_ event: SentEvent) async throws {
        try await withTaskExecutorPreference(loop) { try await self.sendOnLoop(event) }
    }

    @concurrent
    private func sendOnLoop(_ event: SentEvent) async throws {
        if case .full = try sendHere(event) { try await waitForRoom() }
    }

    private func send(_ event: SentEvent, on connection: NIOWebSocketDriver) throws {
        guard !hasClosed else { throw ASGIMisuse.afterClose(event.name) }
        do {
            switch event {
            case .webSocketSend(let message): try connection.send(message)
            case .webSocketClose(let code, let reason):
                guard connection.closure == nil else { throw ClientDisconnected() }
                try connection.close(CloseFrame(code, reason: reason), because: .closedLocally)
                hasClosed = true
            default: throw ASGIMisuse.unexpected(event.name, expected: ["websocket.send", "websocket.close"])
            }
        } catch let misuse as ProtocolMisuse {
            if misuse == .closing { throw ClientDisconnected() }
            throw ASGIMisuse.webSocket(misuse)
        }
    }

    /// A client that has gone meanwhile is none of the application's faults (U-WS-09).
    private func accept(subprotocol: String?, headers: [HeaderField]) throws {
        guard !opening.isOver else { throw ClientDisconnected() }
        try opening.accept(subprotocol: subprotocol, fields: headers) { handshake in
            let made = self.handshake.surface.makeNIOConnection(handshake)
            connection = made
            return made
        }
        guard connection != nil else { throw ClientDisconnected() }
    }

    func waitForRoom() async throws {
        guard let connection else { return try await handshake.waitForRoom() }
        while !connection.isWritable, connection.allowsSending { try await wait(for: connection) }
        guard connection.allowsSending else { throw ClientDisconnected() }
    }

    // MARK: - The end

    /// The application has returned: with an open connection, that was all it had to say (P-14). On the loop.
    func applicationReturned() {
        try? connection?.close(CloseFrame(.normalClosure), because: .closedLocally)
        handshake.applicationReturned()
    }

    /// The application has failed; see ``WebSocketOpening/applicationFailed(_:)``. On the loop.
    func applicationFailed(_ report: String?) {
        try? connection?.close(CloseFrame(.internalError), because: .applicationFailed)
        handshake.applicationFailed(report)
    }
}
