// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornProtocol

/// A supervisor's state in virtual time. The process of worker 1 is 101, and so on; the supervisor's is 1.
struct RehearsedSupervisor {
    private var state: SupervisorState
    private(set) var now = Timestamp(nanoseconds: 0)
    /// Whether the system makes processes.
    var canStart = true

    init(workers: Int, isBalanced: Bool = true, gracePeriod: Duration = .seconds(10)) {
        state = SupervisorState(
            SupervisorConfiguration(
                workers: workers, gracePeriod: gracePeriod, healthCheckTimeout: .seconds(5),
                startTimeout: .seconds(60)),
            pid: 1, isBalanced: isBalanced, now: now)
    }

    /// One whose workers serve, and which has said so.
    static func serving(workers: Int, isBalanced: Bool = true) -> Self {
        var supervisor = Self(workers: workers, isBalanced: isBalanced)
        _ = supervisor.start()
        for worker in 1...workers { _ = supervisor.ready(worker) }
        return supervisor
    }

    mutating func start() -> [String] { then { $0.start(now: $1) } }
    mutating func ready(_ worker: Int) -> [String] { then { $0.workerIsReady(WorkerID(worker), now: $1) } }
    mutating func answered(_ worker: Int) -> [String] { then { $0.workerAnswered(WorkerID(worker), now: $1) } }
    mutating func signalled(_ signal: ProcessSignal) -> [String] { then { $0.signalled(signal, now: $1) } }

    mutating func ended(_ worker: Int, _ ending: ProcessEnding = .exited(status: 0)) -> [String] {
        then { $0.workerEnded(WorkerID(worker), ending, now: $1) }
    }

    /// Time passes, and what is due is done when it is; all workers but these answer each question at once.
    mutating func pass(_ duration: Duration, silent: Set<Int> = []) -> [String] {
        let end = now.advanced(by: duration)
        var done: [String] = []
        while state.nextDeadline <= end {
            now = max(now, state.nextDeadline)
            let actions = then { $0.handleTimeout(now: $1) }
            for action in actions where action.hasPrefix("ping") {
                if let worker = Int(action.dropFirst(5)), !silent.contains(worker) { done += answered(worker) }
            }
            done += actions.filter { !$0.hasPrefix("ping") }
        }
        now = end
        return done
    }

    /// Time passes in which the supervisor does not run.
    mutating func sleep(_ duration: Duration) -> [String] {
        now = now.advanced(by: duration)
        return then { $0.handleTimeout(now: $1) }
    }

    private mutating func then(_ input: (inout SupervisorState, Timestamp) -> Void) -> [String] {
        input(&state, now)
        var done: [String] = []
        while true {
            let actions = state.takeActions()
            if actions.isEmpty { return done }
            for action in actions { done.append(perform(action)) }
        }
    }

    private mutating func perform(_ action: SupervisorAction) -> String {
        switch action {
        case .start(let worker, let slot):
            if canStart {
                state.workerStarted(worker, pid: Int32(100 + worker.number))
            } else {
                state.workerCouldNotStart(worker, reason: "no memory", now: now)
            }
            return "start \(worker.number) in \(slot)"
        case .ping(let worker): return "ping \(worker.number)"
        case .send(let signal, let worker): return "\(signal.name) \(worker.number)"
        case .abandon(let worker): return "abandon \(worker.number)"
        case .steer(let slots): return "steer \(slots)"
        case .closeSockets(let slot): return "close from \(slot)"
        case .stopListening: return "refuse"
        case .becameReady: return "ready"
        case .log(let level, let message): return "\(level): \(message)"
        case .exit(let status): return "exit \(status)"
        }
    }
}
