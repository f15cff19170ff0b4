// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol
import Synchronization

/// The tasks, deadlines and unflushed connections of one event loop.
///
/// As a task executor it runs the handlers of its connections on the loop's thread. Jobs that become ready while the
/// loop handles input go into an array that is drained once per turn: one read is parsed as a whole, then the handlers
/// run until they wait, then what they sent is flushed together. So the async surface costs hardly more than callbacks,
/// and one system call carries all the answers to one read.
///
/// A job runs for as long as it does not suspend; turns are bounded in rounds, so that a handler that never waits for
/// anything but its own sending still lets other connections be read.
package final class ConnectionLoop: TaskExecutor, @unchecked Sendable {
    // SAFETY: `foreignJobs` is behind its mutex, the host is Sendable; all else is touched on the loop's thread alone,
    // which `enqueue` checks with `host.isCurrent` and every other entry requires of its caller.
    private let foreignJobs = Mutex<[UnownedJob]>([])
    @exclusivity(unchecked) private var jobs = TurnQueue<UnownedJob>()
    @exclusivity(unchecked) private var unflushed = TurnQueue<any FlushableConnection>()
    @exclusivity(unchecked) private var afterInput = TurnQueue<any InputFollower>()
    @exclusivity(unchecked) private var alarms = DeadlineQueue()
    @exclusivity(unchecked) private var alarmSet: Timestamp?
    @exclusivity(unchecked) private var haveAlarmsChanged = false
    /// Until when the last date is good enough.
    @exclusivity(unchecked) private var dateEnd = Timestamp(nanoseconds: .min)
    @exclusivity(unchecked) private var lastDate: (seconds: Int64, text: String) = (-1, "")
    @exclusivity(unchecked) private var isTurning = false
    @exclusivity(unchecked) private var isWakePending = false
    package let host: any LoopHost
    /// On the loop's thread.
    @exclusivity(unchecked) var spareOutput = SpareOutput()
    /// What the surface above keeps once for each loop. On the loop's thread.
    package var surfaceStorage: AnyObject?

    /// How often a turn looks for jobs that its own jobs made ready, before the engine looks for input again.
    private static let maximumRounds = 4

    package init(host: any LoopHost) { self.host = host }

    deinit { host.loopIsGone() }

    /// Whether the caller is on the loop's thread.
    package var isCurrent: Bool { host.isCurrent }
    /// The moment, by the loop's clock. On the loop's thread.
    package var now: Timestamp { host.now }
    /// The same, read anew: an engine's ``now`` may stand still within a turn. On the loop's thread.
    package var clock: Timestamp { host.clock }

    /// The date for HTTP headers, at most ``datePrecision`` behind. On the loop's thread.
    package var date: String {
        let now = now
        if now >= dateEnd {
            dateEnd = now.advanced(by: Self.datePrecision)
            let seconds = host.unixSeconds
            if seconds != lastDate.seconds { lastDate = (seconds, HTTPDate.text(unixSeconds: seconds)) }
        }
        return lastDate.text
    }

    private static let datePrecision = Duration.milliseconds(100)

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if host.isCurrent {
            jobs.append(job)
            wakeUnlessTurning()
        } else {
            let wasEmpty = foreignJobs.withLock { jobs in
                defer { jobs.append(job) }
                return jobs.isEmpty
            }
            if wasEmpty { host.wake() }
        }
    }

    /// Has the task go on that waits for this, here and now instead of at the end of the turn. On the loop's thread.
    package func resumeHere(_ continuation: UnsafeContinuation<Void, Never>) {
        var waiting = TurnQueue<UnownedJob>()
        swap(&waiting, &jobs)
        continuation.resume()
        let job = jobs.removeOnly()
        swap(&waiting, &jobs)
        job?.runSynchronously(on: asUnownedTaskExecutor())
    }

    /// Handles input, then whatever became ready by it. On the loop's thread.
    package func turn(_ input: () -> Void) {
        guard !isTurning else {
            input()
            return
        }
        isTurning = true
        input()
        finishTurn()
    }

    /// Runs what is ready and due. Called by the host when woken. On the loop's thread.
    package func turn() {
        isWakePending = false
        turn {
            takeForeignJobs()
            ringAlarms()
            runAfterInput()
        }
    }

    /// Does what is due. Called by the host when the alarm rings, which is then set no more. On the loop's thread.
    package func alarmRang() {
        alarmSet = nil
        haveAlarmsChanged = true
        turn()
    }

    /// Has `follower` called when what has come for any connection was handled: once each time that it is asked.
    package func afterInput(_ follower: any InputFollower) {
        afterInput.append(follower)
        wake()
    }

    /// Asks for `connection` to be flushed at the end of the turn, once however often it is asked.
    package func flushLater(_ connection: any FlushableConnection) {
        unflushed.append(connection)
        wakeUnlessTurning()
    }

    /// Sees to it that the alarm of `connection` rings at `deadline`, or not at all for `nil`.
    package func setAlarm(of connection: any AlarmedConnection, at deadline: Timestamp?) {
        alarms.set(connection, at: deadline)
        haveAlarmsChanged = true
        if !isTurning { setHostAlarm() }
    }

    private func finishTurn() {
        var round = 0
        while !(jobs.isEmpty && unflushed.isEmpty), round < Self.maximumRounds {
            runJobs()
            flushConnections()
            round += 1
        }
        isTurning = false
        if !jobs.isEmpty || !unflushed.isEmpty { wakeUnlessTurning() }
        if haveAlarmsChanged { setHostAlarm() }
    }

    private func runJobs() {
        guard !jobs.isEmpty else { return }
        var ready = TurnQueue<UnownedJob>()
        swap(&ready, &jobs)
        ready.removeAll { $0.runSynchronously(on: asUnownedTaskExecutor()) }
        if jobs.isEmpty { swap(&ready, &jobs) }
    }

    private func flushConnections() {
        guard !unflushed.isEmpty else { return }
        var ready = TurnQueue<any FlushableConnection>()
        swap(&ready, &unflushed)
        ready.removeAll { $0.flush() }
        if unflushed.isEmpty { swap(&ready, &unflushed) }
    }

    private func takeForeignJobs() {
        let foreign = foreignJobs.withLock { jobs in
            defer { jobs = [] }
            return jobs
        }
        for job in foreign { jobs.append(job) }
    }

    private func ringAlarms() {
        guard let next = alarms.nextDeadline else { return }
        let now = now
        haveAlarmsChanged = haveAlarmsChanged || next <= now
        // Who wants to be rung again at once waits for the next turn: the others have a right to this one.
        var remaining = alarms.count
        while remaining > 0, let connection = alarms.removeNext(dueAt: now) {
            remaining -= 1
            connection.ring(at: now)
        }
    }

    private func setHostAlarm() {
        haveAlarmsChanged = false
        let deadline = alarms.nextDeadline
        guard deadline != alarmSet else { return }
        alarmSet = deadline
        host.setAlarm(at: deadline)
    }

    private func runAfterInput() {
        guard !afterInput.isEmpty else { return }
        var ready = TurnQueue<any InputFollower>()
        swap(&ready, &afterInput)
        ready.removeAll { $0.inputWasHandled() }
    }

    private func wakeUnlessTurning() { if !isTurning { wake() } }

    private func wake() {
        guard !isWakePending else { return }
        isWakePending = true
        host.wake()
    }
}

/// Who has something to do when the input of all connections was handled.
package protocol InputFollower: AnyObject {
    /// On the loop's thread, in a turn of its own.
    func inputWasHandled()
}

/// A connection that has output to hand to its transport.
package protocol FlushableConnection: AnyObject {
    /// Whether it waits for being flushed: by its loop, or at the end of the input that it handles.
    var isFlushPending: Bool { get set }
    func flush()
}

extension FlushableConnection {
    /// Lets what is sent in answer to input go out with the last of it, without the loop's doing.
    @inline(__always)
    func flushAfter(_ handleInput: () -> Void) {
        guard !isFlushPending else {
            handleInput()
            return
        }
        isFlushPending = true
        handleInput()
        flush()
    }
}
