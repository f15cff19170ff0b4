// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import Synchronization

/// The events of the server's life, between the application and the server. From anywhere.
final class LifespanChannel: Sendable {
    private struct State {
        var state: ApplicationState = [:]
        var order = LifespanOrder()
        /// What the application has yet to receive.
        var queue: [ReceivedEvent] = []
        var receiver: CheckedContinuation<ReceivedEvent, Never>?
        /// What the application has sent, or its end; and who waits for it.
        var answers: [Answer] = []
        var asker: CheckedContinuation<Answer, Never>?
    }

    /// What an application does next.
    enum Answer: Sendable {
        case sent(LifespanOrder.Event)
        case returned
        /// With what the log says of it; `nil` when the application has only said that it does not know of lifespans.
        case failed(String?)
    }

    private let shared = Mutex(State())

    /// What all requests get a copy of.
    var state: ApplicationState {
        get { shared.withLock { $0.state } }
        set { shared.withLock { $0.state = newValue } }
    }

    // MARK: - From the application

    /// Waits for as long as it takes: the next event comes at the end of the server at the latest.
    func receive() async -> ReceivedEvent {
        await withCheckedContinuation { continuation in
            let event = shared.withLock { shared -> ReceivedEvent? in
                guard shared.queue.isEmpty else { return shared.queue.removeFirst() }
                shared.receiver = continuation
                return nil
            }
            if let event { continuation.resume(returning: event) }
        }
    }

    func send(_ event: SentEvent) throws {
        let event: LifespanOrder.Event =
            switch event {
            case .lifespanStartupComplete(let wantsGoodbye): .startupComplete(wantsGoodbye: wantsGoodbye)
            case .lifespanStartupFailed(let message): .startupFailed(message)
            case .lifespanGoodbyeComplete: .goodbyeComplete
            case .lifespanShutdownComplete: .shutdownComplete
            case .lifespanShutdownFailed(let message): .shutdownFailed(message)
            default: throw ASGIMisuse.lifespan
            }
        try shared.withLock { try $0.order.take(event) }
        answer(.sent(event))
    }

    /// The application has come to its end.
    func end(_ answer: Answer) { self.answer(answer) }

    private func answer(_ answer: Answer) {
        let asker = shared.withLock { shared -> CheckedContinuation<Answer, Never>? in
            guard let asker = shared.asker.take() else {
                shared.answers.append(answer)
                return nil
            }
            return asker
        }
        asker?.resume(returning: answer)
    }

    // MARK: - From the server

    /// Tells the application, and waits for what it does.
    func tell(_ event: ReceivedEvent) async -> Answer {
        let receiver = shared.withLock { shared -> CheckedContinuation<ReceivedEvent, Never>? in
            switch event {
            case .lifespanGoodbye: shared.order.sayGoodbye()
            case .lifespanShutdown: shared.order.stop()
            default: break
            }
            guard let receiver = shared.receiver.take() else {
                shared.queue.append(event)
                return nil
            }
            return receiver
        }
        receiver?.resume(returning: event)
        return await withCheckedContinuation { continuation in
            let answer = shared.withLock { shared -> Answer? in
                guard shared.answers.isEmpty else { return shared.answers.removeFirst() }
                shared.asker = continuation
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }
}
