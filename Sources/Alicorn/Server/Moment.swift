// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Synchronization

/// Something that happens once, and that tasks wait for.
final class Moment: Sendable {
    private struct State {
        var hasCome = false
        var lastNumber: UInt64 = 0
        var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    /// Whether it has happened.
    var hasCome: Bool { state.withLock { $0.hasCome } }

    /// It happens; without effect when it has.
    func come() {
        let waiting = state.withLock { state in
            state.hasCome = true
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits for it, or for the cancellation of the task.
    func wait() async {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard !state.hasCome, !Task.isCancelled else { return true }
                    state.waiting[number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: number) }?.resume()
        }
    }

    /// Waits for it, at most for `duration`; without end for `nil`.
    ///
    /// - Returns: whether it has happened.
    func wait(atMost duration: Duration?) async -> Bool {
        guard let duration else {
            await wait()
            return hasCome
        }
        await firstOf({ await self.wait() }, { try? await Task.sleep(for: duration) })
        return hasCome
    }
}

/// Does two things at once, until one of them is done; the other is cancelled.
func firstOf(_ one: @escaping @Sendable () async -> Void, _ other: @escaping @Sendable () async -> Void) async {
    await withTaskGroup(of: Void.self) { group in
        group.addTask { await one() }
        group.addTask { await other() }
        await group.next()
        group.cancelAll()
    }
}
