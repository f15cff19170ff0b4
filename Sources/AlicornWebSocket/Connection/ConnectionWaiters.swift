// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport

/// What a wait for something else than a message comes to.
enum WaitOutcome: Sendable {
    case done
    case closed
    case timedOut
    case cancelled
}

/// The tasks that wait for something else than a message of a connection; mostly there are none. Confined to the loop.
///
/// Every wait has a number, by which it can be cancelled.
final class ConnectionWaiters {
    typealias Continuation = UnsafeContinuation<WaitOutcome, Never>

    private struct Wait {
        let number: UInt64
        let continuation: Continuation
        var ping: PingID?
        var timer: LoopTimer?

        func end(_ outcome: WaitOutcome) {
            timer?.cancel()
            continuation.resume(returning: outcome)
        }
    }

    private var senders: [Wait] = []
    private var fragmentSenders: [Wait] = []
    private var pongs: [Wait] = []
    private var closures: [Wait] = []
    private var lastNumber: UInt64 = 0

    func nextNumber() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }

    // MARK: - Waiting

    func waitForRoom(
        _ number: UInt64, _ continuation: Continuation, inFragments: Bool, timer: LoopTimer? = nil
    ) {
        let wait = Wait(number: number, continuation: continuation, timer: timer)
        if inFragments { fragmentSenders.append(wait) } else { senders.append(wait) }
    }

    func waitForPong(to ping: PingID, _ number: UInt64, _ continuation: Continuation, timer: LoopTimer) {
        pongs.append(Wait(number: number, continuation: continuation, ping: ping, timer: timer))
    }

    func waitForClose(_ number: UInt64, _ continuation: Continuation) {
        closures.append(Wait(number: number, continuation: continuation))
    }

    // MARK: - The end of waiting

    /// There is room: for whoever sends a message in fragments, and for all others if those have not to wait for its end.
    func resumeSenders(alsoOfWholeMessages: Bool) {
        Self.end(&fragmentSenders, .done)
        if alsoOfWholeMessages { Self.end(&senders, .done) }
    }

    /// This ping and all before it were answered (CTL-03).
    func resumePings(upTo answered: PingID) {
        var done: [Wait] = []
        pongs.removeAll { wait in
            guard let ping = wait.ping, ping <= answered else { return false }
            done.append(wait)
            return true
        }
        Self.end(&done, .done)
    }

    func resumeAllAtClose() {
        resumeSenders(alsoOfWholeMessages: true)
        Self.end(&pongs, .closed)
        Self.end(&closures, .done)
    }

    /// Ends one wait, if it has not ended yet.
    func end(_ number: UInt64, _ outcome: WaitOutcome) {
        for list in [\ConnectionWaiters.senders, \.fragmentSenders, \.pongs, \.closures] {
            guard let index = self[keyPath: list].firstIndex(where: { $0.number == number }) else { continue }
            self[keyPath: list].remove(at: index).end(outcome)
            return
        }
    }

    private static func end(_ waits: inout [Wait], _ outcome: WaitOutcome) {
        var ended: [Wait] = []
        swap(&ended, &waits)
        for wait in ended { wait.end(outcome) }
    }
}
