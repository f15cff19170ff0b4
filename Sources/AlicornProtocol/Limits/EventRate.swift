// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// How often something may happen: evenly, and now and then several times at once.
public struct EventRate: Sendable, Hashable {
    /// How many times at once, after nothing has happened for long enough; at least 1.
    public let burst: Int
    /// The time between two events that happen evenly, in nanoseconds.
    let interval: Int64

    /// So many events in that time.
    ///
    /// - Parameters:
    ///   - count: at least 1; less counts as 1.
    ///   - period: the time for them; a second by default.
    ///   - burst: how many of them may come at once; all of `count` by default.
    public init(_ count: Int, per period: Duration = .seconds(1), burst: Int? = nil) {
        let count = max(1, count)
        interval = max(1, period.clampedNanoseconds / Int64(count))
        self.burst = max(1, burst ?? count)
    }

    /// How long after the last event all that may come at once may come again, in nanoseconds.
    var recovery: Int64 {
        let (product, overflow) = interval.multipliedReportingOverflow(by: Int64(burst))
        return overflow ? .max : product
    }
}

/// Holds events to a rate: a token bucket, kept as the moment at which it is full again.
struct TokenBucket: Sendable, Hashable {
    private var fullAt = Timestamp(nanoseconds: .min)

    /// Takes a token for an event.
    ///
    /// - Returns: `nil` when there is one, else how long it takes until there is.
    mutating func take(at now: Timestamp, _ rate: EventRate) -> Duration? {
        let start = max(fullAt, now)
        let fullAfter = start.advanced(byNanoseconds: rate.interval)
        let wait = now.advanced(byNanoseconds: rate.recovery).duration(to: fullAfter)
        guard wait <= .zero else { return wait }
        fullAt = fullAfter
        return nil
    }
}
