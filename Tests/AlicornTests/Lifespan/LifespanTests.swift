// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornWebSocket
import EngineTesting
import Logging
import Synchronization
import Testing

@testable import Alicorn

@Suite("The life of a server, as its application sees it")
struct LifespanTests {
    /// Does what its parts say, and notes what it is told.
    struct Living: Application {
        let told: AsyncStream<String>.Continuation
        var wantsGoodbye = false
        var startup: @Sendable (LifespanScope, Send) async throws -> Void = { _, send in
            try await send(.lifespanStartupComplete())
        }
        var shutdown: @Sendable (Send) async throws -> Void = { send in try await send(.lifespanShutdownComplete) }

        func handle(_ scope: Scope, receive: Receive, send: Send) async throws {
            switch scope {
            case .lifespan(let scope): try await live(scope, receive, send)
            case .http(let scope):
                try await send(.httpResponseStart(status: 200))
                try await send(.httpResponseBody(scope.state["greeting"] as? String ?? "none"))
            case .webSocket:
                _ = try await receive()
                try await send(.webSocketAccept())
                if case .webSocketDisconnect(let code, _) = try await receive() { told.yield("disconnect \(code)") }
            }
        }

        private func live(_ scope: LifespanScope, _ receive: Receive, _ send: Send) async throws {
            while true {
                switch try await receive() {
                case .lifespanStartup:
                    told.yield("startup")
                    if wantsGoodbye {
                        try await send(.lifespanStartupComplete(wantsGoodbye: true))
                    } else {
                        try await startup(scope, send)
                    }
                case .lifespanGoodbye:
                    told.yield("goodbye")
                    try await send(.lifespanGoodbyeComplete)
                default:
                    told.yield("shutdown")
                    try await shutdown(send)
                    return
                }
            }
        }
    }

    @Test("what it puts down at its start all requests get (A-LS-10, A-HS-14), and its end is told (A-LS-06)")
    func state() async throws {
        let (told, note) = AsyncStream.makeStream(of: String.self)
        let served = try await ServedApplication(
            Living(
                told: note,
                startup: { scope, send in
                    scope.state["greeting"] = "hi"
                    try await send(.lifespanStartupComplete())
                }))
        #expect(try await served.exchange("GET / HTTP/1.0\r\n\r\n").hasSuffix("\r\n\r\nhi"))
        try await served.stop()
        var events = told.makeAsyncIterator()
        #expect(await events.next() == "startup")
        #expect(await events.next() == "shutdown")
    }

    @Test("a start that fails keeps the server from serving (A-LS-05, U-LS-05)")
    func failedStart() async throws {
        let (_, note) = AsyncStream.makeStream(of: String.self)
        let application = Living(
            told: note, startup: { _, send in try await send(.lifespanStartupFailed(message: "no database")) })
        await #expect(throws: Server.StartFailure.application) { _ = try await ServedApplication(application) }
    }

