// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// Tells one worker from all others that there ever are.
package struct WorkerID: Hashable, Comparable, Sendable {
    package let number: Int

    package init(_ number: Int) { self.number = number }

    package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

/// A worker process, from its start to its end, as its supervisor sees it.
struct SupervisedWorker {
    /// Its place among the workers; while they are replaced one by one, two have the same.
    let slot: Int
    let startedAt: Timestamp
    /// 0 until it is known.
    var pid: Int32 = 0
    var phase: Phase

    enum Phase: Equatable {
        /// It does not serve yet, and answers nothing.
        case starting(readyBy: Timestamp)
        /// It is asked whether it is healthy; since that moment it has not answered.
        case serving(unansweredSince: Timestamp?)
        /// Nothing new comes to it, and it takes what had come before.
        case draining(until: Timestamp)
        /// It was sent SIGTERM.
        case stopping(killAt: Timestamp)
        /// It was sent SIGKILL. Even then a process may hang in the kernel, and is waited for only so long.
        case killed(abandonAt: Timestamp)
    }

    var isStarting: Bool {
        if case .starting = phase { true } else { false }
    }

    /// Whether it is worth sending it connections: it serves, and is not behind with its answers.
    func isResponsive(at now: Timestamp) -> Bool {
        guard case .serving(let unansweredSince) = phase else { return false }
        return unansweredSince.map { $0.duration(to: now) < SupervisorState.pingInterval } ?? true
    }

    /// When its supervisor loses patience.
    func deadline(answeringWithin timeout: Duration) -> Timestamp? {
        switch phase {
        case .starting(let moment), .draining(let moment), .stopping(let moment), .killed(let moment): moment
        case .serving(let unansweredSince): unansweredSince?.advanced(by: timeout)
        }
    }
}
