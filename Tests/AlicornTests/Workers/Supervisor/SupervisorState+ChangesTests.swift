// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import Testing

@Suite("How a supervisor changes its workers (P-09)")
struct SupervisorStateChangesTests {
    // MARK: - SIGHUP (U-MP-05)

    @Test("SIGHUP replaces one worker after the other, each when its successor serves")
    func replacing() {
        var supervisor = RehearsedSupervisor.serving(workers: 2)
        #expect(
            supervisor.signalled(.hangUp) == ["info: Received SIGHUP, restarting processes.", "start 3 in 0"])
        #expect(
            supervisor.ready(3) == [
                "TERM 1", "info: Terminated child process [101]", "info: Waiting for child process [101]",
            ])
        #expect(supervisor.ended(1) == ["start 4 in 1"])
        #expect(
            supervisor.ready(4) == [
                "TERM 2", "info: Terminated child process [102]", "info: Waiting for child process [102]",
            ])
        #expect(supervisor.ended(2) == [])
        #expect(supervisor.pass(.seconds(60)) == [])
    }

    @Test("a successor that is not ready in time is killed, and the workers stay")
    func notReady() {
        var supervisor = RehearsedSupervisor.serving(workers: 2)
        _ = supervisor.signalled(.hangUp)
        #expect(supervisor.pass(.milliseconds(4_999)) == [])
        #expect(supervisor.pass(.milliseconds(1)) == ["KILL 3"])
        #expect(
            supervisor.ended(3, .killed(signal: 9)) == [
                "info: Waiting for child process [103]",
                "error: New child process [103] was not ready in time; "
                    + "keeping worker [101] and aborting the restart.",
            ])
    }

    @Test("a successor that fails to start does not end the others")
    func failing() {
        var supervisor = RehearsedSupervisor.serving(workers: 1)
        _ = supervisor.signalled(.hangUp)
        #expect(
            supervisor.ended(2, .exited(status: 3)).last
                == "error: New child process [102] was not ready in time; "
                + "keeping worker [101] and aborting the restart.")
        #expect(supervisor.pass(.seconds(60)) == [])
    }

    @Test("a worker that dies while its successor starts gets no third one")
    func deathMeanwhile() {
        var supervisor = RehearsedSupervisor.serving(workers: 2)
        _ = supervisor.signalled(.hangUp)
        #expect(
            supervisor.ended(1, .exited(status: 1)) == [
                "info: Waiting for child process [101]", "warning: Child process [101] exited with status 1",
                "info: Child process [101] died", "steer [1]",
            ])
        #expect(supervisor.ready(3) == ["start 4 in 1", "steer [0, 1]"])
    }

    @Test("when both are gone, the slot is filled again")
    func bothDead() {
        var supervisor = RehearsedSupervisor.serving(workers: 1)
        _ = supervisor.signalled(.hangUp)
        _ = supervisor.ended(1)
        #expect(
            supervisor.ended(2) == [
                "info: Waiting for child process [102]", "info: Child process [102] died", "start 3 in 0",
            ])
    }

    @Test("a worker that dies in another slot is followed as ever")
    func deathElsewhere() {
        var supervisor = RehearsedSupervisor.serving(workers: 2)
        _ = supervisor.signalled(.hangUp)
        #expect(supervisor.ended(2, .exited(status: 1)).last == "start 4 in 1")
    }

    @Test("one that does not leave is killed, and then it goes on")
    func stubborn() {
        var supervisor = RehearsedSupervisor.serving(workers: 2)
        _ = supervisor.signalled(.hangUp)
        _ = supervisor.ready(3)
        #expect(supervisor.pass(.seconds(15)).last == "KILL 1")
        #expect(supervisor.ended(1, .killed(signal: 9)) == ["start 4 in 1"])
    }

    @Test("what else is asked for waits until all are replaced, and a further SIGHUP comes once")
    func deferred() {
        var supervisor = RehearsedSupervisor.serving(workers: 1)
        _ = supervisor.signalled(.hangUp)
        for signal in [.backgroundRead, .hangUp, .hangUp] as [ProcessSignal] {
            #expect(supervisor.signalled(signal) == [])
        }
        _ = supervisor.ready(2)
        #expect(
            supervisor.ended(1) == [
                "info: Received SIGTTIN, increasing the number of processes.", "start 3 in 1",
                "info: Received SIGHUP, restarting processes.", "start 4 in 0",
            ])
    }

    @Test("SIGTERM ends it in the midst of replacing")
    func stopping() {
        var supervisor = RehearsedSupervisor.serving(workers: 1)
        _ = supervisor.signalled(.hangUp)
        #expect(supervisor.signalled(.terminate).filter { $0.hasPrefix("TERM") } == ["TERM 1", "TERM 2"])
        _ = supervisor.ended(2)
        #expect(supervisor.ended(1).last == "exit 0")
    }

    // MARK: - SIGTTIN, SIGTTOU (U-MP-06)

    @Test("SIGTTIN adds a worker, which gets connections when it serves")
    func more() {
        var supervisor = RehearsedSupervisor.serving(workers: 1)
        #expect(
            supervisor.signalled(.backgroundRead) == [
                "info: Received SIGTTIN, increasing the number of processes.", "start 2 in 1",
            ])
        #expect(supervisor.ready(2) == ["steer [0, 1]"])
    }

    @Test("SIGTTOU sends new connections elsewhere, lets the last worker take what waits, and then stops it")
    func fewer() {
        var supervisor = RehearsedSupervisor.serving(workers: 2)
        #expect(
            supervisor.signalled(.backgroundWrite) == [
                "info: Received SIGTTOU, decreasing number of processes.", "steer [0]",
            ])
        #expect(supervisor.pass(.milliseconds(999)) == [])
        #expect(
            supervisor.pass(.milliseconds(1)) == [
                "TERM 2", "info: Terminated child process [102]", "info: Waiting for child process [102]",
            ])
        #expect(supervisor.ended(2) == ["close from 1"])
    }

    @Test("where all accept from the same socket, nothing waits for the one that goes")
    func fewerOnOneSocket() {
        var supervisor = RehearsedSupervisor.serving(workers: 2, isBalanced: false)
        #expect(supervisor.signalled(.backgroundWrite).contains("TERM 2"))
    }

    @Test("one more right after one less has the same sockets")
    func fewerAndMore() {
        var supervisor = RehearsedSupervisor.serving(workers: 2)
        _ = supervisor.signalled(.backgroundWrite)
        #expect(supervisor.signalled(.backgroundRead).last == "start 3 in 1")
        _ = supervisor.pass(.seconds(1))
        #expect(supervisor.ended(2) == [])
    }

    @Test("sockets are closed from the last on, whoever leaves first")
    func closingInOrder() {
        var supervisor = RehearsedSupervisor.serving(workers: 3)
        _ = supervisor.signalled(.backgroundWrite)
        _ = supervisor.signalled(.backgroundWrite)
        _ = supervisor.pass(.seconds(1))
        #expect(supervisor.ended(2) == [])
        #expect(supervisor.ended(3) == ["close from 1"])
    }

    @Test("the last worker stays")
    func lastOne() {
        var supervisor = RehearsedSupervisor.serving(workers: 1)
        #expect(
            supervisor.signalled(.backgroundWrite) == [
                "info: Received SIGTTOU, decreasing number of processes.",
                "info: Already reached one process, cannot decrease the number of processes anymore.",
            ])
    }

    @Test("there is a limit upward too")
    func tooMany() {
        var supervisor = RehearsedSupervisor(workers: SupervisorConfiguration.maximumWorkers)
        _ = supervisor.start()
        #expect(
            supervisor.signalled(.backgroundRead).last
                == "info: Already reached 1024 processes, cannot increase the number of processes anymore.")
    }
}
