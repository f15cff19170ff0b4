// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// When a worker that died is followed by the next: at once, but ever later while one after the other dies young.
///
/// uvicorn starts the next at once for ever (U-MP-04), and a program that always crashes takes a whole core that way.
package struct RestartBackOff: Equatable, Sendable {
    /// Workers that died young, one after the other.
    package private(set) var youngDeaths = 0

    /// Who has lived that long has not died young.
    package static let maturity = Duration.seconds(10)
    package static let longest = Duration.seconds(30)

    package init() {}

    /// A worker has died at that age, or could not be started.
    ///
    /// - Returns: the wait until the next one.
    package mutating func workerDied(after age: Duration) -> Duration {
        youngDeaths = age < Self.maturity ? min(youngDeaths + 1, 100) : 0
        guard youngDeaths > 1 else { return .zero }
        return min(Self.longest, .milliseconds(500) * (1 << min(youngDeaths - 2, 10)))
    }
}
