// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornProtocol
import Testing

@Suite("What a reloader decides")
struct ReloadStateTests {
    /// A reloader's state in virtual time. Its own process is 1, the others' are 101 and on.
    private struct Rehearsal {
        private var state: ReloadState
        private var now = Timestamp(nanoseconds: 0)
        private var lastPID: Int32 = 100

        init(builds: Bool = true) {
            let build = BuildCommand(program: "swift", arguments: ["build"])
            state = ReloadState(
                ReloadConfiguration(directories: ["/app"], gracePeriod: .seconds(1), build: builds ? build : nil),
                pid: 1, watcher: "WatchFiles")
        }

        static func serving(builds: Bool = true) -> Self {
            var rehearsal = Self(builds: builds)
            _ = rehearsal.start()
            return rehearsal
        }

        mutating func start() -> [String] { then { state, _ in state.start() } }
        mutating func changed(_ paths: String...) -> [String] { then { $0.filesChanged(paths, now: $1) } }
        mutating func built(_ ending: ProcessEnding) -> [String] { then { $0.buildEnded(ending, now: $1) } }
        mutating func ended(_ ending: ProcessEnding) -> [String] { then { state, _ in state.processEnded(ending) } }
        mutating func signalled(_ signal: ProcessSignal) -> [String] { then { $0.signalled(signal, now: $1) } }

        mutating func pass(_ duration: Duration) -> [String] {
            let end = now.advanced(by: duration)
            var done: [String] = []
            while let deadline = state.nextDeadline, deadline <= end {
                now = max(now, deadline)
                done += then { $0.handleTimeout(now: $1) }
            }
            now = end
            return done
        }

        private mutating func then(_ input: (inout ReloadState, Timestamp) -> Void) -> [String] {
            input(&state, now)
            return state.takeActions().map { action in
                switch action {
                case .start:
                    lastPID += 1
                    state.processStarted(pid: lastPID)
                    return "start"
                case .send(let signal): return signal.name
                case .abandon: return "abandon"
                case .build: return "build"
                case .stopBuild: return "stop the build"
                case .stopListening: return "refuse"
                case .log(let level, let message): return "\(level): \(message)"
                case .exit(let status): return "exit \(status)"
                }
            }
        }
    }

    @Test(
        "it starts the process, and stops with it (U-LG-14)",
        arguments: [.interrupt, .terminate, .hangUp] as [ProcessSignal])
    func startAndStop(signal: ProcessSignal) {
        var reloader = Rehearsal()
        #expect(reloader.start() == ["info: Started reloader process [1] using WatchFiles", "start"])
        #expect(reloader.signalled(signal) == ["refuse", "TERM"])
        #expect(reloader.signalled(.terminate) == [])
        #expect(reloader.signalled(.interrupt) == ["INT"])
        #expect(reloader.ended(.exited(status: 0)) == ["info: Stopping reloader process [1]", "exit 0"])
    }

    @Test("changes are built when it is quiet, and then the process is replaced (U-RL-02)")
    func reloading() {
        var reloader = Rehearsal.serving()
        #expect(reloader.changed("Sources/b.swift") == [])
        #expect(reloader.pass(.milliseconds(200)) == [])
        #expect(reloader.changed("Sources/a.swift", "Sources/b.swift") == [])
        #expect(reloader.pass(.milliseconds(249)) == [])
        #expect(
            reloader.pass(.milliseconds(1)) == [
                "warning: WatchFiles detected changes in 'Sources/a.swift', 'Sources/b.swift'. Reloading...", "build",
            ])
        #expect(reloader.built(.exited(status: 0)) == ["TERM"])
        #expect(reloader.ended(.killed(signal: 15)) == ["start"])
        #expect(reloader.pass(.seconds(60)) == [])
    }

    @Test("without a build it is replaced at once")
    func withoutBuild() {
        var reloader = Rehearsal.serving(builds: false)
        _ = reloader.changed("a.swift")
        #expect(reloader.pass(.milliseconds(250)).last == "TERM")
    }

    @Test("a build that fails leaves the process as it is (U-XC-13)")
    func failedBuild() {
        var reloader = Rehearsal.serving()
        _ = reloader.changed("a.swift")
        _ = reloader.pass(.seconds(1))
        #expect(
            reloader.built(.exited(status: 1)) == [
                "error: The build exited with status 1. "
                    + "Child process [101] goes on serving what was built before."
            ])
        _ = reloader.changed("a.swift")
        #expect(reloader.pass(.seconds(1)).last == "build")
    }

    @Test("changes during a build are built after it")
    func changesMeanwhile() {
        var reloader = Rehearsal.serving()
        _ = reloader.changed("a.swift")
        _ = reloader.pass(.seconds(1))
        _ = reloader.changed("b.swift")
        #expect(reloader.pass(.seconds(60)) == [])
        #expect(reloader.built(.exited(status: 0)) == ["TERM"])
        #expect(
            reloader.pass(.zero) == ["warning: WatchFiles detected changes in 'b.swift'. Reloading...", "build"])
        #expect(reloader.ended(.exited(status: 0)) == ["start"])
        #expect(reloader.built(.exited(status: 0)) == ["TERM"])
    }

    @Test("who writes files for ever gets a reload all the same")
    func restless() {
        var reloader = Rehearsal.serving()
        var done: [String] = []
        for _ in 1...50 where done.isEmpty {
            done += reloader.changed("a.swift")
            done += reloader.pass(.milliseconds(100))
        }
        #expect(done.last == "build")
    }

    @Test("a process that dies waits for changes (U-XC-13)")
    func death() {
        var reloader = Rehearsal.serving()
        #expect(
            reloader.ended(.exited(status: 3)) == [
                "warning: Child process [101] exited with status 3. Waiting for changes to start it again."
            ])
        _ = reloader.changed("a.swift")
        _ = reloader.pass(.seconds(1))
        #expect(reloader.built(.exited(status: 0)) == ["start"])
        _ = reloader.ended(.exited(status: 3))
        #expect(
            reloader.signalled(.terminate) == ["refuse", "info: Stopping reloader process [1]", "exit 0"])
    }

    @Test("a process that does not end is killed: a reload never blocks (I-01)")
    func stubborn() {
        var reloader = Rehearsal.serving(builds: false)
        _ = reloader.changed("a.swift")
        _ = reloader.pass(.milliseconds(250))
        #expect(reloader.pass(.milliseconds(5_999)) == [])
        #expect(
            reloader.pass(.milliseconds(1)) == [
                "warning: Child process [101] did not end in time: killing it", "KILL",
            ])
        #expect(reloader.pass(.seconds(5)) == ["abandon", "start"])
    }

    @Test("SIGTERM ends the build too")
    func stopDuringBuild() {
        var reloader = Rehearsal.serving()
        _ = reloader.changed("a.swift")
        _ = reloader.pass(.seconds(1))
        #expect(reloader.signalled(.terminate) == ["stop the build", "refuse", "TERM"])
        #expect(reloader.built(.killed(signal: 15)) == [])
        #expect(reloader.ended(.exited(status: 0)).last == "exit 0")
    }

    @Test("a checkout of many files makes a short line")
    func manyFiles() {
        var reloader = Rehearsal.serving()
        for number in 100..<200 { _ = reloader.changed("\(number).swift") }
        let line = reloader.pass(.seconds(1)).first ?? ""
        #expect(line.hasSuffix("'119.swift', .... Reloading...") && line.count < 400, "\(line)")
    }
}
