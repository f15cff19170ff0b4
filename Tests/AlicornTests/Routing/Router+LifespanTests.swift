// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import Synchronization
import Testing

@Suite("The life of a router")
struct RouterLifespanTests {
    private final class Notes: Sendable {
        private let noted = Mutex<[String]>([])
        var lines: [String] { noted.withLock { $0 } }
        func note(_ line: String) { noted.withLock { $0.append(line) } }
    }

    private struct Failed: Error {}

    @Test("hooks run in order, and backwards at the end, with the state that the start has made")
    func hooks() async throws {
        let notes = Notes()
        var router = Router()
        try router.get("/") { context in .text(context.state["name"] as? String ?? "none") }
        router.onStart { state in state["name"] = "first" }
        router.onStart { state in
            notes.note("start after \(state["name"] ?? "nothing")")
            state["name"] = "second"
        }
        router.onGoodbye { _, time in notes.note("goodbye within \(time)") }
        router.onStop { _ in notes.note("stop last") }
        router.onStop { state in
            notes.note("stop \(state["name"] ?? "nothing")")
            throw Failed()
        }
        let served = try await ServedApplication(router) { $0.timeouts.gracefulShutdown = .seconds(5) }
        #expect(try await served.get("/").body == "second")
        try await served.stop()
        #expect(
            notes.lines == [
                "start after first", "goodbye within 5.0 seconds", "stop second", "stop last",
            ])
    }

    @Test("a start that throws keeps the server from starting")
    func failingStart() async throws {
        var router = Router()
        router.onStart { _ in throw Failed() }
        let failing = router
        await #expect(throws: Server.StartFailure.application) { _ = try await ServedApplication(failing) }
    }
}
