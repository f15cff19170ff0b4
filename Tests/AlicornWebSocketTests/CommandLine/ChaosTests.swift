// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if os(Linux)
import EngineTesting
import Testing

@Suite("Clients that misbehave, as processes", .serialized, .timeLimit(.minutes(4)))
struct ChaosTests {
    /// A short run of `scripts/chaos`, which says what it does and judges it.
    @Test(
        "a server minds none of them, and stops when told",
        .enabled(if: PythonScript.canRun, "there is no python3"),
        .disabled(if: RunningCommand.isSanitized, "it measures time and memory"), arguments: ["native", "nio"])
    func chaos(engine: String) async throws {
        // Other tests want the processor, too.
        let (status, report) = try await PythonScript.run(
            "chaos", "--engine", engine, "--seconds", "2.5", "--queued", "96", "--latency", "10")
        #expect(status == 0, "\(report)")
    }
}

#endif
