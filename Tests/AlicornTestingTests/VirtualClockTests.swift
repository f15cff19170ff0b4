// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import Synchronization
import Testing

@Suite("The virtual clock", .timeLimit(.minutes(1)))
struct VirtualClockTests {
    @Test("time moves only when it is moved")
    func standsStill() {
        let clock = VirtualClock()
        #expect(clock.now == VirtualClock.Instant(offset: .zero))
        clock.advance(by: .seconds(3))
        #expect(clock.now.offset == .seconds(3))
        #expect(VirtualClock.Instant(offset: .zero).duration(to: clock.now) == .seconds(3))
        #expect(clock.minimumResolution == .nanoseconds(1))
    }

    @Test("sleepers wake in the order of their deadlines, whatever the order in which they went to sleep")
    func order() async throws {
        let clock = VirtualClock()
        let (woken, note) = AsyncStream.makeStream(of: Int.self)
        for seconds in [3, 1, 2] {
            _ = Task(executorPreference: clock.executor) {
                try await clock.sleep(for: .seconds(seconds))
                note.yield(seconds)
            }
        }
        clock.advance(by: .seconds(2))
        clock.advance(by: .seconds(1))
        note.finish()
        #expect(await woken.reduce(into: []) { $0.append($1) } == [1, 2, 3])
    }

    @Test("a sleeper that is cancelled wakes at once and throws")
    func cancellation() async {
        let clock = VirtualClock()
        let task = Task { try await clock.sleep(for: .seconds(1)) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(clock.now.offset == .zero)
    }
}
