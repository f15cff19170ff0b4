// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Synchronization

/// A floating-point number that many threads change at once, without a lock. Nothing else is ordered by it.
package struct AtomicDouble: ~Copyable {
    private let bits = Atomic<UInt64>(0)

    /// Zero.
    package init() {}

    package var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    package func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    package func add(_ amount: Double) { update { $0 + amount } }

    /// Puts what `change` makes of the value in its place: one atomic operation, and one more for each time that somebody
    /// comes between, when `change` is asked again.
    package func update(_ change: (Double) -> Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let new = change(Double(bitPattern: old)).bitPattern
            let (exchanged, current) = bits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
            if exchanged { return }
            old = current
        }
    }
}
