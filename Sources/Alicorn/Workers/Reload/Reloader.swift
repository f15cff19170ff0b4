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

/// Builds and restarts what serves when its sources change (U-LG-14, U-RL-02). It keeps the sockets open, so that who
/// connects meanwhile waits a moment, and is not refused.
package final class Reloader {
    private let configuration: ReloadConfiguration
    private let sockets: WorkerSockets
    private let program: WorkerProgram
    private let log: any ServerLog
    private let watcher: any FileWatcher
    private var state: ReloadState
    private var child: ChildProcess?
    /// Its end is how the child hears that this process is gone.
    private var link: LinkSocket?
    private var build: ChildProcess?
    private var exitStatus: Int32?

    /// - Parameters:
    ///   - sockets: for one worker; closed at the end.
    ///   - program: what serves.
    package init(
        _ configuration: ReloadConfiguration, sockets: WorkerSockets, program: WorkerProgram = .current,
        log: any ServerLog
    ) {
        self.configuration = configuration
        self.sockets = sockets
        self.program = program
        self.log = log
        watcher = Self.watcher(of: configuration, log)
        state = ReloadState(configuration, pid: getpid(), watcher: watcher.name)
    }

    private static func watcher(of configuration: ReloadConfiguration, _ log: any ServerLog) -> any FileWatcher {
        let tree = SourceTree(directories: configuration.directories, filter: configuration.filter)
        #if os(Linux)
        do throws(SystemFailure) {
            return try KernelWatcher(tree)
        } catch {
            log.write(.warning, "The kernel cannot watch the directories, so files are looked at in turn: \(error)")
        }
        #endif
        return PollingWatcher(tree)
    }

    /// Runs until SIGINT, SIGTERM or SIGHUP. Has the calling thread for itself.
    ///
    /// - Returns: the status to exit with.
    package func run() throws(SystemFailure) -> Int32 {
        let signals = try SignalPipe([.interrupt, .terminate, .hangUp, .child])
        state.start()
        performActions()
        while exitStatus == nil {
            let ready = Readiness.wait(
                for: [signals.descriptor] + (watcher.descriptor.map { [$0] } ?? []), until: nextTurn)
            if ready.contains(signals.descriptor) {
                for signal in signals.take() { handle(signal) }
            }
            if watcher.descriptor.map(ready.contains) ?? true {
                state.filesChanged(watcher.takeChanges().map(display), now: .now)
            }
            state.handleTimeout(now: .now)
            performActions()
        }
        sockets.close()
        return exitStatus ?? 0
    }

    private var nextTurn: Timestamp {
        let patience = watcher.descriptor == nil ? configuration.delay : .seconds(60)
        let turn = Timestamp.now.advanced(by: max(patience, .milliseconds(50)))
        return min(turn, state.nextDeadline ?? turn)
    }

    private func handle(_ signal: ProcessSignal) {
        if signal == .child { reapChildren() } else { state.signalled(signal, now: .now) }
        performActions()
    }

    private func reapChildren() {
        if let ending = child?.reap() {
            (child, link) = (nil, nil)
            state.processEnded(ending)
        }
        if let ending = build?.reap() {
            build = nil
            state.buildEnded(ending, now: .now)
        }
    }

    /// From the working directory, if it is below.
    private func display(_ path: String) -> String {
        guard let buffer = getcwd(nil, 0) else { return path }
        defer { free(buffer) }
        let directory = String(cString: buffer) + "/"
        return path.hasPrefix(directory) ? String(path.dropFirst(directory.count)) : path
    }

    // MARK: - Out

    private func performActions() {
        while true {
            let actions = state.takeActions()
            if actions.isEmpty { return }
            for action in actions { perform(action) }
        }
    }

    private func perform(_ action: ReloadAction) {
        switch action {
        case .start: start()
        case .send(let signal): child?.send(signal)
        case .abandon: (child, link) = (nil, nil)
        case .build: startBuild()
        case .stopBuild: build?.send(.terminate)
        case .stopListening: sockets.close()
        case .log(let level, let message): log.write(level, message)
        case .exit(let status): exitStatus = status
        }
    }

    private func start() {
        do {
            let (child, link) = try ChildProcess.worker(program, number: 0, listening: sockets.descriptors(for: 0))
            (self.child, self.link) = (child, link)
            state.processStarted(pid: child.pid)
        } catch {
            state.processCouldNotStart(reason: "\(error)")
        }
    }

    private func startBuild() {
        guard let command = configuration.build else { return }
        do throws(SystemFailure) {
            build = try ChildProcess(
                command.program, arguments: command.arguments, environment: program.environment)
        } catch {
            state.buildCouldNotStart(reason: "\(error)")
        }
    }
}
