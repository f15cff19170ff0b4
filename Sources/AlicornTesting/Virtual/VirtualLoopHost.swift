// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport
import Dispatch
import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Time, alarm and agenda of a ``VirtualLoop``.
final class VirtualLoopHost: LoopHost {
    private struct State {
        var now = Timestamp(nanoseconds: 0)
        var alarm: Timestamp?
        var isWoken = false
        /// Who is on the loop.
        var thread: UInt?
        /// Sorted; what was scheduled first for a moment comes first.
        var agenda: [(moment: Timestamp, action: @Sendable () -> Void)] = []
        var run: @Sendable () -> Void = {}
    }

    private let state = Mutex(State())

    // MARK: - For the connection loop

    var isCurrent: Bool { state.withLock { $0.thread == Self.thisThread } }

    var now: Timestamp {
        get { state.withLock { $0.now } }
        set { state.withLock { $0.now = newValue } }
    }

    /// The virtual clock starts at noon UTC on 2026-01-01.
    var unixSeconds: Int64 { 1_767_268_800 + now.nanoseconds / 1_000_000_000 }

    func wake() {
        let run = state.withLock { state in
            state.isWoken = true
            return state.thread == nil ? state.run : nil
        }
        // Elsewhere than here: who wakes may be in the middle of something that must not be entered again.
        if let run { DispatchQueue.global().async(execute: run) }
    }

    func loopIsGone() {}

    func setAlarm(at deadline: Timestamp?) { state.withLock { $0.alarm = deadline } }

    // MARK: - For the virtual loop

    /// Calls for a thread, when there is none.
    var run: @Sendable () -> Void {
        get { state.withLock { $0.run } }
        set { state.withLock { $0.run = newValue } }
    }

    func enter() { state.withLock { $0.thread = Self.thisThread } }
    func leave() { state.withLock { $0.thread = nil } }

    var isWoken: Bool { state.withLock { $0.isWoken } }

    func takeWake() -> Bool {
        state.withLock { state in
            defer { state.isWoken = false }
            return state.isWoken
        }
    }

    func schedule(at moment: Timestamp, _ action: @escaping @Sendable () -> Void) {
        state.withLock { state in
            let index = state.agenda.firstIndex { $0.moment > moment } ?? state.agenda.endIndex
            state.agenda.insert((moment, action), at: index)
        }
    }

    /// The earliest of agenda and alarm.
    var nextMoment: Timestamp? {
        state.withLock { [$0.agenda.first?.moment, $0.alarm].compactMap { $0 }.min() }
    }

    /// Takes what is due from the agenda, one at a time.
    func nextDue() -> (@Sendable () -> Void)? {
        state.withLock { state in
            guard let first = state.agenda.first, first.moment <= state.now else { return nil }
            return state.agenda.removeFirst().action
        }
    }

    /// Takes the alarm when it is due.
    func takeDueAlarm() -> Bool {
        state.withLock { state in
            guard let alarm = state.alarm, alarm <= state.now else { return false }
            state.alarm = nil
            return true
        }
    }

    private static var thisThread: UInt {
        #if canImport(Darwin)
        UInt(bitPattern: pthread_self())
        #else
        UInt(pthread_self())
        #endif
    }
}
