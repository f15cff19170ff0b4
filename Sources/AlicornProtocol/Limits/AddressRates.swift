// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// Holds each client address to a rate, in bounded memory.
///
/// What nothing was asked of for as long as a bucket takes to fill is forgotten, as it would be full: the table is kept
/// in two generations, of which the older one is dropped whole. Addresses for which there is no room share one bucket.
package struct AddressRates: Sendable {
    private let rate: EventRate
    private let capacity: Int
    private var current: [HostAddress: TokenBucket] = [:]
    private var previous: [HostAddress: TokenBucket] = [:]
    private var others = TokenBucket()
    private var nextGeneration: Timestamp?

    /// - Parameter capacity: how many addresses are told apart in a generation; at least 1.
    package init(_ rate: EventRate, capacity: Int) {
        self.rate = rate
        self.capacity = max(1, capacity)
    }

    /// How many addresses are remembered.
    package var count: Int { current.count + previous.count }

    /// An event of a client.
    ///
    /// - Returns: `nil` when it keeps to the rate, else how long it takes until another would.
    package mutating func admit(_ address: HostAddress, at now: Timestamp) -> Duration? {
        beginGeneration(at: now)
        var bucket = current[address] ?? previous.removeValue(forKey: address)
        if bucket == nil, current.count >= capacity { return others.take(at: now, rate) }
        let wait = bucket.take(at: now, rate)
        current[address] = bucket
        return wait
    }

    private mutating func beginGeneration(at now: Timestamp) {
        guard let nextGeneration, now < nextGeneration else {
            // Everything is as good as forgotten when two of them have passed.
            let isLongAgo = nextGeneration.map { $0.advanced(byNanoseconds: rate.recovery) <= now } ?? true
            previous = isLongAgo ? [:] : current
            current = [:]
            nextGeneration = now.advanced(byNanoseconds: rate.recovery)
            return
        }
    }
}

extension TokenBucket? {
    /// The same of a bucket that is made when it is first needed.
    fileprivate mutating func take(at now: Timestamp, _ rate: EventRate) -> Duration? {
        var bucket = self ?? TokenBucket()
        defer { self = bucket }
        return bucket.take(at: now, rate)
    }
}
