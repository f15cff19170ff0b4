// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
package import AlicornProtocol

/// What a supervisor knows and decides: events in, actions out, no process and no clock of its own (U-MP-01 to U-MP-09).
///
///     slot:  starting ──ready──▸ serving ──no answer──▸ killed ─┐
///               └──────────────────┴──────── end ───────────────┴─▸ (back-off) ─▸ starting
///     HUP:   a successor starts beside the worker: ready ─▸ the worker is stopped; else the successor is killed
///     TTOU:  serving ─▸ draining ─▸ stopping ──too late──▸ killed
///     TERM:  all ─▸ stopping; the last one's end is the supervisor's
package struct SupervisorState {
    private let configuration: SupervisorConfiguration
    private let pid: Int32
    /// What a worker that leaves for good gets for connections that wait for it alone.
    private let drainPeriod: Duration

    private var workers: [WorkerID: SupervisedWorker] = [:]
    private var slots: [Slot]
    private var lastID = 0
    private var replacement: Replacement?
    /// Signals that wait until the workers have been replaced.
    private var deferred: [ProcessSignal] = []
    /// With what to exit, once that is decided.
    private var exitStatus: Int32?
    private var hasBeenReady = false
    /// The slots that new connections go to, and those that have sockets.
    private var steered: [Int]
    private var openSlots: Int
    private var nextPing: Timestamp
    private var actions: [SupervisorAction] = []

    /// A place for one worker.
    private struct Slot {
        var worker: WorkerID?
        /// When the next one starts, if there is none.
        var restartAt: Timestamp?
        var backOff = RestartBackOff()
    }

    /// How far replacing the workers one by one has come (U-MP-05).
    private enum Replacement: Equatable {
        case starting(WorkerID, slot: Int)
        case stopping(WorkerID, slot: Int)
    }

    /// How often each worker is asked (U-MP-03).
    static let pingInterval = Duration.milliseconds(500)
    /// In this time a process that was killed is gone, or hangs in the kernel.
    static let killPeriod = Duration.seconds(5)
    /// A connection whose handshake has begun at a socket ends up there, also when new ones go elsewhere.
    static let drainPeriod = Duration.seconds(1)
    /// Who is later than this has not run, as on a machine that was asleep, and blames nobody else for it.
    private static let oversleeping = Duration.seconds(2)
    private static let maximumDeferred = 16
    /// What a worker exits with that cannot start, and the supervisor with it (U-XC-06, P-22).
    package static let startUpFailure: Int32 = 3

    /// - Parameters:
    ///   - pid: the supervisor's own.
    ///   - isBalanced: whether each worker has sockets of its own, which it has to empty before it leaves.
    package init(_ configuration: SupervisorConfiguration, pid: Int32, isBalanced: Bool, now: Timestamp) {
        self.configuration = configuration
        self.pid = pid
        drainPeriod = isBalanced ? Self.drainPeriod : .zero
        slots = Array(repeating: Slot(), count: configuration.workers)
        steered = Array(slots.indices)
        openSlots = slots.count
        nextPing = now.advanced(by: Self.pingInterval)
    }

    // MARK: - Out

    /// What is to be done, until there is no more.
    package mutating func takeActions() -> [SupervisorAction] {
        defer { actions = [] }
        return actions
    }

    /// When ``handleTimeout(now:)`` is due.
    package var nextDeadline: Timestamp {
        var deadline = nextPing
        for worker in workers.values {
            deadline = min(deadline, worker.deadline(answeringWithin: configuration.healthCheckTimeout) ?? deadline)
        }
        for slot in slots { deadline = min(deadline, slot.restartAt ?? deadline) }
        return deadline
    }

    private mutating func log(_ level: ServerLogLevel, _ message: String) { actions.append(.log(level, message)) }
}

// MARK: - Workers

extension SupervisorState {
    /// Starts the workers.
    package mutating func start(now: Timestamp) {
        log(.info, "Started parent process [\(pid)]")
        for slot in slots.indices { fill(slot, now) }
    }

    /// A worker has a process.
    package mutating func workerStarted(_ id: WorkerID, pid: Int32) { workers[id]?.pid = pid }

