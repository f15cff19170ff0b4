// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Synchronization

/// Whether a server runs, with which connections, and whether it was told to stop.
///
/// Shared by all copies of a ``WebSocketServer``, so that any of them can stop it and see its connections.
final class ServerLifetime: Sendable {
    /// ```
    /// idle ──begin──▶ running ──stop──▶ stopping ──end──▶ idle
    ///                    └──────────────end─────────────────▲
    /// ```
    private enum State {
        case idle
        case running(ConnectionRegistry, whenStopped: CheckedContinuation<Void, Never>?)
        case stopping(ConnectionRegistry)
    }

    private let state = Mutex(State.idle)

    /// A run begins.
    ///
    /// - Throws: ``WebSocketError`` with ``WebSocketError/Code/misuse`` when there is one already.
    func begin(_ connections: ConnectionRegistry) throws(WebSocketError) {
        let isFirst = state.withLock { state in
            guard case .idle = state else { return false }
            state = .running(connections, whenStopped: nil)
            return true
        }
        guard isFirst else {
            throw WebSocketError(.misuse, "the server is running already: make another one to listen elsewhere")
        }
    }

    /// Tells the run to stop; without effect when there is none, or when it was told before.
    ///
    /// - Parameter run: the connections of the run that is meant; `nil` for whichever there is.
    func stop(_ run: ConnectionRegistry? = nil) {
        let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard case .running(let connections, let whenStopped) = state, run == nil || run === connections else {
                return nil
            }
            state = .stopping(connections)
            return whenStopped
        }
        waiting?.resume()
    }

    /// Waits until the run is told to stop.
    func waitForStop() async {
        await withCheckedContinuation { continuation in
            let isRunning = state.withLock { state in
                guard case .running(let connections, _) = state else { return false }
                state = .running(connections, whenStopped: continuation)
                return true
            }
            if !isRunning { continuation.resume() }
        }
    }

    /// The run is over.
    func end() { state.withLock { $0 = .idle } }

    /// The connections of the run, if there is one.
    var connections: ConnectionRegistry? {
        state.withLock { state in
            switch state {
            case .idle: nil
            case .running(let connections, _), .stopping(let connections): connections
            }
        }
    }
}
