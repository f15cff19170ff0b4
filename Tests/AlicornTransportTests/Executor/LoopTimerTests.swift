// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTesting
import AlicornTransport
import Testing

@Suite("A call at a moment to come")
struct LoopTimerTests {
    @Test("it comes once, at its moment, though nobody keeps the timer")
    func rings() {
        let loop = VirtualLoop()
        var rings = 0
        loop.perform { _ = LoopTimer(on: loop.connectionLoop, after: .seconds(2)) { rings += 1 } }
        loop.advance(by: .seconds(1))
        #expect(rings == 0)
        loop.advance(by: .seconds(1))
        #expect(rings == 1)
        loop.advance(by: .seconds(10))
        #expect(rings == 1)
    }

    @Test("it does not come when it was cancelled, and cancelling later harms nothing")
    func cancelled() {
        let loop = VirtualLoop()
        var rings = 0
        let timers = loop.perform {
            [1, 2].map { seconds in
                LoopTimer(on: loop.connectionLoop, after: .seconds(seconds)) { rings += seconds }
            }
        }
        loop.perform { timers[1].cancel() }
        loop.advance(by: .seconds(3))
        loop.perform { timers[0].cancel() }
        #expect(rings == 1)
    }
}
