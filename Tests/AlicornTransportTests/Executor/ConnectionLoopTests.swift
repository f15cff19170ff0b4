// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import Synchronization
import Testing

@testable import AlicornTransport

@Suite("The connection loop", .timeLimit(.minutes(1)))
struct ConnectionLoopTests {
    private let host = HandHost()
    private let loop: ConnectionLoop

    init() { loop = ConnectionLoop(host: host) }

    private final class Journal: Sendable {
        private let entries = Mutex<[String]>([])
        func note(_ entry: String) { entries.withLock { $0.append(entry) } }
        var all: [String] { entries.withLock { $0 } }
    }

    private final class Counter: Sendable {
        private let count = Mutex(0)
        func increment() { count.withLock { $0 += 1 } }
        var value: Int { count.withLock { $0 } }
    }

    private final class Waiting: Sendable {
        private let kept = Mutex<UnsafeContinuation<Void, Never>?>(nil)
        func keep(_ continuation: UnsafeContinuation<Void, Never>) { kept.withLock { $0 = continuation } }
        var continuation: UnsafeContinuation<Void, Never>? { kept.withLock { $0 } }
    }

    /// A connection that notes what happens to it.
    private final class Member: FlushableConnection, AlarmedConnection {
        var isFlushPending = false
        var alarmIndex: Int?
        var flushed: () -> Void = {}
        var rung: (Timestamp) -> Void = { _ in }
        func flush() { flushed() }
        func ring(at now: Timestamp) { rung(now) }
    }

    @Test("jobs that input makes ready run after the input, in order, before what they sent is flushed")
    func turnOrder() {
        let journal = Journal()
        let member = Member()
        member.flushed = { journal.note("flush") }
        loop.turn {
            for name in ["one", "two"] {
                _ = Task(executorPreference: loop) { journal.note(name) }
            }
            loop.flushLater(member)
            journal.note("input")
        }
        #expect(journal.all == ["input", "one", "two", "flush"])
        #expect(host.wakes == 0)
    }

    @Test("a task that is resumed here goes on at once, before those that are ready")
    func resumedHere() throws {
        let journal = Journal()
        let waiting = Waiting()
        loop.turn {
            _ = Task(executorPreference: loop) {
                await withUnsafeContinuation { waiting.keep($0) }
                journal.note("resumed")
            }
        }
        let continuation = try #require(waiting.continuation)
        loop.turn {
            _ = Task(executorPreference: loop) { journal.note("ready") }
            loop.resumeHere(continuation)
            journal.note("input")
        }
        #expect(journal.all == ["resumed", "input", "ready"])
    }

    /// Notes that input was handled.
    private final class Follower: InputFollower {
        let journal: Journal
        init(_ journal: Journal) { self.journal = journal }
        func inputWasHandled() { journal.note("follower") }
    }

    @Test("who follows the input of all connections comes in a turn of its own, for which the engine is woken once")
    func afterInput() {
        let journal = Journal()
        for name in ["one", "two"] {
            loop.turn {
                loop.afterInput(Follower(journal))
                journal.note(name)
            }
        }
        #expect(host.wakes == 1)
        loop.turn()
        #expect(journal.all == ["one", "two", "follower", "follower"])
        loop.turn()
        #expect(journal.all.count == 4)
    }

    @Test("memory of output is lent again, as long as it is small, and not more than eight times")
    func spares() {
        for _ in 0..<10 {
            var output = [UInt8](repeating: 1, count: 100)
            loop.spareOutput.keep(&output)
        }
        var tooLarge = [UInt8](repeating: 1, count: 100_000)
        loop.spareOutput.keep(&tooLarge)
        var lent = (0..<10).map { _ in [UInt8]() }
        for index in lent.indices { loop.spareOutput.lend(to: &lent[index]) }
        #expect(lent.count { (100..<1000).contains($0.capacity) && $0.isEmpty } == 8)
        var inUse: [UInt8] = [1]
        loop.spareOutput.lend(to: &inUse)
        #expect(inUse == [1])
    }

    @Test("a turn within a turn only handles its input")
    func nestedTurn() {
        let journal = Journal()
        loop.turn {
            loop.turn {
                _ = Task(executorPreference: loop) { journal.note("job") }
                journal.note("inner")
            }
            journal.note("outer")
        }
        #expect(journal.all == ["inner", "outer", "job"])
    }

    @Test("a job that comes between turns wakes the host once, however many follow")
    func localWake() {
        let journal = Journal()
        for name in ["one", "two", "three"] {
            _ = Task(executorPreference: loop) { journal.note(name) }
        }
        #expect(host.wakes == 1)
        #expect(journal.all.isEmpty)
        loop.turn()
        #expect(journal.all == ["one", "two", "three"])
        _ = Task(executorPreference: loop) { journal.note("four") }
        #expect(host.wakes == 2)
        loop.turn()
        #expect(journal.all.last == "four")
    }

