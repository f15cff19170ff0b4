// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol

/// What a ``ConnectionLoop`` needs of the engine that turns it: a thread, a clock and two ways to be woken.
package protocol LoopHost: AnyObject, Sendable {
    /// Whether the caller is on the loop's thread.
    var isCurrent: Bool { get }

    /// The engine's monotonic clock. On the loop's thread.
    var now: Timestamp { get }

    /// The same clock, read anew: it moves within a turn, too, and costs more. On the loop's thread.
    var clock: Timestamp { get }

    /// The wall clock, in seconds since 1970-01-01 00:00 UTC.
    var unixSeconds: Int64 { get }

    /// Calls ``ConnectionLoop/turn()`` on the loop's thread, soon, after other input and output had their chance.
    /// From any thread.
    func wake()

    /// Calls ``ConnectionLoop/alarmRang()`` at `deadline`, or not at all for `nil`; replaces what was asked before.
    /// On the loop's thread.
    func setAlarm(at deadline: Timestamp?)

    /// Nobody has the ``ConnectionLoop`` any more: the engine need not turn it. From any thread.
    func loopIsGone()
}

extension LoopHost {
    package var clock: Timestamp { now }
}