    /// A worker can have no process.
    package mutating func workerCouldNotStart(_ id: WorkerID, reason: String, now: Timestamp) {
        guard let worker = workers.removeValue(forKey: id) else { return }
        log(.error, "Cannot start a child process: \(reason)")
        if slots.indices.contains(worker.slot), slots[worker.slot].worker == id {
            slots[worker.slot].worker = nil
            if hasBeenReady { restart(worker, now) } else { stop(status: Self.startUpFailure, now) }
        } else if replacement == .starting(id, slot: worker.slot) {
            if slots[worker.slot].worker == nil { restart(worker, now) }
            endReplacing(now)
        }
    }

    /// A worker serves (U-MP-09).
    package mutating func workerIsReady(_ id: WorkerID, now: Timestamp) {
        guard let worker = workers[id], worker.isStarting else { return }
        workers[id]?.phase = .serving(unansweredSince: nil)
        if replacement == .starting(id, slot: worker.slot) { replaceWorker(in: worker.slot, by: id, now) }
        steer(now)
        if !hasBeenReady, responsiveSlots(now).count == slots.count {
            hasBeenReady = true
            actions.append(.becameReady)
        }
    }

    /// A worker is healthy.
    package mutating func workerAnswered(_ id: WorkerID, now: Timestamp) {
        guard case .serving = workers[id]?.phase else { return }
        workers[id]?.phase = .serving(unansweredSince: nil)
        steer(now)
    }

    /// A worker's process is gone.
    package mutating func workerEnded(_ id: WorkerID, _ ending: ProcessEnding, now: Timestamp) {
        guard let worker = workers.removeValue(forKey: id) else { return }
        defer { closeSockets() }
        if exitStatus != nil {
            finish()
        } else if replacement == .starting(id, slot: worker.slot) {
            log(.info, "Waiting for child process [\(worker.pid)]")
            successorFailed(worker, now)
        } else if slots.indices.contains(worker.slot), slots[worker.slot].worker == id {
            log(.info, "Waiting for child process [\(worker.pid)]")
            workerDied(worker, ending, now)
        } else if replacement == .stopping(id, slot: worker.slot) {
            startSuccessor(in: worker.slot + 1, now)
        }
    }

    private mutating func workerDied(_ worker: SupervisedWorker, _ ending: ProcessEnding, _ now: Timestamp) {
        slots[worker.slot].worker = nil
        if worker.isStarting, ending == .exited(status: Self.startUpFailure) {
            log(.error, "Child process [\(worker.pid)] failed to start, stopping the parent process.")
            return stop(status: Self.startUpFailure, now)
        }
        // As it does that has answered as many requests as it may (U-XC-10).
        let isDone = !worker.isStarting && ending == .exited(status: 0)
        if !isDone { log(.warning, "Child process [\(worker.pid)] \(ending)") }
        log(.info, "Child process [\(worker.pid)] died")
        steer(now)
        // A successor may be on its way already.
        if case .starting(_, worker.slot) = replacement { return }
        if isDone { fill(worker.slot, now) } else { restart(worker, now) }
    }

    private mutating func launch(in slot: Int, readyWithin timeout: Duration, _ now: Timestamp) -> WorkerID {
        lastID += 1
        let id = WorkerID(lastID)
        workers[id] = SupervisedWorker(
            slot: slot, startedAt: now, phase: .starting(readyBy: now.advanced(by: timeout)))
        openSlots = max(openSlots, slot + 1)
        actions.append(.start(id, slot: slot))
        return id
    }

    private mutating func fill(_ slot: Int, _ now: Timestamp) {
        slots[slot].restartAt = nil
        slots[slot].worker = launch(in: slot, readyWithin: configuration.startTimeout, now)
    }

    /// Has the slot of one that has died filled again.
    private mutating func restart(_ dead: SupervisedWorker, _ now: Timestamp) {
        let delay = slots[dead.slot].backOff.workerDied(after: dead.startedAt.duration(to: now))
        guard delay > .zero else { return fill(dead.slot, now) }
        slots[dead.slot].restartAt = now.advanced(by: delay)
        let deaths = slots[dead.slot].backOff.youngDeaths
        log(.warning, "\(deaths) child processes died young, one after the other; the next one starts in \(delay)")
    }
}

