// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport
import Synchronization

/// An engine that does nothing of its own accord: it notes what the loop asks for.
final class HandHost: LoopHost {
    struct State {
        var isCurrent = true
        var now = Timestamp(nanoseconds: 0)
        var wakes = 0
        var alarms: [Timestamp?] = []
        var unixSeconds: Int64 = 784_111_777
    }

    let state = Mutex(State())

    var isCurrent: Bool { state.withLock { $0.isCurrent } }
    var now: Timestamp { state.withLock { $0.now } }
    var unixSeconds: Int64 { state.withLock { $0.unixSeconds } }
    var wakes: Int { state.withLock { $0.wakes } }
    var alarms: [Timestamp?] { state.withLock { $0.alarms } }

    func wake() { state.withLock { $0.wakes += 1 } }
    func loopIsGone() {}
    func setAlarm(at deadline: Timestamp?) { state.withLock { $0.alarms.append(deadline) } }
}
