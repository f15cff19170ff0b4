// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import Testing

@Suite("What a supervisor does about workers that hang (U-MP-03)")
struct SupervisorStateHealthTests {
    @Test("who answers is left alone")
    func healthy() {
        var supervisor = RehearsedSupervisor.serving(workers: 2)
        #expect(supervisor.pass(.seconds(3600)) == [])
    }

    @Test("who does not serve yet is not asked")
    func starting() {
        var supervisor = RehearsedSupervisor(workers: 1)
        _ = supervisor.start()
        #expect(supervisor.sleep(.milliseconds(500)) == [])
    }

    @Test("who is asked twice without an answer gets no connections, and has them again with one")
    func late() {
        var supervisor = RehearsedSupervisor.serving(workers: 2)
        #expect(supervisor.pass(.milliseconds(999), silent: [1]) == [])
        #expect(supervisor.pass(.milliseconds(1), silent: [1]) == ["steer [1]"])
        #expect(supervisor.answered(1) == ["steer [0, 1]"])
    }

    @Test("who gives no answer in time is killed and replaced")
    func hanging() {
        var supervisor = RehearsedSupervisor.serving(workers: 2)
        #expect(supervisor.pass(.milliseconds(5_499), silent: [2]) == ["steer [0]"])
        #expect(
            supervisor.pass(.milliseconds(1), silent: [2]) == [
                "warning: Child process [102] gave no answer for 5.0 seconds: killing it", "KILL 2",
            ])
        #expect(
            supervisor.ended(2, .killed(signal: 9)) == [
                "info: Waiting for child process [102]",
                "warning: Child process [102] was killed by signal 9 (Killed)",
                "info: Child process [102] died", "start 3 in 1",
            ])
    }

    @Test("one that not even SIGKILL ends is given up, and replaced")
    func unkillable() {
        var supervisor = RehearsedSupervisor.serving(workers: 1)
        _ = supervisor.pass(.milliseconds(5_500), silent: [1])
        #expect(
            supervisor.pass(.seconds(5)) == [
                "abandon 1", "info: Waiting for child process [101]", "warning: Child process [101] is gone",
                "info: Child process [101] died", "start 2 in 0",
            ])
    }

    @Test("when the supervisor itself did not run, the workers get their time again")
    func asleep() {
        var supervisor = RehearsedSupervisor.serving(workers: 1)
        #expect(supervisor.sleep(.milliseconds(500)) == ["ping 1"])
        #expect(supervisor.sleep(.seconds(3600)) == ["ping 1"])
        #expect(supervisor.pass(.milliseconds(4_999), silent: [1]) == [])
        #expect(supervisor.pass(.milliseconds(1), silent: [1]).last == "KILL 1")
    }
}