// MARK: - Signals

extension SupervisorState {
    /// The supervisor was sent a signal.
    package mutating func signalled(_ signal: ProcessSignal, now: Timestamp) {
        switch signal {
        case .interrupt, .terminate:
            if exitStatus == nil {
                log(.info, "Received SIG\(signal.name), exiting.")
                stop(status: 0, now)
            } else if signal == .interrupt {
                // The second one means at once, to workers as well (U-SG-03).
                for id in workers.keys.sorted() { actions.append(.send(.interrupt, id)) }
            }
        case .hangUp, .backgroundRead, .backgroundWrite:
            if exitStatus == nil { change(signal, now) }
        case .quit, .user1, .user2, .windowChange:
            log(.debug, "Received signal \(signal.name), but no handler is defined for it.")
        case .child, .kill, .terminalStop: break
        }
    }

    /// Changes the workers, one change after the other.
    private mutating func change(_ signal: ProcessSignal, _ now: Timestamp) {
        if replacement != nil {
            let isKnown = signal == .hangUp && deferred.contains(.hangUp)
            if deferred.count < Self.maximumDeferred, !isKnown { deferred.append(signal) }
        } else if signal == .hangUp {
            log(.info, "Received SIGHUP, restarting processes.")
            startSuccessor(in: 0, now)
        } else if signal == .backgroundRead {
            log(.info, "Received SIGTTIN, increasing the number of processes.")
            addWorker(now)
        } else {
            log(.info, "Received SIGTTOU, decreasing number of processes.")
            removeWorker(now)
        }
    }

    private mutating func addWorker(_ now: Timestamp) {
        guard slots.count < SupervisorConfiguration.maximumWorkers else {
            return log(
                .info, "Already reached \(slots.count) processes, cannot increase the number of processes anymore.")
        }
        slots.append(Slot())
        fill(slots.count - 1, now)
    }

    private mutating func removeWorker(_ now: Timestamp) {
        guard slots.count > 1 else {
            return log(
                .info, "Already reached one process, cannot decrease the number of processes anymore.")
        }
        let id = slots.removeLast().worker
        steer(now)
        closeSockets()
        guard let id, let worker = workers[id] else { return }
        switch worker.phase {
        case .serving where drainPeriod > .zero:
            workers[id]?.phase = .draining(until: now.advanced(by: drainPeriod))
        case .starting, .serving, .draining: terminate([id], now)
        case .stopping, .killed: break
        }
    }
}

// MARK: - Replacing one by one

extension SupervisorState {
    private mutating func startSuccessor(in slot: Int, _ now: Timestamp) {
        guard slots.indices.contains(slot) else { return endReplacing(now) }
        slots[slot].restartAt = nil
        let id = launch(in: slot, readyWithin: configuration.healthCheckTimeout, now)
        replacement = .starting(id, slot: slot)
    }

    private mutating func replaceWorker(in slot: Int, by successor: WorkerID, _ now: Timestamp) {
        let old = slots[slot].worker
        slots[slot].worker = successor
        // What kept dying may be mended by what is deployed now.
        slots[slot].backOff = RestartBackOff()
        guard let old, let worker = workers[old] else { return startSuccessor(in: slot + 1, now) }
        replacement = .stopping(old, slot: slot)
        // One that hangs was killed already.
        if case .killed = worker.phase { return }
        terminate([old], now)
    }

    private mutating func successorFailed(_ successor: SupervisedWorker, _ now: Timestamp) {
        if let old = slots[successor.slot].worker.flatMap({ workers[$0] }) {
            log(
                .error,
                "New child process [\(successor.pid)] was not ready in time; "
                    + "keeping worker [\(old.pid)] and aborting the restart.")
        } else {
            log(.info, "Child process [\(successor.pid)] died")
            restart(successor, now)
        }
        endReplacing(now)
    }

    private mutating func endReplacing(_ now: Timestamp) {
        replacement = nil
        let signals = deferred
        deferred = []
        for signal in signals { change(signal, now) }
    }
}

// MARK: - Stopping

