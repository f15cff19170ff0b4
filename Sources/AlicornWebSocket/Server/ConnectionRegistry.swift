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
        let loop: ConnectionLoop
    }

    private struct State {
        var entries: [ObjectIdentifier: Entry] = [:]
        var isStopping = false
        var whenEmpty: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Whether the server takes no new connections any more.
    var isStopping: Bool { state.withLock { $0.isStopping } }

    func add(_ member: Member, loop: ConnectionLoop) {
        let entry = Entry(member: member, loop: loop)
        state.withLock { $0.entries[member.key] = entry }
    }

    /// A connection has left HTTP for WebSocket.
    func replace(_ http: HTTPServerDriver, with webSocket: WebSocketDriver) {
        let entry = Entry(member: .webSocket(webSocket), loop: webSocket.loop)
        state.withLock {
            $0.entries[ObjectIdentifier(http)] = nil
            $0.entries[ObjectIdentifier(webSocket)] = entry
        }
    }

    func remove(_ http: HTTPServerDriver) { remove(ObjectIdentifier(http)) }

    func remove(_ key: ObjectIdentifier) {
        let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.entries[key] = nil
            return state.entries.isEmpty ? state.whenEmpty.take() : nil
        }
        waiting?.resume()
    }

    /// Ends all connections: asks them to close, and cuts what is left after `timeout`.
    func stop(within timeout: Duration) async {
        state.withLock { $0.isStopping = true }
        forEach { $0.close() }
        let cut = Task {
            try await Task.sleep(for: timeout)
            forEach { $0.abort() }
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
        for entry in state.withLock({ Array($0.entries.values) }) {
            Task(executorPreference: entry.loop) { body(entry.member) }
        }
    }
}

extension ConnectionRegistry.Member {
    fileprivate var key: ObjectIdentifier {
        switch self {
        case .http(let driver): ObjectIdentifier(driver)
        case .webSocket(let driver): ObjectIdentifier(driver)
        }
    }

    /// Ends the connection in order. Code and reason may be sent: nothing is thrown.
    fileprivate func close() {
        switch self {
        case .http(let driver): driver.closeAfterResponse()
        case .webSocket(let driver): try? driver.close(CloseFrame(.goingAway))
        }
    }

    fileprivate func abort() {
        switch self {
        case .http(let driver): driver.abort()
        case .webSocket(let driver): driver.abort()
        }
    }
}
