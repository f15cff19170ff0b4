// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

@testable import AlicornCommand

@Suite("The schedule of a load")
struct ScheduleTests {
    @Test(
        "messages are due one each so often, without drifting",
        arguments: [
            (1.0, 0, 0), (1.0, 3, 3_000_000_000), (1000.0, 1, 1_000_000), (3.0, 1, 333_333_333),
            (3.0, 2, 666_666_667), (3.0, 3_000_000, 1_000_000_000_000_000), (1e9, 5, 5),
        ] as [(Double, Int, Int64)])
    func moments(rate: Double, number: Int, nanoseconds: Int64) {
        let start = Timestamp(nanoseconds: 7)
        #expect(Schedule(start: start, rate: rate).moment(of: number) == start.advanced(byNanoseconds: nanoseconds))
    }

    @Test("the shares of threads are the whole, each message once", arguments: [1, 2, 3, 7])
    func shares(threads: Int) {
        let whole = Schedule(start: Timestamp(nanoseconds: 100), rate: 1_000_000)
        let shares = (0..<threads).map { whole.share($0, of: threads) }
        for number in 0..<50 {
            #expect(shares[number % threads].moment(of: number / threads) == whole.moment(of: number))
        }
    }

    @Test("what is too far away to be told is the end of all time")
    func overflow() {
        let schedule = Schedule(start: Timestamp(nanoseconds: 0), rate: 1e-9)
        #expect(schedule.moment(of: 100) == Timestamp(nanoseconds: .max))
    }

    @Test(
        "connections are dealt out to threads as evenly as they go", arguments: [(5, 2, [3, 2]), (3, 3, [1, 1, 1])])
    func connections(count: Int, threads: Int, expected: [Int]) {
        var plan = LoadPlan()
        plan.connections = count
        plan.threads = threads
        #expect((0..<threads).map { plan.connections(onThread: $0) } == expected)
    }
}