    @Test("jobs of other threads wake the host once and run in the next turn")
    func foreignJobs() {
        let journal = Journal()
        host.state.withLock { $0.isCurrent = false }
        for name in ["one", "two"] {
            _ = Task(executorPreference: loop) { journal.note(name) }
        }
        #expect(host.wakes == 1)
        host.state.withLock { $0.isCurrent = true }
        loop.turn()
        #expect(journal.all == ["one", "two"])
        host.state.withLock { $0.isCurrent = false }
        _ = Task(executorPreference: loop) { journal.note("three") }
        #expect(host.wakes == 2)
        host.state.withLock { $0.isCurrent = true }
        loop.turn()
        #expect(journal.all.last == "three")
    }

    @Test("a handler that never waits does not keep others from being read: a turn has an end")
    func roundsAreBounded() async {
        let runs = Mutex(0)
        let stopped = Mutex(false)
        let task = Task(executorPreference: loop) {
            while !stopped.withLock({ $0 }) {
                runs.withLock { $0 += 1 }
                await Task.yield()
            }
        }
        loop.turn()
        let first = runs.withLock { $0 }
        #expect(first > 1 && first < 10)
        #expect(host.wakes == 2, "the rest is for another turn")
        loop.turn()
        #expect(runs.withLock { $0 } == 2 * first)
        stopped.withLock { $0 = true }
        loop.turn()
        await task.value
    }

    @Test("no job of any thread is lost, whenever it comes")
    func noLostWake() async {
        // The host's thread: it turns the loop when woken, and only then.
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self)
        let host = StreamHost(wake)
        let loop = ConnectionLoop(host: host)
        let runner = Task.detached {
            for await _ in wakes { loop.turn() }
        }
        let count = Counter()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<500 { await Task(executorPreference: loop) { count.increment() }.value }
                }
            }
        }
        #expect(count.value == 4000)
        wake.finish()
        await runner.value
    }

    /// A host whose thread is whichever task turns it; nobody else is ever on it.
    private final class StreamHost: LoopHost {
        private let stream: AsyncStream<Void>.Continuation
        init(_ stream: AsyncStream<Void>.Continuation) { self.stream = stream }
        var isCurrent: Bool { false }
        var now: Timestamp { Timestamp(nanoseconds: 0) }
        var unixSeconds: Int64 { 0 }
        func wake() { stream.yield() }
        func setAlarm(at deadline: Timestamp?) {}
        func loopIsGone() {}
    }

    @Test("the host's alarm is the earliest of all, set once a turn, and off when nobody wants one")
    func alarms() {
        let (one, two) = (Member(), Member())
        loop.turn {
            loop.setAlarm(of: one, at: Timestamp(nanoseconds: 30))
            loop.setAlarm(of: two, at: Timestamp(nanoseconds: 20))
            loop.setAlarm(of: two, at: Timestamp(nanoseconds: 10))
        }
        #expect(host.alarms == [Timestamp(nanoseconds: 10)])
        loop.setAlarm(of: two, at: nil)
        #expect(host.alarms.last == Timestamp(nanoseconds: 30))
        loop.setAlarm(of: one, at: nil)
        #expect(host.alarms.last == .some(nil))
    }

    @Test("who is due is rung once, in order, and the next one stays set")
    func ringing() {
        let members = (0..<3).map { _ in Member() }
        var rung: [Int] = []
        for (index, member) in members.enumerated() {
            member.rung = { _ in rung.append(index) }
            loop.setAlarm(of: member, at: Timestamp(nanoseconds: Int64(30 - 10 * index)))
        }
        host.state.withLock { $0.now = Timestamp(nanoseconds: 25) }
        loop.turn()
        #expect(rung == [2, 1])
        #expect(host.alarms.last == Timestamp(nanoseconds: 30))
        loop.turn()
        #expect(rung == [2, 1])
    }

    @Test("a connection that wants to be rung again at once does not keep the loop for itself")
    func ringLoop() {
        let member = Member()
        var rings = 0
        member.rung = { [loop, unowned member] now in
            rings += 1
            if rings < 1000 { loop.setAlarm(of: member, at: now) }
        }
        loop.setAlarm(of: member, at: Timestamp(nanoseconds: 0))
        loop.turn()
        #expect(rings < 10)
        #expect(host.alarms.last == Timestamp(nanoseconds: 0), "the rest is for another turn")
        loop.setAlarm(of: member, at: nil)
    }

    @Test("a flush that asks for another flush is done in the same turn")
    func flushAgain() {
        let member = Member()
        var flushes = 0
        member.flushed = { [loop, unowned member] in
            flushes += 1
            if flushes < 3 { loop.flushLater(member) }
        }
        loop.turn { loop.flushLater(member) }
        #expect(flushes == 3)
        loop.flushLater(member)
        #expect(host.wakes == 1)
        loop.turn()
        #expect(flushes == 4)
    }

    @Test("the date is made once a second, and the clock asked at most ten times")
    func date() {
        #expect(loop.date == "Sun, 06 Nov 1994 08:49:37 GMT")
        host.state.withLock { state in
            state.unixSeconds += 1
            state.now = Timestamp(nanoseconds: 99_999_999)
        }
        #expect(loop.date == "Sun, 06 Nov 1994 08:49:37 GMT")
        host.state.withLock { $0.now = Timestamp(nanoseconds: 100_000_000) }
        #expect(loop.date == "Sun, 06 Nov 1994 08:49:38 GMT")
    }
}
