// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornTransport
import AlicornWebSocket

/// Waits for the next event. From any task of the application's, one at a time.
public struct Receive: Sendable {
    let channel: EventChannel

    /// - Throws: `CancellationError` when the task is cancelled while it waits.
    public func callAsFunction() async throws -> ReceivedEvent {
        // Mostly there is something. Else this is where a connection waits: each function more on the way down would be a
        // frame that all idle connections hold, and what is not looked at elsewhere would be a part of this one.
        if let event = channel.next() { return event }
        guard let connection = channel.connectionHere else { return try await channel.receive() }
        do {
            return channel.event(of: try await connection.next(), from: connection)
        } catch {
            return try channel.event(of: error, from: connection)
        }
    }
}

/// Sends an event; waits while the client reads more slowly (A-05, U-H-37). From any task of the application's.
public struct Send: Sendable {
    let channel: EventChannel

    /// - Throws: ``AlicornASGI/ASGIMisuse`` for an event that is not due, or cannot be sent;
    ///   ``AlicornASGI/ClientDisconnected`` when the connection is gone.
    public func callAsFunction(_ event: consuming SentEvent) async throws {
        switch try channel.sendAtOnce(event) {
        case .done: return
        case .full: try await channel.waitForRoom()
        case .notHere: try await channel.send(event)
        }
    }
}

extension Error {
    /// Whether it only says that a WebSocket connection is closed.
    @inline(never)
    var tellsOfEnd: Bool { (self as? WebSocketError)?.code == .closed }

    /// What an application gets that sends: that the connection is gone is no fault of its own.
    @inline(never)
    var forSender: any Error { tellsOfEnd ? ClientDisconnected() : self }
}

/// What came of sending without waiting.
enum Sending {
    /// It is sent.
    case done
    /// It is sent, and more should wait.
    case full
    /// Nothing was done: this is not the loop, or it takes more than that.
    case notHere
}

/// Between an application and what it was called for.
enum EventChannel: Sendable {
    case http(HTTPChannel)
    case webSocket(WebSocketChannel)
    case nioWebSocket(NIOWebSocketChannel)
    case lifespan(LifespanChannel)
    /// At the log level trace.
    case traced(TracedChannel)

    /// The next event if there is one and this is the loop.
    @inline(never)
    func next() -> ReceivedEvent? {
        switch self {
        case .http(let channel): channel.next()
        case .webSocket(let channel): channel.next()
        case .nioWebSocket(let channel): channel.next()
        case .lifespan: nil
        case .traced(let channel): channel.next()
        }
    }

    /// The WebSocket connection, once it is accepted and if this is its loop.
    @inline(never)
    var connectionHere: WebSocketConnection? {
        guard case .webSocket(let channel) = self, channel.loop.isCurrent else { return nil }
        return channel.connection
    }

    /// What is told of a connection's message, or of its end.
    @inline(never)
    func event(of message: WebSocketMessage?, from connection: WebSocketConnection) -> ReceivedEvent {
        if let message { return .webSocketReceive(message) }
        guard case .webSocket(let channel) = self else { preconditionFailure("only WebSocket has connections") }
        return channel.disconnect(after: connection.currentClosure)
    }

    /// What is told of an error that only says that the connection is closed.
    @inline(never)
    func event(of error: any Error, from connection: WebSocketConnection) throws -> ReceivedEvent {
        guard error.tellsOfEnd else { throw error }
        return event(of: nil, from: connection)
    }

    @inline(never)
    func receive() async throws -> ReceivedEvent {
        switch self {
        case .http(let channel): try await channel.receive()
        case .webSocket(let channel): try await channel.receive()
        case .nioWebSocket(let channel): try await channel.receive()
        case .lifespan(let channel): await channel.receive()
        case .traced(let channel): try await channel.receive()
        }
    }

    /// Sends what can be sent without waiting, if this is the loop.
    @inline(never)
    func sendAtOnce(_ event: SentEvent) throws -> Sending {
        switch self {
        case .http(let channel): try channel.sendAtOnce(event)
        case .webSocket(let channel): try channel.sendAtOnce(event)
        case .nioWebSocket(let channel): try channel.sendAtOnce(event)
        case .lifespan, .traced: .notHere
        }
    }

    @inline(never)
    func send(_ event: SentEvent) async throws {
        switch self {
        case .http(let channel): try await channel.send(event)
        case .webSocket(let channel): try await channel.send(event)
        case .nioWebSocket(let channel): try await channel.send(event)
        case .lifespan(let channel): try channel.send(event)
        case .traced(let channel): try await channel.send(event)
        }
    }

    @inline(never)
    func waitForRoom() async throws {
        switch self {
        case .http(let channel): try await channel.waitForRoom()
        case .webSocket(let channel): try await channel.waitForRoom()
        case .nioWebSocket(let channel): try await channel.waitForRoom()
        case .lifespan, .traced: break
        }
    }

    /// The application has returned. On the loop.
    func applicationReturned() {
        switch self {
        case .http(let channel): channel.exchange.applicationReturned()
        case .webSocket(let channel): channel.applicationReturned()
        case .nioWebSocket(let channel): channel.applicationReturned()
        case .lifespan, .traced: break
        }
    }

    /// The application has failed; see ``WebSocketOpening/applicationFailed(_:)``. On the loop.
    func applicationFailed(_ report: String?) {
        switch self {
        case .http(let channel): channel.exchange.applicationFailed(report)
        case .webSocket(let channel): channel.applicationFailed(report)
        case .nioWebSocket(let channel): channel.applicationFailed(report)
        case .lifespan, .traced: break
        }
    }
}