extension SupervisorState {
    private mutating func stop(status: Int32, _ now: Timestamp) {
        exitStatus = status
        replacement = nil
        deferred = []
        for slot in slots.indices { slots[slot].restartAt = nil }
        actions.append(.stopListening)
        let running = workers.filter { _, worker in
            switch worker.phase {
            case .starting, .serving, .draining: true
            case .stopping, .killed: false
            }
        }
        terminate(running.keys.sorted(), now)
        finish()
    }

    private mutating func finish() {
        guard let exitStatus, workers.isEmpty else { return }
        log(.info, "Stopping parent process [\(pid)]")
        actions.append(.exit(status: exitStatus))
    }

    private mutating func terminate(_ ids: [WorkerID], _ now: Timestamp) {
        let killAt = now.advanced(by: configuration.gracePeriod + SupervisorConfiguration.shutdownMargin)
        for id in ids {
            workers[id]?.phase = .stopping(killAt: killAt)
            actions.append(.send(.terminate, id))
            log(.info, "Terminated child process [\(workers[id]?.pid ?? 0)]")
        }
        for id in ids { log(.info, "Waiting for child process [\(workers[id]?.pid ?? 0)]") }
    }

    private mutating func kill(_ id: WorkerID, _ now: Timestamp) {
        workers[id]?.phase = .killed(abandonAt: now.advanced(by: Self.killPeriod))
        actions.append(.send(.kill, id))
    }
}

// MARK: - Connections

extension SupervisorState {
    private func responsiveSlots(_ now: Timestamp) -> [Int] {
        slots.indices.filter { slots[$0].worker.flatMap { workers[$0] }?.isResponsive(at: now) ?? false }
    }

    /// Sends new connections where they are accepted at once; if that is nowhere, to all.
    private mutating func steer(_ now: Timestamp) {
        let responsive = responsiveSlots(now)
        let next = responsive.isEmpty ? Array(slots.indices) : responsive
        guard next != steered, exitStatus == nil else { return }
        steered = next
        actions.append(.steer(to: next))
    }

    /// Closes what is left open for nobody.
    private mutating func closeSockets() {
        let used = max(slots.count, (workers.values.lazy.map(\.slot).max() ?? -1) + 1)
        guard used < openSlots, exitStatus == nil else { return }
        openSlots = used
        actions.append(.closeSockets(from: used))
    }
}

// MARK: - Time

extension SupervisorState {
    /// Does what is due.
    package mutating func handleTimeout(now: Timestamp) {
        if nextPing.duration(to: now) > Self.oversleeping { forgiveSilence(now) }
        for id in workers.keys.sorted() { handleTimeout(of: id, now) }
        for slot in slots.indices {
            if let moment = slots[slot].restartAt, moment <= now { fill(slot, now) }
        }
        guard nextPing <= now else { return }
        nextPing = now.advanced(by: Self.pingInterval)
        steer(now)
        for id in workers.keys.sorted() {
            guard case .serving(let unansweredSince) = workers[id]?.phase else { continue }
            workers[id]?.phase = .serving(unansweredSince: unansweredSince ?? now)
            actions.append(.ping(id))
        }
    }

    private mutating func handleTimeout(of id: WorkerID, _ now: Timestamp) {
        guard let worker = workers[id],
            let deadline = worker.deadline(answeringWithin: configuration.healthCheckTimeout), deadline <= now
        else { return }
        switch worker.phase {
        case .starting:
            // Of a successor the line of the restart tells.
            if replacement != .starting(id, slot: worker.slot) {
                log(.warning, "Child process [\(worker.pid)] was not ready in time: killing it")
            }
            kill(id, now)
        case .serving:
            log(
                .warning,
                "Child process [\(worker.pid)] gave no answer for \(configuration.healthCheckTimeout): killing it")
            kill(id, now)
        case .draining: terminate([id], now)
        case .stopping:
            log(.warning, "Child process [\(worker.pid)] did not end in time: killing it")
            kill(id, now)
        case .killed:
            actions.append(.abandon(id))
            workerEnded(id, .unknown, now: now)
        }
    }

    private mutating func forgiveSilence(_ now: Timestamp) {
        for (id, worker) in workers {
            if case .serving(.some) = worker.phase { workers[id]?.phase = .serving(unansweredSince: now) }
        }
    }
}
