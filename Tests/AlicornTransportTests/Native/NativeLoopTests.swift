// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if os(Linux)
import AlicornProtocol
import CLinux
import Foundation
import Synchronization
import Testing

@testable import AlicornTransport

@Suite("The native loop, turned from outside", .timeLimit(.minutes(1)))
struct NativeLoopTests {
    private let test: LoopUnderTest

    init() throws { test = try LoopUnderTest() }

    private final class Journal: Sendable {
        private let entries = Mutex<[String]>([])
        func note(_ entry: String) { entries.withLock { $0.append(entry) } }
        var all: [String] { entries.withLock { $0 } }
    }

    @Test("nothing is to be done while nothing happens")
    func quiet() {
        #expect(!test.isReady)
        test.host.poll()
        #expect(!test.isReady)
        #expect(test.settle() == 0)
    }

    @Test("its descriptor is readable when a connection has input, within another epoll, too")
    func input() throws {
        let outer = try Epoll()
        try outer.add(test.host.descriptor, .input, token: 7)
        let events = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: 4)
        defer { events.deallocate() }
        let pair = try SocketPair()
        let driver = test.connect(pair)
        #expect(outer.wait(into: events, blocks: false) == 0)
        pair.sendFar([1, 2, 3])
        #expect(outer.wait(into: events, blocks: false) == 1)
        #expect(events[0].data.u64 == 7)
        #expect(test.isReady)
        test.host.poll()
        #expect(driver.received == [1, 2, 3])
        #expect(outer.wait(into: events, blocks: false) == 0)
    }

    @Test("a job from its own thread and one from another make it readable")
    func jobs() {
        let journal = Journal()
        test.host.poll()
        _ = Task(executorPreference: test.loop) { journal.note("own") }
        #expect(test.isReady)
        test.settle()
        #expect(journal.all == ["own"])
        let loop = test.loop
        Thread.detachNewThread { _ = Task(executorPreference: loop) { journal.note("foreign") } }
        test.settle { journal.all.count == 2 }
        #expect(journal.all == ["own", "foreign"])
    }

    @Test("what another thread wants done is done on the loop's, all of it, in order")
    func foreignWork() {
        let journal = Journal()
        test.host.poll()
        let host = test.host
        Thread.detachNewThread {
            for number in 0..<100 { host.execute { journal.note(host.isCurrent ? "\(number)" : "elsewhere") } }
        }
        test.settle { journal.all.count == 100 }
        #expect(journal.all == (0..<100).map(String.init))
        #expect(test.settle() <= 1)
    }

    @Test("a job that goes on making others ready leaves the descriptor readable between polls")
    func endlessJobs() async throws {
        let journal = Journal()
        test.host.poll()
        _ = Task(executorPreference: test.loop) {
            for number in 0..<50 {
                journal.note("\(number)")
                await Task.yield()
            }
        }
        var polls = 0
        while test.isReady {
            test.host.poll()
            polls += 1
        }
        #expect(journal.all == (0..<50).map(String.init))
        #expect(polls > 1)
        #expect(polls <= 51)
    }

    private final class Sleeper: AlarmedConnection {
        var alarmIndex: Int?
        private(set) var rung: [Timestamp] = []
        func ring(at now: Timestamp) { rung.append(now) }
    }

    @Test("an alarm makes it readable when its moment has come, and once")
    func alarm() {
        let sleeper = Sleeper()
        let deadline = test.host.now.advanced(by: .milliseconds(20))
        test.loop.setAlarm(of: sleeper, at: deadline)
        #expect(!test.isReady)
        test.settle { !sleeper.rung.isEmpty }
        #expect(sleeper.rung.count == 1)
        #expect(sleeper.rung[0] >= deadline)
        #expect(!test.isReady)
    }

    @Test("an alarm that is taken back, or lies behind, does what it says")
    func otherAlarms() {
        let sleeper = Sleeper()
        test.loop.setAlarm(of: sleeper, at: test.host.now.advanced(by: .milliseconds(1)))
        test.loop.setAlarm(of: sleeper, at: nil)
        #expect(!SystemSocket.isReadable(test.host.descriptor, withinMilliseconds: 20))
        test.loop.setAlarm(of: sleeper, at: Timestamp(nanoseconds: 0))
        test.settle { sleeper.rung.count == 1 }
        test.loop.setAlarm(of: sleeper, at: Timestamp(nanoseconds: .max))
        #expect(!test.isReady)
        test.loop.setAlarm(of: sleeper, at: nil)
    }

    @Test("one poll handles a bounded number of descriptors, and the next one others")
    func bounded() throws {
        let pairs = try (0..<300).map { _ in try SocketPair() }
        let drivers = pairs.map { test.connect($0) }
        for pair in pairs { pair.sendFar([1]) }
        test.host.poll()
        #expect(drivers.filter { !$0.received.isEmpty }.count == 256)
        #expect(test.isReady)
        test.host.poll()
        #expect(drivers.allSatisfy { !$0.received.isEmpty })
        #expect(!test.isReady)
    }

    @Test("an event of a descriptor that was closed meanwhile is not the next owner's of the number")
    func reusedNumber() throws {
        let pairs = [try SocketPair(), try SocketPair()]
        let drivers = pairs.map { test.connect($0) }
        var others: [(pair: SocketPair, driver: PlainDriver)] = []
        for (driver, other) in [(drivers[0], drivers[1]), (drivers[1], drivers[0])] {
            driver.onReceive = { [test] _ in
                other.transport.abort()
                guard let pair = try? SocketPair() else { return }
                others.append((pair, test.connect(pair)))
            }
        }
        for pair in pairs { pair.sendFar([1]) }
        test.host.poll()
        #expect(drivers.map(\.received.count).reduce(0, +) == 1)
        #expect(others.count == 1)
        #expect(others[0].driver.events.isEmpty)
        others[0].pair.sendFar([2])
        test.settle()
        #expect(others[0].driver.events == ["received 1"])
        drivers[0].onReceive = { _ in }
        drivers[1].onReceive = { _ in }
        for driver in drivers + [others[0].driver] { driver.transport.abort() }
        test.settle()
        #expect(drivers.flatMap(\.events).filter { $0 == "closed" }.count == 2)
    }

    @Test("a descriptor of which somebody else has a copy is not heard of any more once it is closed")
    func copiedDescriptor() throws {
        let pair = try SocketPair()
        let copy = dup(pair.near)
        defer { close(copy) }
        let driver = test.connect(pair)
        driver.transport.abort()
        test.settle()
        #expect(driver.events == ["closed"])
        pair.sendFar([1])
        pair.closeFar()
        #expect(test.settle() == 0)
    }

    @Test("its clock stands still while it polls, and goes on between")
    func clock() {
        final class Moments: @unchecked Sendable { var all: [Timestamp] = [] }
        let moments = Moments()
        let host = test.host
        host.execute {
            moments.all.append(host.now)
            usleep(2000)
            moments.all.append(host.now)
        }
        test.settle()
        #expect(moments.all[0] == moments.all[1])
        #expect(host.now > moments.all[1])
        #expect(abs(host.unixSeconds - Int64(Date().timeIntervalSince1970)) <= 1)
    }
}

#endif
