// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornNIO
import AlicornProtocol
import AlicornTransport
import AlicornWebSocket
import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Serves one application in this process, from its start to its end.
///
///     let server = Server(MyApplication(), settings: settings)
///     try await server.run()
///
/// It runs once. Signals are its owner's to hear: ``Alicorn/main(_:)`` does that.
public final class Server: Sendable {
    private let application: any Application
    private let settings: ServerSettings
    private let log: ConsoleLog
    private let lifespan: Lifespan
    private let sockets: [ListeningSocket]?
    private let parts: Result<ServerParts, any Error>
    private let served = Mutex<ASGIServer?>(nil)
    private let stopping = Moment()
    private let forced = Moment()

    /// Takes an application, and by what settings to serve it.
    public convenience init(_ application: any Application, settings: ServerSettings = ServerSettings()) {
        self.init(
            application, settings: settings, log: ConsoleLog(settings.logging, settings.application.compatibility),
            sockets: nil)
    }

    /// - Parameters:
    ///   - sockets: what to accept from, where somebody else has bound it; `nil` for what the settings say.
    ///   - worker: which worker this process is; `nil` when it is none.
    init(
        _ application: any Application, settings: ServerSettings, log: ConsoleLog, sockets: [ListeningSocket]?,
        worker: WorkerPlace? = nil
    ) {
        let application = TracedApplication.wrap(application, log: log)
        self.application = application
        self.settings = settings
        self.log = log
        self.sockets = sockets
        parts = Result { try ServerParts(settings, worker: worker) }
        lifespan = Lifespan(application, settings.application.lifespan, log: log)
    }

    /// Why a server did not start; the log says it in more words.
    public enum StartFailure: Error, Sendable, Hashable {
        /// The application has said so.
        case application
        /// The server cannot listen, or cannot be configured so: the cause as a sentence.
        case server(String)
    }

    /// Serves until ``stop()``: starts the application, listens, and when it ends does all that in reverse (U-SG-05).
    ///
    /// - Parameter listening: called with the addresses that are listened on, such as `http://127.0.0.1:8000`, once all
    ///   are.
    /// - Throws: ``StartFailure``.
    public func run(listening: @escaping @Sendable ([String]) -> Void = { _ in }) async throws(StartFailure) {
        log.write(.info, styled: "Started server process [\(getpid(), .cyan)]")
        let parts: ServerParts
        do { parts = try self.parts.get() } catch {
            log.write(.error, "\(error)")
            throw .server("\(error)")
        }
        parts.serverMetrics?.didEnter(.starting)
        let begin = ContinuousClock.now
        guard await lifespan.start() else { throw .application }
        parts.serverMetrics?.didStart(
            after: ContinuousClock.now - begin, at: .seconds(WallTime.now.unixSeconds))
        parts.serverMetrics?.didEnter(.running)
        do {
            try await serve(parts, listening)
        } catch {
            log.write(.error, "\(error)")
            await lifespan.stop()
            throw .server("\(error)")
        }
        parts.serverMetrics?.didEnter(.stopping)
        // An application that does not come to its end is not waited for beyond the time for that.
        await firstOf(
            { [lifespan, forced] in if !forced.hasCome { await lifespan.stop() } },
            { [forced, settings] in _ = await forced.wait(atMost: settings.timeouts.gracefulShutdown) })
        log.write(.info, styled: "Finished server process [\(getpid(), .cyan)]")
    }

    /// Ends in order: no new connections, WebSockets are closed with 1012, responses in flight are completed, until the
    /// time for that is over. From anywhere; without effect the second time.
    public func stop() { stopping.come() }

    /// Ends at once: connections are cut, and the application does not hear of the end (U-SG-03).
    public func forceStop() {
        forced.come()
        stopping.come()
    }

    /// How connections are encrypted; `nil` where they are not, or cannot be.
    var tls: ServerTLS? { try? parts.get().tls }

