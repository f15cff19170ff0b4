// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting
import EngineTesting
import Foundation
import Testing

@testable import AlicornCommand

/// The command as it is typed.
@Suite("alicorn doctor", .timeLimit(.minutes(2)))
struct DoctorCommandTests {
    private func lines(of command: RunningCommand) async -> [String] {
        var lines: [String] = []
        while let line = await command.nextLine() { lines.append(line) }
        return lines
    }

    @Test("a healthy server gets a tick for each step, and status 0")
    func healthy() async throws {
        let server = try await ListeningCommand.start()
        let doctor = try RunningCommand("doctor", server.address)
        let lines = await lines(of: doctor)
        #expect(await doctor.status() == 0)
        #expect(lines.first == "✓ Address                  \(server.address)/")
        #expect(lines.contains { $0.hasPrefix("✓ Ping                     answered  (") })
        #expect(lines.contains("- Sec-WebSocket-Protocol   none offered"))
        #expect(lines.last == "Healthy.")
        try await server.stop()
    }

    @Test("a fault is told at its step, with cause and remedy, and status 1")
    func fault() async throws {
        let port = try ScriptedListener().port
        let doctor = try RunningCommand("doctor", "ws://127.0.0.1:\(port)/")
        let lines = await lines(of: doctor)
        #expect(await doctor.status() == 1)
        #expect(lines.contains("✗ TCP                      127.0.0.1:\(port): Connection refused"))
        let end = try #require(lines.firstIndex(of: "Not healthy: connection-refused"))
        #expect(lines[end + 2] == "The machine is there, and nothing listens at 127.0.0.1:\(port).")
        #expect(lines[end + 4] == "What to do:")
        #expect(doctor.complaint.isEmpty)
    }

    private struct Report: Decodable {
        struct Line: Decodable {
            let step: String
            let outcome: String
            let text: String
            let milliseconds: Double?
        }
        struct Trouble: Decodable {
            let id: String
            let cause: String
            let remedy: String
        }
        let address: String
        let healthy: Bool
        let steps: [Line]
        let fault: Trouble?
    }

    @Test("--json prints one object, on one line")
    func json() async throws {
        let server = try await ListeningCommand.start(["--refuse", "403"])
        let doctor = try RunningCommand("doctor", "--json", server.address)
        let lines = await lines(of: doctor)
        #expect(await doctor.status() == 1)
        try #require(lines.count == 1)
        let report = try JSONDecoder().decode(Report.self, from: Data(lines[0].utf8))
        #expect(!report.healthy)
        #expect(report.address == server.address)
        #expect(report.fault?.id == "forbidden")
        #expect(report.steps.map(\.step) == ["Address", "DNS", "TCP", "HTTP answer"])
        #expect(report.steps.map(\.outcome) == ["passed", "passed", "passed", "failed"])
        #expect(try #require(report.steps[2].milliseconds) > 0)
        server.command.terminate()
        _ = await server.command.status()
    }

    @Test("Ctrl-C ends it with status 130, wherever it is")
    func interrupted() async throws {
        let server = try await ListeningCommand.start()
        let doctor = try RunningCommand("doctor", "--idle", "1h", server.address)
        while let line = await doctor.nextLine() {
            if line.contains("Ping") { break }
        }
        doctor.interrupt()
        #expect(await doctor.status() == 130)
        #expect(doctor.complaint.isEmpty)
        try await server.stop()
        // Nobody answers there.
        let silent = try ScriptedListener()
        let waiting = try RunningCommand("doctor", silent.address)
        while let line = await waiting.nextLine() {
            if line.contains("TCP") { break }
        }
        waiting.interrupt()
        #expect(await waiting.status() == 130)
    }

    @Test(
        "wrong options are a sentence and status 2",
        arguments: [
            (["--idle", "0", "ws://a"], "--idle"), (["--idle", "2d", "ws://a"], "--idle"),
            (["--timeout", "inf", "ws://a"], "--timeout"),
            (["--timeout", "0", "ws://a"], "--timeout"), ([], "<uri>"), (["--user", "a", "ws://a"], "--user"),
        ])
    func options(_ arguments: [String], _ word: String) async throws {
        let doctor = try RunningCommand(["doctor"] + arguments)
        _ = try await doctor.complaintLine(containing: word)
        #expect(await doctor.status() == 2)
    }

    @Test("-v shows heads and frames on standard error")
    func verbose() async throws {
        let server = try await ListeningCommand.start()
        let doctor = try RunningCommand("doctor", "-v", server.address)
        _ = try await doctor.complaintLine(containing: "> GET / HTTP/1.1")
        _ = try await doctor.complaintLine(containing: "< HTTP/1.1 101")
        _ = try await doctor.complaintLine(containing: "> PING")
        #expect(await doctor.status() == 0)
        try await server.stop()
    }
}
