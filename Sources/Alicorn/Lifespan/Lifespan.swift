// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import Synchronization

/// Tells an application of the server's life (A-LS, U-LS), once.
final class Lifespan: Sendable {
    /// What became of an application's start.
    private enum Stage: Sendable {
        /// It hears of the end, and before that of the goodbye if it wants to.
        case running(wantsGoodbye: Bool)
        /// It does not speak of its life, or has said all.
        case silent
    }

    private let application: any Application
    private let mode: ServerSettings.Lifespan
    private let log: ConsoleLog
    private let channel = LifespanChannel()
    private let stage = Mutex(Stage.silent)

    init(_ application: any Application, _ mode: ServerSettings.Lifespan, log: ConsoleLog) {
        self.application = application
        self.mode = mode
        self.log = log
    }

    /// What the application has put down for its requests.
    var state: ApplicationState { channel.state }

    /// Has the application start.
    ///
    /// - Returns: whether it did.
    func start() async -> Bool {
        guard mode != .off else { return true }
        log.write(.info, "Waiting for application startup.")
        Task { [application, channel] in
            do {
                try await application.handle(
                    .lifespan(LifespanScope(channel: channel)), receive: Receive(channel: .lifespan(channel)),
                    send: Send(channel: .lifespan(channel)))
                channel.end(.returned)
            } catch {
                channel.end(.failed(error is UnsupportedScope ? nil : "\(type(of: error)): \(error)"))
            }
        }
        guard await hasStarted() else {
            log.write(.error, "Application startup failed. Exiting.")
            return false
        }
        log.write(.info, "Application startup complete.")
        return true
    }

    private func hasStarted() async -> Bool {
        switch await channel.tell(.lifespanStartup) {
        case .sent(.startupComplete(let wantsGoodbye)):
            stage.withLock { $0 = .running(wantsGoodbye: wantsGoodbye) }
            return true
        case .sent(.startupFailed(let message)):
            if !message.isEmpty { log.write(.error, message) }
            return false
        case .sent, .returned: return true
        case .failed(let error):
            guard mode == .auto else {
                log.write(.error, "Exception in 'lifespan' protocol" + (error.map { "\n\($0)" } ?? ""))
                return false
            }
            // Who does not know of it is served all the same (A-LS-09); who fails in it should be told (P-28).
            log.write(
                error == nil ? .info : .warning,
                "ASGI 'lifespan' protocol appears unsupported." + (error.map { " It failed with \($0)" } ?? ""))
            return true
        }
    }

    /// Lets an application that asks for it say goodbye to its clients (P-38); it has as long as the caller waits.
    func sayGoodbye(within time: Duration) async {
        guard case .running(wantsGoodbye: true) = stage.withLock({ $0 }) else { return }
        switch await channel.tell(.lifespanGoodbye(within: time)) {
        case .sent: break
        case .returned: stage.withLock { $0 = .silent }
        case .failed(let error): report(error)
        }
    }

    /// Has the application clean up.
    ///
    /// - Returns: whether it did.
    @discardableResult
    func stop() async -> Bool {
        guard case .running = stage.withLock({ $0 }) else { return true }
        log.write(.info, "Waiting for application shutdown.")
        switch await channel.tell(.lifespanShutdown) {
        case .sent(.shutdownFailed(let message)):
            if !message.isEmpty { log.write(.error, message) }
        case .failed(let error): report(error)
        case .sent, .returned:
            log.write(.info, "Application shutdown complete.")
            return true
        }
        log.write(.error, "Application shutdown failed. Exiting.")
        return false
    }

    private func report(_ error: String?) {
        stage.withLock { $0 = .silent }
        log.write(.error, "Exception in 'lifespan' protocol" + (error.map { "\n\($0)" } ?? ""))
    }
}
