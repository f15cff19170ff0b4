// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornProtocol
import AlicornTransport
import AlicornWebSocket
import NIOCore

/// The events of a WebSocket connection, from its handshake on. Its methods may be called from anywhere and hop to the
/// connection's loop.
final class WebSocketChannel: @unchecked Sendable {
    // SAFETY: `opening` and the variables are touched only on the loop, which every method is on or hops to.
    let opening: WebSocketOpening
    let loop: ConnectionLoop
    let offeredSubprotocols: [String]
    let surface: WebSocketSurface
    /// The connection, once it is accepted.
    private(set) var connection: WebSocketConnection? {
        didSet { here = connection.map { .passUnretained($0) } }
    }
    // SAFETY: `connection` keeps it. Each message would count a reference otherwise, twice.
    private var here: Unmanaged<WebSocketConnection>?
    /// The task that the application was called in; 0 before.
    private var task: UInt = 0
    private var hasDeliveredConnect = false
    private var hasClosed = false

    init(_ opening: WebSocketOpening, _ surface: WebSocketSurface) {
        self.opening = opening
        loop = opening.loop
        offeredSubprotocols = opening.offeredSubprotocols
        self.surface = surface
    }

    /// The application begins, in the current task.
    func begin() { task = WebSocketConnection.currentTask }

    // MARK: - Receiving

    /// The next event if there is one and this is the loop.
    func next() -> ReceivedEvent? {
        guard loop.isCurrent else { return nil }
        if let here { return here._withUnsafeGuaranteedRef { $0.takeQueued() }.map { .webSocketReceive($0) } }
        guard !hasDeliveredConnect else { return nil }
        hasDeliveredConnect = true
        return .webSocketConnect
    }

    func receive() async throws -> ReceivedEvent {
        guard loop.isCurrent else {
            return try await withTaskExecutorPreference(loop) { try await self.receiveOnLoop() }
        }
        if let event = next() { return event }
        guard let connection else { return try await waitForEnd() }
        return try await receive(from: connection)
    }

    @concurrent
    private func receiveOnLoop() async throws -> ReceivedEvent { try await receive() }

    private func receive(from connection: WebSocketConnection) async throws -> ReceivedEvent {
        do {
            if let message = try await connection.next() { return .webSocketReceive(message) }
        } catch {
            guard error.tellsOfEnd else { throw error }
        }
        return disconnect(after: connection.currentClosure)
    }

    /// What is told of an end.
    func disconnect(after closure: Closure?) -> ReceivedEvent {
        let end = WebSocketDisconnect(
            closure ?? Closure(cause: .connectionLost), lossIsWithoutCode: surface.lossIsWithoutCode)
        return .webSocketDisconnect(code: end.code, reason: end.reason)
    }

    /// Before the connection is accepted only its end can come.
    private func waitForEnd() async throws -> ReceivedEvent {
        while !opening.isOver {
            await loop.wait {
                opening.whenOver($0)
            } giveUp: {
                self.opening.stopWaiting()
            }
            if let connection { return try await receive(from: connection) }
            try Task.checkCancellation()
        }
        return .webSocketDisconnect(code: WebSocketDisconnect.unopened.code, reason: "")
    }

    // MARK: - Sending

    func sendAtOnce(_ event: SentEvent) throws -> Sending {
        guard loop.isCurrent else { return .notHere }
        return try sendHere(event)
    }

    /// On the loop.
    func sendHere(_ event: SentEvent) throws -> Sending {
        if let here, !hasClosed, case .webSocketSend(let message) = event {
            do {
                return try here._withUnsafeGuaranteedRef { try $0.sendAtOnce(message) } ? .done : .full
            } catch { throw error.forSender }
        }
        try sendNow(event)
        return connection != nil || opening.isWritable ? .done : .full
    }

    func send(_ event: SentEvent) async throws {
        try await withTaskExecutorPreference(loop) { try await self.sendOnLoop(event) }
    }

    @concurrent
    private func sendOnLoop(_ event: SentEvent) async throws {
        if case .full = try sendHere(event) { try await waitForRoom() }
    }

    private func sendNow(_ event: SentEvent) throws {
        if let connection { return try send(event, on: connection) }
        if case .webSocketAccept(let subprotocol, let headers) = event {
            _ = try accept(subprotocol: subprotocol, headers: headers)
            return
        }
        switch event {
        case .webSocketClose: try opening.refuse()
        case .webSocketResponseStart(let status, let headers): try opening.deny(status: status, fields: headers)
        case .webSocketResponseBody(let body, let moreBody):
            try opening.deny(body.readableBytesUInt8Span, hasMore: moreBody)
        default: throw opening.misuse(event.name)
        }
    }

    private func send(_ event: SentEvent, on connection: WebSocketConnection) throws {
        guard !hasClosed else { throw ASGIMisuse.afterClose(event.name) }
        guard case .webSocketClose(let code, let reason) = event else {
            throw ASGIMisuse.unexpected(event.name, expected: ["websocket.send", "websocket.close"])
        }
        guard connection.currentClosure == nil else { throw ClientDisconnected() }
        do throws(ProtocolMisuse) { try connection.startClosing(code, reason: reason) } catch {
            throw ASGIMisuse.webSocket(error)
        }
        hasClosed = true
    }

    /// Completes the handshake. A client that has gone meanwhile is none of the application's faults (U-WS-09).
    func accept(subprotocol: String?, headers: [HeaderField]) throws -> WebSocketConnection {
        guard !opening.isOver else { throw ClientDisconnected() }
        var made: WebSocketConnection?
        try opening.accept(subprotocol: subprotocol, fields: headers) { handshake in
            let parts = surface.makeConnection(handshake, isSecure: opening.scope.isSecure)
            made = parts.connection
            return parts.driver
        }
        guard let made else { throw ClientDisconnected() }
        connection = made
        // Nobody but the server cancels it, and the server cuts the connection before that.
        if WebSocketConnection.currentTask == task { made.becomeOwned() }
        return made
    }

    /// Completes the handshake for an application that uses the connection itself, instead of events. From anywhere.
    func open(subprotocol: String?, headers: [HeaderField]) async throws -> WebSocketConnection {
        guard loop.isCurrent else {
            return try await withTaskExecutorPreference(loop) {
                try await self.openOnLoop(subprotocol: subprotocol, headers: headers)
            }
        }
        return try accept(subprotocol: subprotocol, headers: headers)
    }

    @concurrent
    private func openOnLoop(subprotocol: String?, headers: [HeaderField]) async throws -> WebSocketConnection {
        try await open(subprotocol: subprotocol, headers: headers)
    }

    func waitForRoom() async throws {
        if let connection {
            do { return try await connection.waitForRoom() } catch { throw error.forSender }
        }
        while !opening.isWritable {
            await loop.wait {
                opening.whenWritable($0)
            } giveUp: {
                self.opening.stopWaiting()
            }
            try Task.checkCancellation()
        }
    }

    // MARK: - The end

    /// The application has returned: with an open connection, that was all it had to say (P-14). On the loop.
    func applicationReturned() {
        try? connection?.startClosing(.normalClosure)
        opening.applicationReturned()
    }

    /// The application has failed; see ``WebSocketOpening/applicationFailed(_:)``. On the loop.
    func applicationFailed(_ report: String?) {
        try? connection?.startClosing(.internalError, because: .applicationFailed)
        opening.applicationFailed(report)
    }
}
