// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornTransport

/// Tasks that call an application with one request after the other: to make a task costs as much as most else that is done
/// for a short request. Confined to a loop, on which they run too.
final class RequestTasks: @unchecked Sendable {
    // SAFETY: touched only on the loop.
    private let host: SwiftApplicationHost
    private let loop: ConnectionLoop
    @exclusivity(unchecked) private var idle: [RequestTask] = []
    private var hasEnded = false

    /// Tasks that are kept for requests to come. While more requests are answered at a time there are more.
    private static let maximumIdle = 32

    init(for host: SwiftApplicationHost, on loop: ConnectionLoop) {
        self.host = host
        self.loop = loop
    }

    /// Has the request answered. Most applications never wait: they are done before this returns.
    func answer(_ exchange: HTTPExchange) {
        if let task = idle.popLast() { task.goOn(with: exchange, on: loop) } else { begin(with: exchange) }
    }

    private func begin(with exchange: HTTPExchange) {
        let task = RequestTask(exchange)
        task.running = loop.begin { [self] in
            while let exchange = task.takeExchange() {
                let events = EventChannel.http(HTTPChannel(exchange: exchange))
                do {
                    try await host.application.handle(
                        host.scope(of: exchange), receive: Receive(channel: events), send: Send(channel: events))
                    events.applicationReturned()
                } catch {
                    events.applicationFailed(SwiftApplicationHost.report(error))
                }
                guard keeps else { break }
                await withUnsafeContinuation { continuation in
                    task.wait(continuation)
                    idle.append(task)
                }
            }
        }
        if let running = task.running { exchange.runs(in: running) }
    }

    /// Whether the current task is kept: one that was cancelled would be so for its next request too.
    private var keeps: Bool { !hasEnded && !Task.isCancelled && idle.count < Self.maximumIdle }

    /// Ends the tasks that wait, and each other behind its request.
    func end() {
        hasEnded = true
        for task in idle { task.leave() }
        idle = []
    }
}

/// One of them.
private final class RequestTask: @unchecked Sendable {
    // SAFETY: as in `RequestTasks`.
    @exclusivity(unchecked) var running: Task<Void, Never>?
    @exclusivity(unchecked) private var exchange: HTTPExchange?
    @exclusivity(unchecked) private var waiting: UnsafeContinuation<Void, Never>?

    init(_ exchange: HTTPExchange) { self.exchange = exchange }

    /// The request to answer now; `nil` for none any more.
    func takeExchange() -> HTTPExchange? { exchange.take() }

    func wait(_ continuation: UnsafeContinuation<Void, Never>) { waiting = continuation }

    func goOn(with exchange: HTTPExchange, on loop: ConnectionLoop) {
        guard let waiting = waiting.take(), let running else { preconditionFailure("only tasks that wait are idle") }
        self.exchange = exchange
        exchange.runs(in: running)
        loop.resumeHere(waiting)
    }

    func leave() { waiting.take()?.resume() }
}
