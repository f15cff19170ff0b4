// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Testing

@testable import AlicornProtocol

@Suite("The rate of all clients together")
struct EventMeterTests {
    @Test("events beyond the rate are refused until there is room again")
    func rate() {
        var meter = EventMeter(EventRate(2))
        let now = Timestamp(nanoseconds: 0)
        #expect(meter.admit(at: now) == nil)
        #expect(meter.admit(at: now) == nil)
        #expect(meter.admit(at: now) == .milliseconds(500))
        #expect(meter.admit(at: now.advanced(by: .milliseconds(500))) == nil)
    }
}
