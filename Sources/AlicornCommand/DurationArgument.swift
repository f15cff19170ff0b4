// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import ArgumentParser

/// A length of time as it is typed: seconds, or with a unit, as in `90`, `0.5`, `5m` and `1h`.
struct DurationArgument: ExpressibleByArgument, Sendable, Hashable {
    let duration: Duration
    let defaultValueDescription: String

    /// Whether it is none at all, which some options take for never.
    var isZero: Bool { duration == .zero }

    /// What nobody waits for, and no clock can hold.
    private static let longest = 1_000_000.0

    /// - Parameter seconds: from 0 to a million.
    init(seconds: Int) {
        duration = .seconds(seconds)
        defaultValueDescription = "\(seconds)"
    }

    init?(argument: String) {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
        let unit = argument.last.flatMap { units[$0] }
        let digits = unit == nil ? argument[...] : argument.dropLast()
        guard let number = Double(digits), (0...Self.longest).contains(number * (unit ?? 1)) else { return nil }
        duration = .seconds(number * (unit ?? 1))
        defaultValueDescription = argument
    }
}
