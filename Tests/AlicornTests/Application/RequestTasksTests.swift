// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornProtocol
import AlicornTesting
import Dispatch
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
            }
        ) { $0.processes.threads = 1 }
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

    @Test("an answer does not wait for the application to be done with a request that came at the same time")
    func blocking() async throws {
        let (mayGoOn, hasAnswer) = (Signal(), Signal())
        let (isHeldUp, note) = AsyncStream.makeStream(of: Never.self)
        let served = try await serve { scope, send in
            if scope.path == "/hold" { note.finish() }
            let wasSignalled =
                switch scope.path {
                case "/hold": mayGoOn.blockingWait()
                case "/second": hasAnswer.blockingWait()
                default: true
                }
            try await Self.say("<\(wasSignalled)>", with: send)
        }
        let (holder, first, second) = (
            try await ScriptedPeer.connect(port: served.port), try await ScriptedPeer.connect(port: served.port),
            try await ScriptedPeer.connect(port: served.port)
        )
        for peer in [first, second] { #expect(try await Self.ask("/", peer)) }
        // While the loop is held up both come, and then at once, in this order.
        try await holder.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n")
        for await _ in isHeldUp {}
        try await first.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\n")
        try await second.send("GET /second HTTP/1.1\r\nHost: a\r\n\r\n")
        mayGoOn.give()
        #expect(try await Self.hears("<true>", first))
        hasAnswer.give()
        #expect(try await Self.hears("<true>", second))
        try await served.stop()
    }

    @Test("what is sent before the application waits goes out meanwhile")
    func streaming() async throws {
        let (hasPiece, note) = AsyncStream.makeStream(of: Void.self)
        let served = try await serve { _, send in
            try await send(.httpResponseStart(status: 200))
            try await send(.httpResponseBody("<one>", moreBody: true))
            for await _ in hasPiece { break }
            try await send(.httpResponseBody("<two>"))
        }
        let peer = try await ScriptedPeer.connect(port: served.port)
        try await peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try await Self.hears("<one>", peer))
        note.yield()
        #expect(try await Self.hears("<two>", peer))
        try await served.stop()
    }

    private static func ask(_ path: String, _ peer: ScriptedPeer) async throws -> Bool {
        try await peer.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
        return try await hears("<true>", peer)
    }

    private static func hears(_ text: String, _ peer: ScriptedPeer) async throws -> Bool {
        let received = try await peer.receive { String(decoding: $0, as: UTF8.self).contains(text) }
        return String(decoding: received, as: UTF8.self).contains(text)
    }

    /// For what blocks a thread, as an application may.
    private final class Signal: Sendable {
        private let semaphore = DispatchSemaphore(value: 0)

        func give() { semaphore.signal() }

        /// - Returns: whether it was given within 10 seconds.
        func blockingWait() -> Bool { semaphore.wait(timeout: .now() + 10) == .success }
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
