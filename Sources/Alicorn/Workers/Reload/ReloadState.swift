// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
package import AlicornProtocol

/// What a reloader knows and decides: events in, actions out, no process and no clock of its own (U-LG-14, U-RL-02).
///
///     files:   quiet ──change──▸ settling ──delay──▸ building ──▸ quiet
///     process: serving ──built──▸ stopping ──end──▸ serving
///                 └──end──▸ none ──built──▸ serving
///
/// While it builds, and when that fails, the process from before goes on serving.
package struct ReloadState {
    private let delay: Duration
    private let gracePeriod: Duration
    private let builds: Bool
    private let pid: Int32
    private let watcher: String

    private var process = Process.none
    private var changed: Set<String> = []
    private var settling: Settling?
    private var isBuilding = false
    private var mustStart = false
    private var isStopping = false
    private var actions: [ReloadAction] = []

    private enum Process: Equatable {
        case none
        case serving(pid: Int32)
        case stopping(pid: Int32, killAt: Timestamp)
        case killed(pid: Int32, abandonAt: Timestamp)
    }

    private struct Settling {
        /// When it has been quiet for long enough, and when it does not matter any more whether it is.
        var until: Timestamp
        var latest: Timestamp
    }

    /// Who writes files for ever still gets a reload.
    private static let longestSettling = Duration.seconds(5)
    /// More names are not worth their line.
    private static let maximumNames = 20

    /// - Parameters:
    ///   - pid: the reloader's own.
    ///   - watcher: the name of what watches, for the log.
    package init(_ configuration: ReloadConfiguration, pid: Int32, watcher: String) {
        delay = configuration.delay
        gracePeriod = configuration.gracePeriod
        builds = configuration.build != nil
        self.pid = pid
        self.watcher = watcher
    }

    // MARK: - Out

    /// What is to be done, until there is no more.
    package mutating func takeActions() -> [ReloadAction] {
        defer { actions = [] }
        return actions
    }

    /// When ``handleTimeout(now:)`` is due, if nothing happens.
    package var nextDeadline: Timestamp? {
        var deadlines: [Timestamp] = []
        if let settling, !isBuilding { deadlines.append(min(settling.until, settling.latest)) }
        switch process {
        case .none, .serving: break
        case .stopping(_, let moment), .killed(_, let moment): deadlines.append(moment)
        }
        return deadlines.min()
    }

    private mutating func log(_ level: ServerLogLevel, _ message: String) { actions.append(.log(level, message)) }
}

// MARK: - Process

extension ReloadState {
    /// Starts the process that serves.
    package mutating func start() {
        log(.info, "Started reloader process [\(pid)] using \(watcher)")
        actions.append(.start)
    }

    /// There is a process that serves.
    package mutating func processStarted(pid: Int32) { process = .serving(pid: pid) }

    /// There can be no process.
    package mutating func processCouldNotStart(reason: String) {
        process = .none
        log(.error, "Cannot start a child process: \(reason). Waiting for changes.")
    }

    /// The process has ended (U-XC-13).
    package mutating func processEnded(_ ending: ProcessEnding) {
        if case .serving(let pid) = process {
            log(.warning, "Child process [\(pid)] \(ending). Waiting for changes to start it again.")
        }
        process = .none
        if isStopping {
            finish()
        } else if mustStart {
            mustStart = false
            actions.append(.start)
        }
    }

    private mutating func restart(_ now: Timestamp) {
        guard process != .none else { return actions.append(.start) }
        mustStart = true
        terminate(now)
    }

    private mutating func terminate(_ now: Timestamp) {
        guard case .serving(let pid) = process else { return }
        process = .stopping(
            pid: pid, killAt: now.advanced(by: gracePeriod + SupervisorConfiguration.shutdownMargin))
        actions.append(.send(.terminate))
    }

    private mutating func finish() {
        log(.info, "Stopping reloader process [\(pid)]")
        actions.append(.exit(status: 0))
    }
}

// MARK: - Files

extension ReloadState {
    /// Files have changed.
    ///
    /// - Parameter paths: as the log shows them.
    package mutating func filesChanged(_ paths: [String], now: Timestamp) {
        guard !paths.isEmpty, !isStopping else { return }
        for path in paths where changed.count <= Self.maximumNames { changed.insert(path) }
        let until = now.advanced(by: delay)
        settling = Settling(until: until, latest: settling?.latest ?? now.advanced(by: Self.longestSettling))
    }

    private mutating func reload(_ now: Timestamp) {
        var names = changed.sorted().prefix(Self.maximumNames).map { "'\($0)'" }
        if names.count < changed.count { names.append("...") }
        log(.warning, "\(watcher) detected changes in \(names.joined(separator: ", ")). Reloading...")
        changed = []
        settling = nil
        guard builds else { return restart(now) }
        isBuilding = true
        actions.append(.build)
    }

    /// It cannot be built.
    package mutating func buildCouldNotStart(reason: String) {
        isBuilding = false
        log(.error, "Cannot start the build: \(reason). \(outcome)")
    }

    /// It was built, or not.
    package mutating func buildEnded(_ ending: ProcessEnding, now: Timestamp) {
        isBuilding = false
        guard !isStopping else { return }
        if ending == .exited(status: 0) {
            restart(now)
        } else {
            log(.error, "The build \(ending). \(outcome)")
        }
    }

    private var outcome: String {
        switch process {
        case .serving(let pid): "Child process [\(pid)] goes on serving what was built before."
        case .none, .stopping, .killed: "Waiting for changes."
        }
    }
}

// MARK: - Signals and time

extension ReloadState {
    /// The reloader was sent a signal.
    package mutating func signalled(_ signal: ProcessSignal, now: Timestamp) {
        guard [.interrupt, .terminate, .hangUp].contains(signal) else { return }
        guard !isStopping else {
            // The second one means at once (U-SG-03).
            if signal == .interrupt { actions.append(.send(.interrupt)) }
            return
        }
        isStopping = true
        settling = nil
        if isBuilding { actions.append(.stopBuild) }
        actions.append(.stopListening)
        if process == .none { finish() } else { terminate(now) }
    }

    /// Does what is due.
    package mutating func handleTimeout(now: Timestamp) {
        if let settling, !isBuilding, min(settling.until, settling.latest) <= now { reload(now) }
        switch process {
        case .stopping(let pid, let killAt) where killAt <= now:
            log(.warning, "Child process [\(pid)] did not end in time: killing it")
            process = .killed(pid: pid, abandonAt: now.advanced(by: SupervisorState.killPeriod))
            actions.append(.send(.kill))
        case .killed(_, let abandonAt) where abandonAt <= now:
            actions.append(.abandon)
            processEnded(.unknown)
        case .none, .serving, .stopping, .killed: break
        }
    }
}
