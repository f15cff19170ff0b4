// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornTransport
import Foundation
import Testing

#if os(Linux)

@Suite("Workers and their supervisor, as processes", .timeLimit(.minutes(1)))
struct SupervisorTests {
    // MARK: - Connections

    @Test("connections to one port are shared out among all workers (P-33, I-11)")
    func sharing() async throws {
        let probe = try await RunningProbe.supervisor(workers: 3)
        let load = ProbeLoad(probe.port)
        let answers = await load.answers(3000)
        #expect(await load.stop() == 0)
        #expect(answers.count == 3)
        // Of 3000 by chance, fewer than 800 for one is what no one has ever seen.
        #expect(answers.values.allSatisfy { $0 > 800 }, "\(answers)")
        probe.send(.terminate)
        #expect(await probe.status() == 0)
    }

    @Test("all workers accept from the same Unix socket, whose file is removed at the end (U-SK-01)")
    func unixSocket() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("probe-\(getpid()).sock").path
        let probe = try await RunningProbe.supervisor(workers: 2, socket: path)
        #expect(probe.lines.first == "listening 0 false")
        #expect(ProbeClient.ask(path: path) != nil)
        probe.send(.terminate)
        #expect(await probe.status() == 0)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("a second server on the port is refused, not given half of the connections (U-XC-05)")
    func secondServer() async throws {
        let probe = try await RunningProbe.supervisor(workers: 2)
        #expect(throws: WorkerSockets.Failure.self) {
            try WorkerSockets([.tcp(host: "127.0.0.1", port: Int(probe.port))], workers: 2, backlog: 128)
        }
        probe.send(.terminate)
        #expect(await probe.status() == 0)
    }

    // MARK: - Workers that die

    @Test("a worker that is killed loses the connections that it has accepted, and none that wait")
    func killing() async throws {
        let probe = try await RunningProbe.supervisor(workers: 2)
        let load = ProbeLoad(probe.port)
        let victim = try #require(await load.answers(500).keys.first)
        kill(victim, SIGKILL)
        #expect(await probe.line("INFO: Child process [") == "INFO: Child process [\(victim)] died")
        let successors = await load.answers(2000)
        #expect(successors[victim] == nil)
        // The one that it was about to answer.
        #expect(await load.stop() <= 1)
        probe.send(.terminate)
        #expect(await probe.status() == 0)
    }

    @Test("a worker that hangs is killed and replaced, and nobody is sent to it meanwhile (U-MP-03)")
    func hanging() async throws {
        let probe = try await RunningProbe.supervisor(workers: 2, healthCheck: 1)
        ProbeClient.ask(probe.port, "h")
        let warning = await probe.line("WARNING: ")
        #expect(warning.hasSuffix("gave no answer for 1.0 seconds: killing it"))
        await probe.line("INFO: Child process [")
        #expect(ProbeClient.ask(probe.port) != nil)
        probe.send(.terminate)
        #expect(await probe.status() == 0)
    }

    @Test("workers that cannot start end the supervisor with 3 (P-22)")
    func startUpFailure() async throws {
        let startUp = try StartUpFile("fail")
        let probe = try RunningProbe(["supervise", "2", "5", "5", "0", startUp.path])
        #expect(await probe.line("ERROR: ").hasSuffix("] failed to start, stopping the parent process."))
        #expect(await probe.status() == 3)
    }

    @Test("when the supervisor is killed, its workers end")
    func orphans() async throws {
        let probe = try await RunningProbe.supervisor(workers: 2)
        probe.send(.kill)
        #expect(await probe.line("silence") == "silence")
    }

    @Test("so do those that are still starting")
    func startingOrphans() async throws {
        let startUp = try StartUpFile("hang")
        let probe = try RunningProbe(["supervise", "2", "5", "5", "0", startUp.path])
        await probe.line("INFO: Started parent process")
        probe.send(.kill)
        #expect(await probe.line("silence") == "silence")
    }

    // MARK: - Signals

    @Test("SIGHUP replaces all workers under load, and no connection is lost (U-MP-05)")
    func rollingRestart() async throws {
        let probe = try await RunningProbe.supervisor(workers: 2)
        let load = ProbeLoad(probe.port)
        let before = Set(await load.answers(500).keys)
        probe.send(.hangUp)
        #expect(await probe.line("INFO: ") == "INFO: Received SIGHUP, restarting processes.")
        for _ in before {
            let old = await probe.line("INFO: Waiting").filter(\.isNumber)
            #expect(before.contains(Int32(old) ?? 0))
        }
        probe.send(.backgroundRead)
        await probe.line("INFO: Received SIGTTIN")
        let after = Set(await load.answers(500).keys)
        #expect(await load.stop() == 0)
        #expect(after.isDisjoint(with: before))
        probe.send(.terminate)
        #expect(await probe.status() == 0)
    }

    @Test("a deploy that does not start keeps the workers (U-LG-13)", arguments: ["fail", "hang"])
    func failedRestart(contents: String) async throws {
        let startUp = try StartUpFile("")
        let probe = try await RunningProbe.supervisor(workers: 1, healthCheck: 1, startUp: startUp.path)
        let old = try #require(ProbeClient.ask(probe.port)).pid
        try startUp.write(contents)
        probe.send(.hangUp)
        await probe.line("INFO: Received SIGHUP")
        let new = await probe.line("INFO: Waiting").filter(\.isNumber)
        #expect(
            await probe.line("ERROR")
                == "ERROR: New child process [\(new)] was not ready in time; "
                + "keeping worker [\(old)] and aborting the restart.")
        #expect(ProbeClient.ask(probe.port)?.pid == old)
        probe.send(.terminate)
        #expect(await probe.status() == 0)
    }

    @Test("SIGTTIN and SIGTTOU change the number under load, and no connection is lost (U-MP-06)")
    func moreAndFewer() async throws {
        let probe = try await RunningProbe.supervisor(workers: 1)
        let load = ProbeLoad(probe.port)
        let first = try #require(await load.answers(100).keys.first)
        probe.send(.backgroundRead)
        var both: Set<Int32> = []
        while both.count < 2 { both.formUnion(await load.answers(100).keys) }
        probe.send(.backgroundWrite)
        let second = await probe.line("INFO: Waiting").filter(\.isNumber)
        #expect(both == [first, Int32(second) ?? 0])
        #expect(Set(await load.answers(500).keys) == [first])
        #expect(await load.stop() == 0)
        probe.send(.backgroundWrite)
        #expect(
            await probe.line("INFO: Already")
                == "INFO: Already reached one process, cannot decrease the number of processes anymore.")
        probe.send(.terminate)
        #expect(await probe.status() == 0)
    }

    @Test(
        "SIGINT and SIGTERM: the lines are uvicorn's, the status is 0 (U-LG-13, U-XC-11)",
        arguments: [.interrupt, .terminate] as [ProcessSignal])
    func stopping(signal: ProcessSignal) async throws {
        let probe = try await RunningProbe.supervisor(workers: 1)
        let worker = try #require(ProbeClient.ask(probe.port)).pid
        probe.send(.user1)
        await probe.line("DEBUG")
        probe.send(signal)
        #expect(await probe.status() == 0)
        #expect(
            probe.lines.filter { $0.contains(": ") } == [
                "INFO: Started parent process [\(probe.pid)]",
                "DEBUG: Received signal USR1, but no handler is defined for it.",
                "INFO: Received SIG\(signal.name), exiting.",
                "INFO: Terminated child process [\(worker)]",
                "INFO: Waiting for child process [\(worker)]",
                "INFO: Stopping parent process [\(probe.pid)]",
            ])
        #expect(ProbeClient.ask(probe.port) == nil)
    }

    @Test("a worker that ignores SIGTERM is killed when its time is over (U-MP-08)")
    func stubborn() async throws {
        let probe = try await RunningProbe.supervisor(workers: 1, grace: 0)
        ProbeClient.ask(probe.port, "h")
        probe.send(.terminate)
        #expect(await probe.line("WARNING").hasSuffix("] did not end in time: killing it"))
        #expect(await probe.status() == 0)
    }
}

/// What says to workers how to start.
private struct StartUpFile: ~Copyable {
    let path: String

    init(_ contents: String) throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("probe-\(UUID().uuidString)").path
        try write(contents)
    }

    func write(_ contents: String) throws { try contents.write(toFile: path, atomically: true, encoding: .utf8) }

    deinit { unlink(path) }
}

#endif
