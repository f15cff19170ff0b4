// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport
import Synchronization

/// All connections of a server, so that they can be ended together.
final class ConnectionRegistry: Sendable {
    /// A connection that can be asked to end, on its loop.
    enum Member {
        case http(HTTPServerDriver)
        case webSocket(WebSocketDriver)
    }

    private struct Entry: @unchecked Sendable {
        // SAFETY: the member is touched only in tasks that run on its loop.
        let member: Member

        func perform(_ body: @escaping @Sendable (Member) -> Void) {
            Task(executorPreference: member.transport.loop) { body(member) }
        }
    }

    private struct State {
        var entries: [ObjectIdentifier: Entry] = [:]
        var isStopping = false
        var whenEmpty: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Whether the server takes no new connections any more.
    var isStopping: Bool { state.withLock { $0.isStopping } }

    /// A connection was accepted, or has left HTTP for WebSocket.
    func add(_ member: Member) {
        let entry = Entry(member: member)
        let isStopping = state.withLock { state in
            state.entries[ObjectIdentifier(member.transport)] = entry
            return state.isStopping
        }
        // Whoever comes when all were asked to end is asked too.
        if isStopping { entry.perform { $0.close() } }
    }

    /// The connection on this transport has ended.
    func remove(_ transport: any ConnectionTransport) {
        let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.entries[ObjectIdentifier(transport)] = nil
            return state.entries.isEmpty ? state.whenEmpty.take() : nil
        }
        waiting?.resume()
    }

    /// Ends all connections: asks them to close, and cuts what is left after `timeout`.
    ///
    /// Handlers of connections that were cut are cancelled and have a second to return; then they are not waited for.
    func stop(within timeout: Duration) async {
        state.withLock { $0.isStopping = true }
        forEach { $0.close() }
        let cut = Task {
            try await Task.sleep(for: timeout)
            forEach { $0.abort() }
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

    private func forEach(_ body: @escaping @Sendable (Member) -> Void) {
        for entry in state.withLock({ Array($0.entries.values) }) { entry.perform(body) }
    }
}

extension ConnectionRegistry.Member {
    fileprivate var transport: any ConnectionTransport {
        switch self {
        case .http(let driver): driver.transport
        case .webSocket(let driver): driver.transport
        }
    }

    /// Ends the connection in order. Code and reason may be sent: nothing is thrown.
    fileprivate func close() {
        switch self {
        case .http(let driver): driver.closeAfterResponse()
        case .webSocket(let driver): try? driver.close(CloseFrame(.goingAway), because: .shutdown)
        }
    }

    fileprivate func abort() {
        switch self {
        case .http(let driver): driver.abort()
        case .webSocket(let driver): driver.abort()
        }
    }
}
