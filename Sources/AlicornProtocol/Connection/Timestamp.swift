// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// A moment on whatever monotonic clock the transport has, in nanoseconds. The core is told the time; it never asks.
public struct Timestamp: Sendable, Hashable, Comparable, BitwiseCopyable, InstantProtocol {
    /// Since the clock's own beginning.
    public var nanoseconds: Int64

    /// Creates a moment.
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Whether the left moment is earlier.
    @inlinable
    public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    /// The moment `duration` later, kept within what can be represented.
    public func advanced(by duration: Duration) -> Self { advanced(byNanoseconds: duration.clampedNanoseconds) }

    /// The time from here to `other`, kept within what can be represented.
    public func duration(to other: Self) -> Duration {
        let (difference, overflow) = other.nanoseconds.subtractingReportingOverflow(nanoseconds)
        return .nanoseconds(overflow ? (other > self ? .max : .min) : difference)
    }

    /// The moment that many nanoseconds later, kept within what can be represented.
    package func advanced(byNanoseconds count: Int64) -> Self {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(count)
        return Self(nanoseconds: overflow ? (count > 0 ? .max : .min) : sum)
    }
}

extension Duration {
    /// The duration in whole nanoseconds, at most what 64 bits hold: some 292 years.
    package var clampedNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds > 0 ? .max : .min }
        let (sum, carry) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return carry ? (seconds > 0 ? .max : .min) : sum
    }
}
