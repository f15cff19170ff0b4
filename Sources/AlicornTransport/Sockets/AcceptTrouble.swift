// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol

/// What a listener does when descriptors or memory have run out: it waits, and tells of it, but not each time.
package struct AcceptTrouble {
    private let tell: @Sendable (SystemFailure) -> Void
    /// When to tell again: a log must not grow with it.
    private var nextReport = Timestamp(nanoseconds: .min)

    /// How long a listener does without accepting.
    package static let pause = Duration.milliseconds(100)
    /// How long it is silent about a trouble of which it has told.
    static let silence = Duration.seconds(10)

    package init(tell: @escaping @Sendable (SystemFailure) -> Void) { self.tell = tell }

    /// Nothing could be accepted, at the moment `now`.
    package mutating func report(_ failure: SystemFailure, at now: Timestamp) {
        guard now >= nextReport else { return }
        nextReport = now.advanced(by: Self.silence)
        tell(failure)
    }
}
