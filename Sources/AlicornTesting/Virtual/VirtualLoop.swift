// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol
package import AlicornTransport
import Synchronization

/// An event loop without a thread of its own, in virtual time: whoever calls ``perform(_:)`` or ``advance(by:)`` lends
/// it theirs, and gets it back when nothing is ready any more.
///
/// What becomes ready through other threads meanwhile is run by the call that is under way, or else soon by a thread of
/// the system: a test that awaits something need not turn the loop.
package final class VirtualLoop: Sendable {
    package let connectionLoop: ConnectionLoop
    private let host = VirtualLoopHost()
    /// Held by the thread that is the loop's for now.
    private let thread = Mutex(())

    package init() {
        connectionLoop = ConnectionLoop(host: host)
        host.run = { [weak self] in self?.perform {} }
    }

    /// The virtual time.
    package var now: Timestamp { host.now }

    /// Whether the caller is on the loop's thread.
    package var isCurrent: Bool { host.isCurrent }

    /// Runs `body` as input of the loop, then all that is ready now. On the loop's thread, only `body`.
    package func perform<Result>(_ body: () throws -> Result) rethrows -> Result {
        guard !isCurrent else { return try body() }
        return try occupied {
            var result: Swift.Result<Result, any Error>?
            connectionLoop.turn { result = Swift.Result { try body() } }
            runReady()
            // SAFETY of the force: `turn` has called its body. Only what `body` throws is thrown.
            return try result!.get()
        }
    }

    /// Moves the time, and runs what is due on the way, each at its moment.
    package func advance(by duration: Duration) {
        precondition(!isCurrent, "time cannot be moved from within the loop, as by a handler: move it from the test")
        occupied {
            let end = host.now.advanced(by: duration)
            runReady()
            while let moment = host.nextMoment, moment <= end {
                host.now = moment
                runDue()
                runReady()
            }
            host.now = end
        }
    }

    /// Runs `action` on the loop at `moment`.
    package func schedule(at moment: Timestamp, _ action: @escaping @Sendable () -> Void) {
        host.schedule(at: moment, action)
        host.wake()
    }

    private func occupied<Result>(_ body: () throws -> Result) rethrows -> Result {
        let result = try thread.withLock { _ in
            host.enter()
            defer { host.leave() }
            return UncheckedBox(value: try body())
        }
        // What came between the last look and leaving has no thread yet.
        if host.isWoken { host.wake() }
        return result.value
    }

    private func runReady() {
        runDue()
        while host.takeWake() {
            connectionLoop.turn()
            runDue()
        }
    }

    private func runDue() {
        while let action = host.nextDue() { connectionLoop.turn(action) }
        if host.takeDueAlarm() { connectionLoop.alarmRang() }
    }

    private struct UncheckedBox<Value>: @unchecked Sendable {
        // SAFETY: it does not leave the thread that made it.
        let value: Value
    }
}
