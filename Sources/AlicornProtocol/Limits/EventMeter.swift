// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Holds the events of all clients together to a rate.
package struct EventMeter: Sendable {
    private let rate: EventRate
    private var bucket = TokenBucket()

    package init(_ rate: EventRate) { self.rate = rate }

    /// An event.
    ///
    /// - Returns: `nil` when it keeps to the rate, else how long it takes until another would.
    package mutating func admit(at now: Timestamp) -> Duration? { bucket.take(at: now, rate) }
}
