// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

struct TimestampTests {
    @Test("advancing beyond the representable stays at its edge")
    func clamps() {
        let start = Timestamp(nanoseconds: .max - 5)
        #expect(start.advanced(by: .seconds(1)).nanoseconds == .max)
        #expect(Timestamp(nanoseconds: .min + 5).advanced(by: .seconds(-1)).nanoseconds == .min)
        #expect(start.advanced(by: .seconds(Int64.max)).nanoseconds == .max)
        #expect(Timestamp(nanoseconds: .min).advanced(by: .seconds(Int64.min)).nanoseconds == .min)
    }

    @Test("duration to another moment is the difference, clamped")
    func measures() {
        let start = Timestamp(nanoseconds: 10)
        #expect(start.duration(to: Timestamp(nanoseconds: 35)) == .nanoseconds(25))
        #expect(Timestamp(nanoseconds: .min).duration(to: Timestamp(nanoseconds: .max)) == .nanoseconds(Int64.max))
        #expect(Timestamp(nanoseconds: .max).duration(to: Timestamp(nanoseconds: .min)) == .nanoseconds(Int64.min))
        #expect(start < Timestamp(nanoseconds: 11))
    }
}
