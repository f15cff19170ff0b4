// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Testing

@testable import AlicornTransport

@Suite("The deadline queue")
struct DeadlineQueueTests {
    private final class Sleeper: AlarmedConnection {
        var alarmIndex: Int?
        let name: Int
        init(_ name: Int) { self.name = name }
        func ring(at now: Timestamp) {}
    }

    @Test("it is empty at first")
    func empty() {
        var queue = DeadlineQueue()
        #expect(queue.nextDeadline == nil)
        #expect(queue.removeNext(dueAt: Timestamp(nanoseconds: .max)) == nil)
        queue.set(Sleeper(0), at: nil)
        #expect(queue.nextDeadline == nil)
    }

    @Test("connections come out by their deadlines, and not before them")
    func order() {
        var queue = DeadlineQueue()
        let sleepers = (0..<5).map { Sleeper($0) }
        for (sleeper, moment) in zip(sleepers, [30, 10, 50, 20, 40]) {
            queue.set(sleeper, at: Timestamp(nanoseconds: Int64(moment)))
        }
        #expect(queue.removeNext(dueAt: Timestamp(nanoseconds: 9)) == nil)
        var names: [Int] = []
        while let next = queue.removeNext(dueAt: Timestamp(nanoseconds: 40)) as? Sleeper { names.append(next.name) }
        #expect(names == [1, 3, 0, 4])
        #expect(queue.nextDeadline == Timestamp(nanoseconds: 50))
    }

    @Test("a deadline can be moved both ways and removed, and who is out has no index")
    func moves() {
        var queue = DeadlineQueue()
        let (one, two) = (Sleeper(1), Sleeper(2))
        queue.set(one, at: Timestamp(nanoseconds: 10))
        queue.set(two, at: Timestamp(nanoseconds: 20))
        queue.set(one, at: Timestamp(nanoseconds: 30))
        #expect(queue.nextDeadline == Timestamp(nanoseconds: 20))
        queue.set(one, at: Timestamp(nanoseconds: 5))
        #expect(queue.nextDeadline == Timestamp(nanoseconds: 5))
        queue.set(one, at: nil)
        #expect(one.alarmIndex == nil)
        #expect(queue.nextDeadline == Timestamp(nanoseconds: 20))
        queue.set(two, at: nil)
        #expect(queue.nextDeadline == nil)
    }

    @Test("ten thousand random steps agree with a plain list", arguments: [1, 2, 3] as [UInt64])
    func model(seed: UInt64) async {
        var random = Xorshift(state: seed)
        var queue = DeadlineQueue()
        let sleepers = (0..<50).map { Sleeper($0) }
        var model: [Int: Int64] = [:]
        for step in 0..<10_000 {
            // It takes seconds, in which other tests want their turns.
            if step % 100 == 0 { await Task.yield() }
            let name = Int.random(in: 0..<50, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                queue.set(sleepers[name], at: nil)
                model[name] = nil
            case 1:
                let now = Int64.random(in: 0..<1000, using: &random)
                let earliest = model.values.min()
                let next = queue.removeNext(dueAt: Timestamp(nanoseconds: now)) as? Sleeper
                guard let earliest, earliest <= now else {
                    #expect(next == nil)
                    continue
                }
                #expect(next.flatMap { model[$0.name] } == earliest)
                if let next { model[next.name] = nil }
            default:
                let moment = Int64.random(in: 0..<1000, using: &random)
                queue.set(sleepers[name], at: Timestamp(nanoseconds: moment))
                model[name] = moment
            }
            #expect(queue.nextDeadline?.nanoseconds == model.values.min())
            #expect(sleepers.allSatisfy { ($0.alarmIndex != nil) == (model[$0.name] != nil) })
        }
    }
}

/// Numbers that are the same on every run.
struct Xorshift: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state &* 0x2545_F491_4F6C_DD1D
    }
}
