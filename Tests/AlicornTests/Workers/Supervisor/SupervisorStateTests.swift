// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import Testing

@Suite("What a supervisor decides")
struct SupervisorStateTests {
    @Test("it starts the workers, and is ready when all serve")
    func starting() {
        var supervisor = RehearsedSupervisor(workers: 2)
        #expect(supervisor.start() == ["info: Started parent process [1]", "start 1 in 0", "start 2 in 1"])
        #expect(supervisor.ready(2) == ["steer [1]"])
        #expect(supervisor.ready(1) == ["steer [0, 1]", "ready"])
        #expect(supervisor.ready(1) == [])
    }

    @Test(
        "SIGINT and SIGTERM end it with 0 when the last worker is gone",
        arguments: [.interrupt, .terminate] as [ProcessSignal])
    func stopping(signal: ProcessSignal) {
        var supervisor = RehearsedSupervisor.serving(workers: 2)
        #expect(
            supervisor.signalled(signal) == [
                "info: Received SIG\(signal.name), exiting.", "refuse",
                "TERM 1", "info: Terminated child process [101]", "TERM 2", "info: Terminated child process [102]",
                "info: Waiting for child process [101]", "info: Waiting for child process [102]",
            ])
        #expect(supervisor.signalled(.terminate) == [])
        #expect(supervisor.signalled(.hangUp) == [])
        #expect(supervisor.ended(2) == [])
        #expect(supervisor.ended(1) == ["info: Stopping parent process [1]", "exit 0"])
    }

    @Test("a second SIGINT goes to the workers, which end at once (U-SG-03)")
    func forcing() {
        var supervisor = RehearsedSupervisor.serving(workers: 2)
        _ = supervisor.signalled(.interrupt)
        #expect(supervisor.signalled(.interrupt) == ["INT 1", "INT 2"])
    }

    @Test("a worker that does not end is killed after the grace period and a margin, and abandoned after that")
    func boundedStop() {
        var supervisor = RehearsedSupervisor.serving(workers: 1)
        _ = supervisor.signalled(.terminate)
        #expect(supervisor.pass(.milliseconds(14_999)) == [])
        #expect(
            supervisor.pass(.milliseconds(1)) == [
                "warning: Child process [101] did not end in time: killing it", "KILL 1",
            ])
        #expect(supervisor.pass(.milliseconds(4_999)) == [])
        #expect(
            supervisor.pass(.milliseconds(1)) == ["abandon 1", "info: Stopping parent process [1]", "exit 0"])
    }

    @Test("a worker that dies is followed at once by another (U-MP-04)")
    func death() {
        var supervisor = RehearsedSupervisor.serving(workers: 2)
        #expect(
            supervisor.ended(1, .killed(signal: 9)) == [
                "info: Waiting for child process [101]",
                "warning: Child process [101] was killed by signal 9 (Killed)",
                "info: Child process [101] died", "steer [1]", "start 3 in 0",
            ])
        #expect(supervisor.ready(3) == ["steer [0, 1]"])
    }

    @Test("one that exits with 3 before it serves ends all with 3 (P-22)")
    func startUpFailure() {
        var supervisor = RehearsedSupervisor(workers: 2)
        _ = supervisor.start()
        #expect(
            supervisor.ended(1, .exited(status: 3)) == [
                "info: Waiting for child process [101]",
                "error: Child process [101] failed to start, stopping the parent process.", "refuse",
                "TERM 2", "info: Terminated child process [102]", "info: Waiting for child process [102]",
            ])
        #expect(supervisor.ended(2) == ["info: Stopping parent process [1]", "exit 3"])
    }

    @Test("one that exits with 3 when it has served has died like any other")
    func exitWith3Later() {
        var supervisor = RehearsedSupervisor.serving(workers: 1)
        #expect(supervisor.ended(1, .exited(status: 3)).last == "start 2 in 0")
    }

    @Test("those that die young follow each other ever more slowly")
    func backOff() {
        var supervisor = RehearsedSupervisor(workers: 1)
        _ = supervisor.start()
        #expect(supervisor.ended(1, .exited(status: 1)).last == "start 2 in 0")
        #expect(
            supervisor.ended(2, .exited(status: 1)).last
                == "warning: 2 child processes died young, one after the other; the next one starts in 0.5 seconds")
        #expect(supervisor.pass(.milliseconds(499)) == [])
        #expect(supervisor.pass(.milliseconds(1)) == ["start 3 in 0"])
        _ = supervisor.ended(3, .exited(status: 1))
        #expect(supervisor.pass(.milliseconds(999)) == [])
        #expect(supervisor.pass(.milliseconds(1)) == ["start 4 in 0"])
        _ = supervisor.ready(4)
        _ = supervisor.pass(.seconds(10))
        #expect(supervisor.ended(4, .exited(status: 1)).last == "start 5 in 0")
    }

    @Test("one that has served as much as it may is followed at once, however young (U-XC-10)")
    func recycling() {
        var supervisor = RehearsedSupervisor.serving(workers: 1)
        for worker in 1...5 {
            #expect(
                supervisor.ended(worker, .exited(status: 0)) == [
                    "info: Waiting for child process [\(100 + worker)]",
                    "info: Child process [\(100 + worker)] died", "start \(worker + 1) in 0",
                ])
            _ = supervisor.ready(worker + 1)
        }
    }

    @Test("without a process at the beginning it ends with 3, later it tries again")
    func noProcess() {
        var supervisor = RehearsedSupervisor(workers: 1)
        supervisor.canStart = false
        #expect(
            supervisor.start() == [
                "info: Started parent process [1]", "start 1 in 0", "error: Cannot start a child process: no memory",
                "refuse", "info: Stopping parent process [1]", "exit 3",
            ])

        supervisor = .serving(workers: 1)
        supervisor.canStart = false
        _ = supervisor.ended(1, .exited(status: 1))
        supervisor.canStart = true
        #expect(supervisor.pass(.milliseconds(500)) == ["start 3 in 0"])
    }

    @Test("one that is not ready in time is killed and replaced")
    func startTimeout() {
        var supervisor = RehearsedSupervisor(workers: 1)
        _ = supervisor.start()
        #expect(
            supervisor.pass(.seconds(60)) == [
                "warning: Child process [101] was not ready in time: killing it", "KILL 1",
            ])
        #expect(supervisor.ended(1, .killed(signal: 9)).last == "start 2 in 0")
    }

    @Test(
        "SIGUSR1, SIGUSR2, SIGWINCH and SIGQUIT are swallowed (U-MP-07)",
        arguments: [.user1, .user2, .windowChange, .quit] as [ProcessSignal])
    func swallowed(signal: ProcessSignal) {
        var supervisor = RehearsedSupervisor.serving(workers: 1)
        #expect(
            supervisor.signalled(signal) == [
                "debug: Received signal \(signal.name), but no handler is defined for it."
            ])
    }
}
