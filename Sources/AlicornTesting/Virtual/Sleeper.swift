// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Synchronization

/// One task that sleeps on a virtual clock, until it is woken or cancelled.
final class Sleeper: Sendable {
    private enum State {
        case new
        case sleeping(CheckedContinuation<Void, Never>)
        case awake
    }

    private let state = Mutex(State.new)

    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isAwake = state.withLock { state in
                    if case .awake = state { return true }
                    state = .sleeping(continuation)
                    return false
                }
                if isAwake { continuation.resume() }
            }
        } onCancel: {
            wake()
        }
    }

    func wake() {
        let sleeping = state.withLock { state -> CheckedContinuation<Void, Never>? in
            defer { state = .awake }
            return if case .sleeping(let continuation) = state { continuation } else { nil }
        }
        sleeping?.resume()
    }
}
