// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Synchronization

/// What the attempt comes to, once: the first answer counts.
final class OpeningOutcome<Value: Sendable>: Sendable {
    private enum State: Sendable {
        case pending(CheckedContinuation<Value, any Error>?)
        case finished(Result<Value, any Error>)
        case taken
    }

    private let state = Mutex(State.pending(nil))
    private let giveUp = Mutex<(isAbandoned: Bool, bodies: [@Sendable () -> Void])>((false, []))

    /// Whether nothing has come of it yet.
    var isPending: Bool { state.withLock { if case .pending = $0 { true } else { false } } }

    /// Nobody waits any more: what has been begun is given up (HC-21).
    func abandon() {
        guard finish(.failure(CancellationError())) else { return }
        let bodies = giveUp.withLock { giveUp in
            giveUp.isAbandoned = true
            return giveUp.bodies
        }
        for body in bodies { body() }
    }

    /// Says how to give up what has been begun; all that was, when this is called several times.
    func whenAbandoned(_ body: @escaping @Sendable () -> Void) {
        let isAbandoned = giveUp.withLock { giveUp in
            if !giveUp.isAbandoned { giveUp.bodies.append(body) }
            return giveUp.isAbandoned
        }
        if isAbandoned { body() }
    }

    /// - Returns: whether it was the first.
    @discardableResult
    func finish(_ result: Result<Value, any Error>) -> Bool {
        let waiting = state.withLock { state -> (CheckedContinuation<Value, any Error>?, Bool) in
            switch state {
            case .pending(let continuation):
                state = continuation == nil ? .finished(result) : .taken
                return (continuation, true)
            case .finished, .taken: return (nil, false)
            }
        }
        waiting.0?.resume(with: result)
        return waiting.1
    }

    func value() async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let result = state.withLock { state -> Result<Value, any Error>? in
                switch state {
                case .finished(let result):
                    state = .taken
                    return result
                case .pending, .taken:
                    state = .pending(continuation)
                    return nil
                }
            }
            if let result { continuation.resume(with: result) }
        }
    }
}
