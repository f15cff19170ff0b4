// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport
import Synchronization

/// All connections of a server, so that they can be seen, and ended together.
final class ConnectionRegistry: Sendable {
    /// A connection that can be asked to end, on its loop.
    enum Member {
        case proxied(ProxyHeaderDriver)
        case http(HTTPServerDriver)
        case webSocket(WebSocketConnection)
        case callbacks(CallbackConnection)
    }

    private struct Entry: @unchecked Sendable {
        // SAFETY: the member is touched only in tasks that run on its loop.
        let member: Member

        func perform(_ body: @escaping @Sendable (Member) -> Void) {
            Task(executorPreference: member.transport.loop) { body(member) }
        }
    }

    private struct State {
        var entries: [UInt64: Entry] = [:]
        /// The tasks of handlers that go on when their connection is gone, where that is wanted.
        var lastingHandlers: [UInt64: Task<Void, any Error>] = [:]
        var farewell: Farewell?
        var whenEmpty: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Whether the server takes no new connections any more.
    var isStopping: Bool { state.withLock { $0.farewell != nil } }

    /// Connections of all kinds.
    var count: Int { state.withLock { $0.entries.count } }

    /// The same, but for that on `transport`.
    func count(besides transport: any ConnectionTransport) -> Int {
        state.withLock { state in
            state.entries.count - (state.entries[transport.serial] == nil ? 0 : 1)
        }
    }

    /// Those whose handshake is done, and whose end is not.
    var open: [WebSocketConnection] {
        members.compactMap { if case .webSocket(let connection) = $0.member { connection } else { nil } }
    }

    /// The same, of those that callbacks serve.
    var openCallbacks: [CallbackConnection] {
        members.compactMap { if case .callbacks(let connection) = $0.member { connection } else { nil } }
    }

    /// A connection was accepted, or has left HTTP for WebSocket.
    func add(_ member: Member) {
        let entry = Entry(member: member)
        let farewell = state.withLock { state in
            state.entries[member.transport.serial] = entry
            return state.farewell
        }
        // Whoever comes when all were asked to end is asked too.
        if let farewell { entry.perform { $0.leave(farewell) } }
    }

    /// A handler is at work that its connection's end does not cancel.
    func add(lasting handler: Task<Void, any Error>, of transport: any ConnectionTransport) {
        state.withLock { $0.lastingHandlers[transport.serial] = handler }
    }

    /// The connection on this transport has ended, and its handler with it.
    func remove(_ transport: any ConnectionTransport) {
        let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.entries[transport.serial] = nil
            if !state.lastingHandlers.isEmpty { state.lastingHandlers[transport.serial] = nil }
            return state.entries.isEmpty ? state.whenEmpty.take() : nil
        }
        waiting?.resume()
    }

    /// Ends all connections: says farewell, and cuts what is left after `timeout`.
    ///
    /// Handlers of connections that were cut are cancelled and have a second to return; then they are not waited for.
    func stop(_ farewell: Farewell, within timeout: Duration) async {
        state.withLock { $0.farewell = farewell }
        forEach { $0.leave(farewell) }
        let cut = Task {
            try await Task.sleep(for: timeout)
            forEach { $0.abort() }
            for handler in state.withLock({ Array($0.lastingHandlers.values) }) { handler.cancel() }
            try await Task.sleep(for: .seconds(1))
            state.withLock { $0.whenEmpty.take() }?.resume()
        }
        await waitUntilEmpty()
        cut.cancel()
    }

    private func waitUntilEmpty() async {
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                if !state.entries.isEmpty { state.whenEmpty = continuation }
                return state.entries.isEmpty
            }
            if isEmpty { continuation.resume() }
        }
    }

    private var members: [Entry] { state.withLock { Array($0.entries.values) } }

    private func forEach(_ body: @escaping @Sendable (Member) -> Void) {
        for entry in members { entry.perform(body) }
    }
}

extension ConnectionRegistry.Member {
    fileprivate var transport: any ConnectionTransport {
        switch self {
        case .proxied(let driver): driver.transport
        case .http(let driver): driver.transport
        case .webSocket(let connection): connection.driver.transport
        case .callbacks(let connection): connection.driver.transport
        }
    }

    /// Ends the connection in order; one that is open, as the farewell has it.
    fileprivate func leave(_ farewell: WebSocketServer.Farewell) {
        switch self {
        case .proxied(let driver): driver.leave()
        case .http(let driver): driver.leave()
        case .webSocket(let connection): connection.driver.leave(farewell)
        case .callbacks(let connection): connection.driver.leave(farewell)
        }
    }

    fileprivate func abort() {
        switch self {
        case .proxied(let driver): driver.abort()
        case .http(let driver): driver.abort()
        case .webSocket(let connection): connection.driver.abort()
        case .callbacks(let connection): connection.driver.abort()
        }
    }
}

extension ConnectionRegistry {
    typealias Farewell = WebSocketServer.Farewell
}

extension WebSocketDriver {
    fileprivate func leave(_ farewell: WebSocketServer.Farewell) {
        switch farewell {
        // That it may be sent was checked when the server began to run: nothing is thrown.
        case .close(let frame): leave(with: frame)
        case .wait: break
        }
    }
}
