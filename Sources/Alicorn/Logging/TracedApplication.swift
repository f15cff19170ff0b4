// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import Logging
import Synchronization

/// Writes down what passes between an application and the server, as uvicorn does at the level trace (U-LG-23). It is there
/// at that level alone: at others nothing is asked for it.
final class TracedApplication: Application {
    private let application: any Application
    private let logger: Logger
    private let calls = Atomic<Int>(0)

    /// - Returns: the application itself where nobody reads the lines.
    static func wrap(_ application: any Application, log: ConsoleLog) -> any Application {
        log.level <= .trace ? TracedApplication(application, log.logger("uvicorn.asgi")) : application
    }

    private init(_ application: any Application, _ logger: Logger) {
        self.application = application
        self.logger = logger
    }

    func handle(_ scope: Scope, receive: Receive, send: Send) async throws {
        let trace = EventTrace(logger, scope, call: calls.add(1, ordering: .relaxed).newValue)
        trace.write("Started scope=\(scope.traceText)")
        do {
            try await application.handle(
                scope, receive: Receive(channel: .traced(TracedChannel(receive.channel, trace))),
                send: Send(channel: .traced(TracedChannel(send.channel, trace))))
        } catch {
            trace.write("Raised exception")
            throw error
        }
        trace.write("Completed")
    }
}

/// The lines of one call of the application.
struct EventTrace: Sendable {
    private let logger: Logger
    private let prefix: String

    fileprivate init(_ logger: Logger, _ scope: Scope, call: Int) {
        self.logger = logger
        let client =
            switch scope {
            case .http(let scope): scope.request.clientText
            case .webSocket(let scope): scope.request.clientText
            case .lifespan: ""
            }
        prefix = client.isEmpty ? "ASGI [\(call)]" : "\(client) - ASGI [\(call)]"
    }

    func write(_ text: String) { logger.trace("\(prefix) \(text)") }
}

/// A channel whose events are written down.
final class TracedChannel: Sendable {
    let inner: EventChannel
    private let trace: EventTrace

    init(_ inner: EventChannel, _ trace: EventTrace) {
        self.inner = inner
        self.trace = trace
    }

    func next() -> ReceivedEvent? { inner.next().map(noted) }
    func receive() async throws -> ReceivedEvent { noted(try await inner.receive()) }

    private func noted(_ event: ReceivedEvent) -> ReceivedEvent {
        trace.write("Receive \(event.traceText)")
        return event
    }

    func send(_ event: SentEvent) async throws {
        trace.write("Send \(event.traceText)")
        try await Send(channel: inner)(event)
    }
}
