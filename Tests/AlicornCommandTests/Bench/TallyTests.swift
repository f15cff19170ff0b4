// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Histogram
import Testing

@testable import AlicornCommand

@Suite("What is counted in a run")
struct TallyTests {
    @Test("sentences are kept once, with how often each was, and not more than some")
    func mistakes() {
        var mistakes = Mistakes()
        for number in 0..<100 {
            mistakes.note("the same", count: 1)
            mistakes.note("sentence \(number)", count: 2)
        }
        #expect(mistakes.entries.count == 20)
        #expect(mistakes.entries.first == .init(sentence: "the same", count: 100))
        #expect(mistakes.count == 300)
        var sum = mistakes
        sum.add(mistakes)
        #expect(sum.count == 600)
        #expect(sum.entries.count == 20)
    }

    @Test("tallies are added up, and what takes longer than an hour takes an hour")
    func sums() {
        var (one, two) = (Tally(), Tally())
        one.record(nanoseconds: 1_000)
        two.record(nanoseconds: .max)
        two.record(nanoseconds: -1)
        two.note("wrong")
        one.sent = 1
        two.sent = 2
        one.add(two)
        #expect(one.measured == 3)
        #expect(one.sent == 3)
        #expect(one.latencies.maxRecorded == 3_600_000_000_000)
        #expect(one.mistakes.count == 1)
    }

    @Test("a broadcast goes on when all have the message, and does not wait for who is gone")
    func flow() {
        let flow = BroadcastFlow()
        for _ in 0..<3 { flow.join() }
        flow.willSend()
        flow.willSend()
        #expect(flow.inFlight == 2)
        #expect(!flow.didReceive(2))
        #expect(flow.didReceive(1))
        #expect(flow.inFlight == 1)
        #expect(flow.leave(received: 1) == 1)
        #expect(flow.outstanding == 2)
        #expect(flow.didReceive(2))
        #expect(flow.inFlight == 0)
        flow.willSend()
        #expect(flow.outstanding == 2)
    }

    @Test("how a run ended is its exit status, and its warnings say what the figures do not")
    func report() {
        var report = LoadReport(LoadPlan())
        #expect(report.status == 1)
        report.total.opened = 1
        #expect(report.status == 0)
        #expect(report.warnings.isEmpty)
        report.total.note("wrong")
        #expect(report.status == 3)
        report.isInterrupted = true
        #expect(report.status == 130)
        report.measuredTime = .seconds(10)
        report.cpuTime = .seconds(9)
        report.total.unsent = 1
        #expect(report.warnings.count == 1)
        report.cpuTime = .seconds(9.5)
        #expect(report.warnings.count == 2)
    }
}
