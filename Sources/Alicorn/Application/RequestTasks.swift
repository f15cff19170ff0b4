// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornTransport
import DequeModule

/// Tasks that call an application with one request after the other: to make a task, or to have one go on, costs as much as
/// most else that is done for a short request. So what has come at a time is answered by one, unless the application waits.
/// Confined to a loop, on which they run too.
final class RequestTasks: InputFollower, @unchecked Sendable {
    // SAFETY: touched only on the loop.
    private let host: SwiftApplicationHost
    private let loop: ConnectionLoop
    /// What has come and is not begun with.
    @exclusivity(unchecked) private var requests: Deque<HTTPExchange> = []
    @exclusivity(unchecked) private var isAnswering = false
    @exclusivity(unchecked) private var idle: [RequestTask] = []
    private var hasEnded = false

    /// Tasks that are kept for requests to come. While more requests are answered at a time there are more.
    private static let maximumIdle = 32

    init(for host: SwiftApplicationHost, on loop: ConnectionLoop) {
        self.host = host
        self.loop = loop
    }

    /// Requests that are worth a task's going on. More would be more memory in use at a time than the allocator has at hand.
    private static let batch = 8

    /// Has the request answered, with others that come at the same time; at once while its body is on its way, as that may
    /// end in the middle.
    func answer(_ exchange: HTTPExchange) {
        guard exchange.hasWholeBody else {
            begin(with: exchange)
            return
        }
        requests.append(exchange)
        guard !isAnswering else { return }
        if requests.count == 1 { loop.afterInput(self) } else if requests.count >= Self.batch { inputWasHandled() }
    }

    /// Answers what has come. Most applications never wait, so that the first task is also the last.
    func inputWasHandled() {
        isAnswering = true
        while let exchange = requests.popFirst() { begin(with: exchange) }
        isAnswering = false
    }

    private func begin(with exchange: HTTPExchange) {
        exchange.holdOutput()
        let task = idle.popLast() ?? RequestTask()
        task.exchange = exchange
        if task.running == nil { start(task) } else { task.goOn(on: loop) }
        // The application waits: what it has sent goes out meanwhile.
        task.exchange?.flush()
    }

    private func start(_ task: RequestTask) {
        task.running = loop.begin { [self] in
            repeat {
                while let exchange = task.exchange {
                    let events = EventChannel.http(HTTPChannel(exchange: exchange))
                    do {
                        try await host.application.handle(
                            host.scope(of: exchange), receive: Receive(channel: events), send: Send(channel: events))
                        events.applicationReturned()
                    } catch {
                        events.applicationFailed(SwiftApplicationHost.report(error))
                    }
                    exchange.releaseOutput()
                    task.exchange = nextRequest
                }
                guard keeps else { break }
                // Without the underscore it would change to the executor that it is on, when it goes on (decision 8).
                await _unsafeInheritExecutor_withUnsafeContinuation { continuation in
                    task.waiting = continuation
                    idle.append(task)
                }
            } while task.exchange != nil
        }
        // It may have begun before it was known which it is.
        task.tellExchange()
    }

    /// What the current task answers next; nothing when it was cancelled, as its next request would be so too.
    private var nextRequest: HTTPExchange? {
        guard !Task.isCancelled, let next = requests.popFirst() else { return nil }
        if isAnswering { next.holdOutput() }
        return next
    }

    /// Whether the current task is kept.
    private var keeps: Bool { !hasEnded && !Task.isCancelled && idle.count < Self.maximumIdle }

    /// Ends the tasks that wait, and each other behind its request.
    func end() {
        hasEnded = true
        for task in idle { task.waiting.take()?.resume() }
        idle = []
    }
}

/// One of them.
private final class RequestTask: @unchecked Sendable {
    // SAFETY: as in `RequestTasks`.
    @exclusivity(unchecked) var running: Task<Void, Never>?
    /// What it answers now.
    @exclusivity(unchecked) var exchange: HTTPExchange? { didSet { tellExchange() } }
    /// Set while it waits for a request.
    @exclusivity(unchecked) var waiting: UnsafeContinuation<Void, Never>?

    /// Tells the exchange which task it is in: what ends it cancels that.
    func tellExchange() { if let exchange, let running { exchange.runs(in: running) } }

    func goOn(on loop: ConnectionLoop) {
        guard let waiting = waiting.take() else { preconditionFailure("only tasks that wait are idle") }
        loop.resumeHere(waiting)
    }
}
