// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Synchronization

/// How many deliveries of a broadcast are on their way, over all threads.
///
/// The order of all its operations is one and the same for all threads: so either who sends sees what arrived just now, or who
/// received it sees that it was waited for.
final class BroadcastFlow: Sendable {
    private let receivers = Atomic<Int>(0)
    private let expected = Atomic<Int>(0)
    private let arrived = Atomic<Int>(0)
    private let messages = Atomic<Int>(0)

    /// Deliveries that are missing.
    var outstanding: Int {
        expected.load(ordering: .sequentiallyConsistent) - arrived.load(ordering: .sequentiallyConsistent)
    }

    /// Messages that somebody has not got yet.
    var inFlight: Int { messages(behind: outstanding) }

    private func messages(behind outstanding: Int) -> Int {
        let receivers = max(1, receivers.load(ordering: .sequentiallyConsistent))
        return (outstanding + receivers - 1) / receivers
    }

    func join() { receivers.add(1, ordering: .sequentiallyConsistent) }

    /// A receiver is gone, that had received so many messages.
    ///
    /// - Returns: how many it misses.
    func leave(received: Int) -> Int {
        let missing = max(0, messages.load(ordering: .sequentiallyConsistent) - received)
        receivers.subtract(1, ordering: .sequentiallyConsistent)
        arrived.add(missing, ordering: .sequentiallyConsistent)
        return missing
    }

    /// A message is about to be sent.
    func willSend() {
        messages.add(1, ordering: .sequentiallyConsistent)
        expected.add(receivers.load(ordering: .sequentiallyConsistent), ordering: .sequentiallyConsistent)
    }

    /// So many deliveries have come.
    ///
    /// - Returns: whether by these there are fewer messages in flight.
    func didReceive(_ count: Int) -> Bool {
        let after = arrived.add(count, ordering: .sequentiallyConsistent).newValue
        let missing = expected.load(ordering: .sequentiallyConsistent) - after
        return messages(behind: missing) < messages(behind: missing + count)
    }
}
