// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol

/// One call at a moment to come, unless it is cancelled before. On the loop's thread.
package final class LoopTimer: AlarmedConnection {
    package var alarmIndex: Int?
    private unowned let loop: ConnectionLoop
    private var action: (() -> Void)?

    /// Sets the alarm; the loop keeps the timer until it has rung or was cancelled.
    package init(on loop: ConnectionLoop, after delay: Duration, _ action: @escaping () -> Void) {
        self.loop = loop
        self.action = action
        loop.setAlarm(of: self, at: loop.now.advanced(by: delay))
    }

    /// Without effect once it has rung.
    package func cancel() {
        action = nil
        loop.setAlarm(of: self, at: nil)
    }

    package func ring(at now: Timestamp) { action.take()?() }
}
