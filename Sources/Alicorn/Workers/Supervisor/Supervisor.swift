// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornASGI
import AlicornProtocol
package import AlicornTransport

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Runs worker processes, replaces those that die or hang, and does what signals say (P-09, U-MP-01 to U-MP-09).
///
/// The workers run the same program, which finds out by ``WorkerLink/inherited(backlog:)`` that it is one of them. The supervisor
/// accepts no connection; it keeps the sockets open, so that none is lost that waits while workers come and go.
package final class Supervisor {
    private let sockets: WorkerSockets
    private let program: WorkerProgram
    private let log: any ServerLog
    private let becameReady: () -> Void
    private var state: SupervisorState
    private var children: [WorkerID: ChildProcess] = [:]
    private var links: [WorkerID: LinkSocket] = [:]
    private var exitStatus: Int32?

    /// - Parameters:
    ///   - sockets: closed at the end.
    ///   - program: what the workers run.
    ///   - becameReady: called once, when all workers serve for the first time.
    package init(
        _ configuration: SupervisorConfiguration, sockets: WorkerSockets, program: WorkerProgram = .current,
        log: any ServerLog, becameReady: @escaping () -> Void = {}
    ) {
        self.sockets = sockets
        self.program = program
        self.log = log
        self.becameReady = becameReady
        state = SupervisorState(configuration, pid: getpid(), isBalanced: sockets.areBalanced, now: .now)
    }

    /// Runs until a signal or a worker that cannot start ends it. Has the calling thread for itself, and the process'
    /// handlers for ``ProcessSignal``.
    ///
    /// - Returns: the status to exit with: 0, or 3 when a worker cannot start (U-XC-11, P-22).
    package func run() throws(SystemFailure) -> Int32 {
        let signals = try SignalPipe(ProcessSignal.allCases.filter { $0 != .kill })
        state.start(now: .now)
        performActions()
        while exitStatus == nil {
            let linked = links
            let ready = Readiness.wait(
                for: [signals.descriptor] + linked.values.map(\.descriptor), until: state.nextDeadline)
            for (id, link) in linked where ready.contains(link.descriptor) { read(link, of: id) }
            if ready.contains(signals.descriptor) {
                for signal in signals.take() { handle(signal) }
            }
            // After what has come, as an answer may have waited while this process did not run.
            state.handleTimeout(now: .now)
            performActions()
        }
        sockets.close()
        return exitStatus ?? 0
    }

    // MARK: - In

    private func read(_ link: LinkSocket, of id: WorkerID) {
        guard let messages = link.receive() else {
            links[id] = nil
            return
        }
        for message in messages {
            switch message {
            case .ready: state.workerIsReady(id, now: .now)
            case .pong: state.workerAnswered(id, now: .now)
            case .ping: break
            }
            performActions()
        }
    }

    private func handle(_ signal: ProcessSignal) {
        if signal == .child { reapChildren() } else { state.signalled(signal, now: .now) }
        performActions()
    }

    /// Asks for each child, as several that end may be told of by one signal.
    private func reapChildren() {
        for (id, child) in children.sorted(by: { $0.key < $1.key }) {
            guard let ending = child.reap() else { continue }
            (children[id], links[id]) = (nil, nil)
            state.workerEnded(id, ending, now: .now)
        }
    }

    // MARK: - Out

    private func performActions() {
        while true {
            let actions = state.takeActions()
            if actions.isEmpty { return }
            for action in actions { perform(action) }
        }
    }

    private func perform(_ action: SupervisorAction) {
        switch action {
        case .start(let id, let slot): start(id, slot: slot)
        case .ping(let id): links[id]?.send(.ping)
        case .send(let signal, let id): children[id]?.send(signal)
        case .abandon(let id): (children[id], links[id]) = (nil, nil)
        case .steer(let slots): sockets.steer(to: slots)
        case .closeSockets(let slot): sockets.close(from: slot)
        case .stopListening: sockets.close()
        case .becameReady: becameReady()
        case .log(let level, let message): log.write(level, message)
        case .exit(let status): exitStatus = status
        }
    }

    private func start(_ id: WorkerID, slot: Int) {
        do {
            let (child, link) = try ChildProcess.worker(
                program, number: slot, listening: sockets.descriptors(for: slot))
            (children[id], links[id]) = (child, link)
            state.workerStarted(id, pid: child.pid)
        } catch {
            state.workerCouldNotStart(id, reason: "\(error)", now: .now)
        }
    }
}
