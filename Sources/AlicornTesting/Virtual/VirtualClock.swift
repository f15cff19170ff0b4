// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// A clock that stands still until a test moves it, and the one event loop of everything that lives by it.
///
/// Connections of a ``MemoryPair`` keep their deadlines by it, and a handler under test may sleep on it. Nothing waits
/// for real: ``advance(by:)`` goes from one moment at which something is due to the next and runs what follows from it.
public final class VirtualClock: Clock, Sendable {
    /// A moment of the clock: how long after its start.
    public struct Instant: InstantProtocol {
        /// The time since the clock's start.
        public var offset: Duration

        /// The moment `offset` after the clock's start.
        public init(offset: Duration) { self.offset = offset }

        /// The moment `duration` later.
        public func advanced(by duration: Duration) -> Self { Self(offset: offset + duration) }
        /// How much later `other` is.
        public func duration(to other: Self) -> Duration { other.offset - offset }
        /// Whether `left` comes before `right`.
        public static func < (left: Self, right: Self) -> Bool { left.offset < right.offset }
    }

    package let loop = VirtualLoop()

    /// Makes a clock that starts at zero.
    public init() {}

    /// The present moment; it changes only with ``advance(by:)``.
    public var now: Instant { Instant(offset: .nanoseconds(loop.now.nanoseconds)) }

    /// Runs tasks on the event loop of everything that lives by the clock: within ``advance(by:)``, in order.
    ///
    /// A test that starts its tasks with this preference is deterministic to the last step.
    public var executor: any TaskExecutor { loop.connectionLoop }

    /// A nanosecond.
    public var minimumResolution: Duration { .nanoseconds(1) }

    /// Waits until the clock was moved to `deadline`.
    ///
    /// - Throws: `CancellationError` when the task is cancelled before.
    public func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
        let sleeper = Sleeper()
        loop.schedule(at: .init(nanoseconds: deadline.offset.clampedNanoseconds)) { sleeper.wake() }
        await sleeper.wait()
        try Task.checkCancellation()
    }

    /// Moves the clock, and runs all that is due on the way, each at its moment; then all that follows from it.
    ///
    /// Handlers of connections run within this call. Tasks that run elsewhere, such as the test's own, go on by
    /// themselves when what they await has come. Not to be called from a handler: time cannot move while it runs.
    public func advance(by duration: Duration) { loop.advance(by: duration) }
}
