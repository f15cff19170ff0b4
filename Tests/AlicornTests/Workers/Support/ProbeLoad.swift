// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Foundation
import Synchronization

/// Clients that ask a probe's workers one question after the other, all the time.
final class ProbeLoad: Sendable {
    private let port: UInt16
    private let state = Mutex(State())

    private struct State {
        /// Since somebody began to wait, by the workers' processes.
        var answers: [Int32: Int] = [:]
        var wanted = 0
        var waiting: CheckedContinuation<[Int32: Int], Never>?
        var lost = 0
        var clients = 0
        var isOver = false
        var end: CheckedContinuation<Int, Never>?
    }

    init(_ port: UInt16, clients: Int = 4) {
        self.port = port
        state.withLock { $0.clients = clients }
        for _ in 0..<clients { Thread.detachNewThread { self.run() } }
    }

    private func run() {
        while !state.withLock(\.isOver) { note(ProbeClient.ask(port)?.pid) }
        state.withLock { state in
            state.clients -= 1
            if state.clients == 0 { state.end?.resume(returning: state.lost) }
        }
    }

    private func note(_ worker: Int32?) {
        state.withLock { state in
            guard let worker else {
                state.lost += 1
                return
            }
            state.answers[worker, default: 0] += 1
            state.wanted -= 1
            guard state.wanted <= 0, let waiting = state.waiting else { return }
            state.waiting = nil
            waiting.resume(returning: state.answers)
        }
    }

    /// Waits until so many questions more have been answered.
    ///
    /// - Returns: by which processes, and how often.
    func answers(_ count: Int) async -> [Int32: Int] {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                (state.answers, state.wanted) = ([:], count)
                state.waiting = continuation
            }
        }
    }

    /// Stops the clients. To be called once.
    ///
    /// - Returns: how many connections were lost.
    func stop() async -> Int {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                state.isOver = true
                state.end = continuation
            }
        }
    }
}
