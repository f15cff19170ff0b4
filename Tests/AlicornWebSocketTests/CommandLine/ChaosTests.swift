// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if os(Linux)
import EngineTesting
import Foundation
import Testing

@Suite("Clients that misbehave, as processes", .serialized, .timeLimit(.minutes(4)))
struct ChaosTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static let hasPython = ["/usr/bin/python3", "/usr/local/bin/python3"]
        .contains { FileManager.default.isExecutableFile(atPath: $0) }

    /// A short run of `scripts/chaos`, which says what it does and judges it.
    @Test(
        "a server minds none of them, and stops when told",
        .enabled(if: hasPython, "there is no python3"),
        .disabled(if: RunningCommand.isSanitized, "it measures time and memory"), arguments: ["native", "nio"])
    func chaos(engine: String) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", Self.root.appendingPathComponent("scripts/lib/chaos.py").path,
            "--program", RunningCommand.products.appendingPathComponent("alicorn").path,
            // Other tests want the processor, too.
            "--engine", engine, "--seconds", "2.5", "--queued", "96", "--latency", "10",
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        let (ends, note) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { note.yield($0.terminationStatus) }
        try process.run()
        let status = await ends.first { _ in true }
        let report = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        #expect(status == 0, "\(report)")
    }
}

#endif
