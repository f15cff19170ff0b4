// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

#if os(Linux)
import EngineTesting
import Testing

@Suite("Crowds of hostile clients, as processes", .serialized, .timeLimit(.minutes(4)))
struct HostileCrowdsTests {
    /// A short run of `scripts/hostile`, which says what it does and judges it.
    @Test(
        "others are served meanwhile, memory has a bound, and the server stops when told",
        .enabled(if: PythonScript.canRun, "there is no python3"),
        .disabled(if: RunningCommand.isSanitized, "it measures time and memory"), arguments: ["native", "nio"])
    func hostile(engine: String) async throws {
        // Other tests want the processor, too; and the build is one for debugging.
        let (status, report) = try await PythonScript.run(
            "hostile", "--engine", engine, "--seconds", "3", "--idle", "500", "--latency", "5000", "--memory", "320")
        #expect(status == 0, "\(report)")
    }
}
#endif
