// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornProtocol
import AlicornTransport
import Synchronization

/// A message's way to all who have subscribed: in memory, for the connections of one process.
///
/// A connection that closes is unsubscribed. Everything may be called from any task and thread; publishing frames a
/// message once, compresses it once for all whose parameters agree, and crosses to each event loop once.
public final class Topic: Sendable {
    /// What becomes of subscribers that are slow: what bounds the memory of each.
    public let policy: SlowRecipientPolicy
    private let subscribers = Mutex(Subscribers())
    private let whenEmpty: (@Sendable (Topic) -> Void)?
    private let observer = Observer()

    /// Whom drivers know the topic by: nobody else's place in memory for as long as one of them does.
    private final class Observer: Sendable {}

    /// A topic without subscribers.
    public convenience init(whenSlow policy: SlowRecipientPolicy = .skip()) {
        self.init(whenSlow: policy, whenEmpty: nil)
    }

    /// - Parameter whenEmpty: called when the last subscriber has gone.
    init(whenSlow policy: SlowRecipientPolicy, whenEmpty: (@Sendable (Topic) -> Void)?) {
        self.policy = policy
        self.whenEmpty = whenEmpty
    }

    deinit {
        for group in subscribers.withLock({ $0.groups }) {
            Task(executorPreference: group.loop) { [observer] in
                for subscriber in group.recipients { subscriber.driver.observeClose(by: observer, nil) }
            }
        }
    }

    // MARK: - Subscribing

    /// How many connections have subscribed.
    public var subscriberCount: Int { subscribers.withLock { $0.count } }

    /// Lets a connection have what is published from now on. Without effect if it does already.
    public func subscribe(_ connection: WebSocketConnection) { add(connection) }
    /// Lets a connection have what is published from now on. Without effect if it does already.
    public func subscribe(_ connection: CallbackConnection) { add(connection) }

    /// What is published from now on is not for this connection any more. Without effect if it has not subscribed.
    public func unsubscribe(_ connection: WebSocketConnection) { remove(connection) }
    /// What is published from now on is not for this connection any more. Without effect if it has not subscribed.
    public func unsubscribe(_ connection: CallbackConnection) { remove(connection) }

    func add(_ connection: any MessageRecipient) {
        let subscriber = Subscriber(connection)
        if subscribers.withLock({ $0.insert(subscriber) }) { watch(subscriber) }
    }

    func remove(_ connection: any MessageRecipient) { remove(Subscriber(connection)) }

    private func remove(_ subscriber: Subscriber) {
        let (isRemoved, isEmpty) = subscribers.withLock { ($0.remove(subscriber), $0.count == 0) }
        guard isRemoved else { return }
        watch(subscriber)
        if isEmpty { whenEmpty?(self) }
    }

    /// Sees to it that a subscriber's end is known, and nobody else's: on its loop, by what counts then, as calls from
    /// several threads may come there in another order.
    private func watch(_ subscriber: Subscriber) {
        Task(executorPreference: subscriber.driver.loop) {
            guard self.subscribers.withLock({ $0.contains(subscriber) }) else {
                subscriber.driver.observeClose(by: self.observer, nil)
                return
            }
            if subscriber.driver.hasEnded {
                self.remove(subscriber)
            } else {
                subscriber.driver.observeClose(by: self.observer) { [weak self] in self?.remove(subscriber) }
            }
        }
    }

    // MARK: - Publishing

    /// Sends a message to all subscribers, without waiting. Those who are slow are skipped or disconnected; with
    /// ``SlowRecipientPolicy/wait(above:atMost:)``, too, they are skipped.
    public func post(_ message: WebSocketMessage, compression: CompressionChoice = .automatic) {
        let shared = Broadcast(message, compression).message
        for group in subscribers.withLock({ $0.groups }) {
            if group.loop.isCurrent {
                group.offer(shared, policy)
            } else {
                Task(executorPreference: group.loop) { [policy] in group.offer(shared, policy) }
            }
        }
    }

    /// Sends a message to all subscribers, and says who gets it; waits if the ``policy`` does.
    @discardableResult
    public func publish(
        _ message: WebSocketMessage, compression: CompressionChoice = .automatic
    ) async -> PublishReport {
        let groups = subscribers.withLock { $0.groups }
        return PublishReport(await Broadcast(message, compression).send(to: groups, policy))
    }
}

/// To how many subscribers a message went, and to how many not.
public struct PublishReport: Sendable, Hashable {
    /// Those who get it.
    public let sent: Int
    /// Those who do not, as they have too much unsent.
    public let skipped: Int
    /// Those who were closed with 1013, as they had too much unsent.
    public let disconnected: Int
    /// Those whose connection was closing or closed.
    public let closed: Int

    init<Recipient>(_ report: BroadcastReport<Recipient>) {
        sent = report.sent.count
        skipped = report.skipped.count
        disconnected = report.disconnected.count
        closed = report.closed.count
    }
}

extension LoopGroup {
    /// Sends a message to each that is not too slow. On the loop.
    fileprivate func offer(_ message: SharedMessage, _ policy: SlowRecipientPolicy) {
        let frame = message.frame
        for recipient in recipients { _ = policy.offer(message, frame.span, to: recipient.driver) }
    }
}