    /// Waits until each of the event loops has done something; whoever waits for too long knows that one is blocked.
    package func isMoving() async -> Bool {
        await served.withLock { $0 }?.passThroughLoops()
        return true
    }

    // MARK: - Serving

    private func serve(_ parts: ServerParts, _ listening: @escaping @Sendable ([String]) -> Void) async throws {
        guard !stopping.hasCome else { return }
        let sockets = try self.sockets ?? parts.openSockets()
        let surface = WebSocketSurface(
            configuration: parts.connection, diagnosis: parts.makeDiagnosis(log: log),
            lossIsWithoutCode: settings.application.compatibility == .uvicorn,
            implementation: settings.webSocket.implementation)
        let host = SwiftApplicationHost(parts.observed(application), state: lifespan.state, surface: surface, tls: tls)
        let server = ASGIServer(
            parts.makeConfiguration(log: log), log: log, host: host, events: parts.serverMetrics
        ) { [log, stopping] in
            log.write(
                .info, "Maximum request limit of \(parts.requestLimit ?? 0) exceeded. Terminating process.")
            stopping.come()
        }
        served.withLock { $0 = server }
        try await parts.withMetricsPages(log: log) {
            try await parts.listening(on: sockets, log: log).run({ surface.observed($0) { server.accept($0) } }) {
                listeners in
                // Who has bound the sockets has told so.
                if self.sockets == nil { for socket in sockets { log.announce(socket.endpoint, isSecure: tls != nil) } }
                listening(sockets.map { $0.endpoint.address(isSecure: tls != nil) })
                await waitForStop(of: listeners)
                await end(server, listeners)
            }
        }
    }

    /// Waits until the server is told to stop, its task is cancelled, or it cannot listen any more.
    private func waitForStop(of listeners: [any ServerListener]) async {
        for listener in listeners {
            Task { [stopping] in
                try? await listener.waitUntilClosed()
                stopping.come()
            }
        }
        await stopping.wait()
    }

    // MARK: - The end

    private func end(_ server: ASGIServer, _ listeners: [any ServerListener]) async {
        log.write(.info, "Shutting down")
        let grace = settings.timeouts.gracefulShutdown
        let deadline = grace.map { ContinuousClock.now.advanced(by: $0) }
        // A task of its own: that this one may be cancelled is no reason to be in a hurry.
        await Task { [self] in
            await firstOf(
                { [lifespan] in await lifespan.sayGoodbye(within: grace ?? .seconds(10)) },
                { [forced] in _ = await forced.wait(atMost: grace ?? .seconds(10)) })
            // One that cannot be closed, as it has failed before, does not keep the connections from ending.
            for listener in listeners { try? await listener.close() }
            for listener in listeners { try? await listener.waitUntilClosed() }
            await stop(server, until: deadline)
            server.forgetLoops()
        }.value
    }

    private func stop(_ server: ASGIServer, until deadline: ContinuousClock.Instant?) async {
        let quiet = Moment()
        server.stop(with: CloseFrame(.serviceRestart)) { quiet.come() }
        if await quiet.wait(atMost: Self.moment) { return }
        if !forced.hasCome {
            log.write(
                .info,
                server.connections > 0
                    ? "Waiting for connections to close. (CTRL+C to force quit)"
                    : "Waiting for background tasks to complete. (CTRL+C to force quit)")
        }
        await firstOf(
            { [forced] in await forced.wait() },
            { _ = await quiet.wait(atMost: deadline.map { ContinuousClock.now.duration(to: $0) }) })
        guard !quiet.hasCome else { return }
        if !forced.hasCome {
            log.write(
                .error, "Cancel \(server.running) running task(s), timeout graceful shutdown exceeded")
        }
        server.cut()
        _ = await quiet.wait(atMost: .seconds(1))
    }

    /// How long connections may take to end before it is worth a line.
    private static let moment = Duration.milliseconds(100)
}
