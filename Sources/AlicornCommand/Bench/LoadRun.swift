// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornNIO
import AlicornProtocol
import Foundation
import NIOCore

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A run, from its first connection to its last figure.
final class LoadRun {
    /// What a run waits for.
    private enum Event: Sendable {
        case thread(Int, LoadThread.Note)
        case second
        case interrupted
        /// The wait of that number has lasted long enough.
        case timeIsUp(Int)
    }

    private let plan: LoadPlan
    private let threads: [LoadThread]
    private let liveLine: LiveLine?
    private let events: AsyncStream<Event>
    private let tell: AsyncStream<Event>.Continuation
    private var notes: [LoadThread.Note: Set<Int>] = [:]
    private var waits = 0
    private var total = Tally()
    private var isInterrupted = false

    /// - Parameter liveLine: where to show what is going on; `nil` for nowhere.
    init(
        _ plan: LoadPlan, to target: LoadTarget, messages: [LoadMessage], on engines: [any LoadEngine],
        liveLine: LiveLine?
    ) {
        let (events, tell) = AsyncStream.makeStream(of: Event.self)
        self.plan = plan
        self.liveLine = liveLine
        self.events = events
        self.tell = tell
        let flow = plan.mode == .broadcast ? BroadcastFlow() : nil
        var threads: [LoadThread] = []
        for (number, engine) in engines.enumerated() {
            let first = threads.first
            threads.append(
                LoadThread(
                    number, plan: plan, target: target, messages: messages, engine: engine, flow: flow,
                    note: { tell.yield(.thread(number, $0)) },
                    wakeSender: { if let first { first.engine.execute { first.pumpSender() } } }))
        }
        self.threads = threads
    }

    /// What ends a run early, in order.
    var interrupt: @Sendable () -> Void { { [tell] in tell.yield(.interrupted) } }

    func run() async -> LoadReport {
        let beginning = Self.now
        for thread in threads { thread.engine.execute { thread.open() } }
        await wait(for: .rampedUp)
        var report = LoadReport(plan)
        report.openTime = beginning.duration(to: Self.now)
        await collect()
        if total.opened > 0 || plan.mode == .handshake, !isInterrupted { await measure(&report) }
        await close()
        await collect()
        liveLine?.end()
        report.total = total
        report.isInterrupted = isInterrupted
        return report
    }

    // MARK: - Its phases

    private func measure(_ report: inout LoadReport) async {
        let start = Self.now
        let measuredFrom = start.advanced(by: plan.warmUp)
        let end = measuredFrom.advanced(by: plan.duration)
        let schedule = plan.rate.map { Schedule(start: start, rate: $0) }
        // In a broadcast it is the first thread that sends.
        let senders = plan.mode == .broadcast ? 1 : threads.count
        for (number, thread) in threads.enumerated() {
            let share = number < senders ? schedule?.share(number, of: senders) : nil
            thread.engine.execute { thread.begin(share, measuredFrom: measuredFrom, end: end) }
        }
        let seconds = Task { [tell] in
            // For the live line, which tells of each second.
            while (try? await Task.sleep(for: .seconds(1))) != nil { tell.yield(.second) }
        }
        await wait(for: .gone, until: measuredFrom)
        let before = CPUTime.now
        if !isInterrupted { await wait(for: .gone, until: end) }
        let over = min(Self.now, end)
        report.measuredTime = max(.zero, measuredFrom.duration(to: over))
        report.cpuTime = CPUTime.now - before
        seconds.cancel()
        for thread in threads { thread.engine.execute { thread.stop(at: over) } }
        await wait(for: .idle, until: Self.now.advanced(by: LoadPlan.drainTime))
    }

    private func close() async {
        for thread in threads { thread.engine.execute { thread.close() } }
        // Each connection has that time; what is left after it is no connection any more.
        await wait(for: .gone, until: Self.now.advanced(by: LoadPlan.closeTime * 2))
    }

    // MARK: - Waiting

    /// Waits until all threads have told so, or for the deadline, or for the first interruption.
    private func wait(for note: LoadThread.Note, until deadline: Timestamp? = nil) async {
        waits += 1
        let number = waits
        let alarm = deadline.map { deadline in
            Task { [tell] in
                // The times of the run are what was asked for.
                try? await Task.sleep(for: max(.zero, Self.now.duration(to: deadline)), tolerance: .zero)
                tell.yield(.timeIsUp(number))
            }
        }
        defer { alarm?.cancel() }
        guard !isKnown(note) else { return }
        for await event in events {
            switch event {
            case .thread(let number, let told):
                notes[told, default: []].insert(number)
                if isKnown(note) { return }
            case .second: await showSecond()
            case .interrupted:
                isInterrupted = true
                return
            case .timeIsUp(number): return
            case .timeIsUp: break
            }
        }
    }

    /// Whether all threads have told so.
    private func isKnown(_ note: LoadThread.Note) -> Bool { notes[note, default: []].count == threads.count }

    private func showSecond() async {
        let second = await collect()
        liveLine?.show(second, alive: second.alive, mistakes: total.mistakes.count)
    }

    /// Takes what the threads have counted since they were asked before.
    @discardableResult
    private func collect() async -> Second {
        var second = Second()
        for thread in threads {
            let (tally, alive) = await withCheckedContinuation { continuation in
                thread.engine.execute { continuation.resume(returning: (thread.takeTally(), thread.alive)) }
            }
            second.tally.add(tally)
            second.alive += alive
        }
        total.add(second.tally)
        return second
    }

    private static var now: Timestamp { Timestamp(nanoseconds: Int64(clamping: NIODeadline.now().uptimeNanoseconds)) }
}

/// What happened in a second.
struct Second {
    var tally = Tally()
    /// Connections that are open.
    var alive = 0
}

/// What this process has had of the processors.
struct CPUTime {
    private let duration: Duration

    static var now: Self {
        var usage = rusage()
        getrusage(ownUsage, &usage)
        return Self(duration: Duration(usage.ru_utime) + Duration(usage.ru_stime))
    }

    static func - (later: Self, earlier: Self) -> Duration { later.duration - earlier.duration }
}

extension Duration {
    fileprivate init(_ time: timeval) {
        self = .seconds(Int(time.tv_sec)) + .microseconds(Int(time.tv_usec))
    }
}

#if canImport(Glibc)
private let ownUsage = RUSAGE_SELF.rawValue
#else
private let ownUsage = RUSAGE_SELF
#endif
