// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import Testing

@Suite("When a worker that died is followed by the next")
struct RestartBackOffTests {
    @Test("at once the first time, then ever later, up to half a minute")
    func delays() {
        var backOff = RestartBackOff()
        let delays = (1...10).map { _ in backOff.workerDied(after: .seconds(9)) }
        #expect(
            delays == [
                .zero, .milliseconds(500), .seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(16),
                .seconds(30), .seconds(30), .seconds(30),
            ])
        for _ in 1...1000 { _ = backOff.workerDied(after: .zero) }
        #expect(backOff.workerDied(after: .zero) == .seconds(30))
    }

    @Test("one that has lived for a while makes up for those before")
    func maturity() {
        var backOff = RestartBackOff()
        for _ in 1...5 { _ = backOff.workerDied(after: .zero) }
        #expect(backOff.workerDied(after: .seconds(10)) == .zero)
        #expect(backOff.workerDied(after: .zero) == .zero)
        #expect(backOff.workerDied(after: .zero) == .milliseconds(500))
    }
}