    @Test("an error at the start counts with --lifespan on, and not with auto (U-LS-02, U-LS-03, A-LS-09)")
    func errorAtStart() async throws {
        struct Failure: Error {}
        let (_, note) = AsyncStream.makeStream(of: String.self)
        let application = Living(told: note, startup: { _, _ in throw Failure() })
        await #expect(throws: Server.StartFailure.application) {
            _ = try await ServedApplication(application) { $0.application.lifespan = .on }
        }
        try await ServedApplication(application) { $0.application.lifespan = .auto }.stop()
    }

    @Test("an end that fails is told, and the server ends as it would have all the same (A-LS-08, U-LS-07)")
    func failedEnd() async throws {
        struct Failure: Error, CustomStringConvertible { let description = "no goodbye" }
        let ends: [(line: String, shutdown: @Sendable (Send) async throws -> Void)] = [
            ("the database is stuck", { try await $0(.lifespanShutdownFailed(message: "the database is stuck")) }),
            (#"Exception in 'lifespan' protocol\nFailure: no goodbye"#, { _ in throw Failure() }),
        ]
        for (line, shutdown) in ends {
            let (_, note) = AsyncStream.makeStream(of: String.self)
            let piped = PipedLog()
            let lifespan = Lifespan(Living(told: note, shutdown: shutdown), .auto, log: piped.log)
            #expect(await lifespan.start())
            _ = piped.takeErrors()
            #expect(await !lifespan.stop())
            #expect(
                piped.takeErrors() == """
                    INFO:     Waiting for application shutdown.
                    ERROR:    \(line)
                    ERROR:    Application shutdown failed. Exiting.

                    """)
            try await ServedApplication(Living(told: note, shutdown: shutdown)).stop()
        }
    }

    @Test("with --lifespan off it is told nothing, and has put down nothing (U-LS-04)")
    func off() async throws {
        let (told, note) = AsyncStream.makeStream(of: String.self)
        let served = try await ServedApplication(
            Living(told: note, startup: { scope, _ in scope.state["greeting"] = "hi" })
        ) { $0.application.lifespan = .off }
        #expect(try await served.exchange("GET / HTTP/1.0\r\n\r\n").hasSuffix("\r\n\r\nnone"))
        try await served.stop()
        note.finish()
        #expect(await told.reduce(into: []) { $0.append($1) } == [])
    }

    @Test("one that returns before it has said that it started counts as started, and hears no more (U-LS-06)")
    func returns() async throws {
        let served = try await ServedApplication(Returning()) { $0.application.lifespan = .on }
        #expect(try await served.exchange("GET / HTTP/1.0\r\n\r\n").hasSuffix("\r\n\r\nserved"))
        try await served.stop()
    }

    /// Has nothing to do at its start and its end.
    private struct Returning: Application {
        func handle(_ scope: Scope, receive: Receive, send: Send) async throws {
            guard case .http = scope else { return }
            try await send(.httpResponseStart(status: 200))
            try await send(.httpResponseBody("served"))
        }
    }

    @Test("a server that is stopped while its application starts does not listen, and tells it of the end (U-LS-11)")
    func stoppedWhileStarting() async throws {
        let (told, note) = AsyncStream.makeStream(of: String.self)
        let (stopped, noteStop) = AsyncStream.makeStream(of: Void.self)
        let application = Living(
            told: note,
            startup: { _, send in
                for await _ in stopped { break }
                try await send(.lifespanStartupComplete())
            })
        var settings = ServerSettings()
        settings.listening.addresses = [.tcp(host: "127.0.0.1", port: 0)]
        settings.logging.level = .critical
        let server = Server(application, settings: settings)
        async let run: Void = server.run { note.yield("listens at \($0)") }
        var events = told.makeAsyncIterator()
        #expect(await events.next() == "startup")
        server.stop()
        noteStop.yield()
        #expect(await events.next() == "shutdown")
        try await run
    }

    @Test("events of the lifespan that are not due are refused (U-LS-08)")
    func order() async throws {
        let (told, note) = AsyncStream.makeStream(of: String.self)
        let served = try await ServedApplication(
            Living(
                told: note,
                startup: { _, send in
                    do { try await send(.lifespanShutdownComplete) } catch { note.yield("\(error)") }
                    try await send(.lifespanStartupComplete())
                }))
        try await served.stop()
        var events = told.makeAsyncIterator()
        #expect(await events.next() == "startup")
        #expect(await events.next() == "Got invalid state transition on lifespan protocol.")
    }

    @Test("who asks for it says goodbye before its connections are closed (P-38)", .onEachEngine)
    func goodbye() async throws {
        let (told, note) = AsyncStream.makeStream(of: String.self)
        let served = try await ServedApplication(Living(told: note, wantsGoodbye: true))
        let connection = try await WebSocketClient.open(served.webSocketAddress)
        async let stopped: Void = served.stop()
        await connection.waitUntilClosed()
        try await stopped
        var events = told.makeAsyncIterator()
        for expected in ["startup", "goodbye", "disconnect 1012", "shutdown"] {
            #expect(await events.next() == expected)
        }
    }
}
