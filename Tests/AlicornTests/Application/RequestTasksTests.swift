// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornProtocol
import AlicornTesting
import EngineTesting
import Synchronization
import Testing

/// One task answers many requests; none of them is to see anything of another.
@Suite("Tasks of requests", .onEachEngine, .timeLimit(.minutes(1)))
struct RequestTasksTests {
    @TaskLocal private static var local = "none"

    private func serve(_ body: @escaping @Sendable (HTTPScope, Send) async throws -> Void) async throws
        -> ServedApplication
    {
        try await ServedApplication(
            ClosureApplication { scope, _, send in
                if case .http(let scope) = scope { try await body(scope, send) }
            })
    }

    private static func say(_ text: String, with send: Send) async throws {
        var fields = HeaderFields()
        try fields.append(name: "content-length", value: "\(text.utf8.count)")
        try await send(.httpResponseStart(status: 200, headers: fields))
        try await send(.httpResponseBody(text))
    }

    private static func pipelined(_ paths: [String]) -> String {
        paths.map { "GET \($0) HTTP/1.1\r\nHost: a\r\n\($0 == paths.last ? "Connection: close\r\n" : "")\r\n" }.joined()
    }

    @Test("a request that begins as the one before is answered inherits nothing of its task")
    func locals() async throws {
        let served = try await serve { scope, send in
            let before = Self.local
            try await Self.$local.withValue(scope.path) { try await Self.say("<\(before)>", with: send) }
        }
        let answers = try await served.exchange(Self.pipelined(["/1", "/2", "/3", "/4"]))
        #expect(answers.ranges(of: "<none>").count == 4, "\(answers)")
        try await served.stop()
    }

    @Test("a task that was cancelled answers no other request")
    func cancelled() async throws {
        let served = try await serve { scope, send in
            let wasCancelled = Task.isCancelled
            withUnsafeCurrentTask { $0?.cancel() }
            try await Self.say("\(wasCancelled)", with: send)
        }
        for _ in 0..<3 { #expect(try await served.get("/").body == "false") }
        try await served.stop()
    }

    @Test("requests that wait at the same time have a task each, and all of these answer again")
    func many() async throws {
        let gate = Gate()
        let served = try await serve { scope, send in
            if scope.path == "/wait" { await gate.wait(until: 40) }
            try await Self.say(scope.path, with: send)
        }
        for _ in 0..<2 {
            try await withThrowingTaskGroup(of: String.self) { tasks in
                for _ in 0..<40 { tasks.addTask { try await served.get("/wait").body } }
                for try await body in tasks { #expect(body == "/wait") }
            }
        }
        try await served.stop()
    }

    @Test("the tasks end with the server: nothing keeps the application")
    func end() async throws {
        let (ended, end) = AsyncStream.makeStream(of: Never.self)
        do {
            let served = try await ServedApplication(Mortal(end))
            for _ in 0..<3 { #expect(try await served.get("/").body == "alive") }
            try await served.stop()
        }
        for await _ in ended {}
    }

    /// Lets all go on that wait, when so many do.
    private final class Gate: Sendable {
        private let waiting = Mutex<[CheckedContinuation<Void, Never>]>([])

        func wait(until count: Int) async {
            await withCheckedContinuation { continuation in
                let ready = waiting.withLock { waiting in
                    waiting.append(continuation)
                    guard waiting.count == count else { return [CheckedContinuation<Void, Never>]() }
                    defer { waiting = [] }
                    return waiting
                }
                for continuation in ready { continuation.resume() }
            }
        }
    }

    /// Tells when nobody has it any more.
    private final class Mortal: Application {
        private let end: AsyncStream<Never>.Continuation

        init(_ end: AsyncStream<Never>.Continuation) { self.end = end }

        deinit { end.finish() }

        func handle(_ scope: Scope, receive: Receive, send: Send) async throws {
            guard case .http = scope else { throw UnsupportedScope(scope) }
            try await RequestTasksTests.say("alive", with: send)
        }
    }
}
