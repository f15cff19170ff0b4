// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornProtocol
import Synchronization

/// Topics by name. One exists while somebody has subscribed to it, so that names that nobody uses take no memory.
///
///     let rooms = Topics()
///     rooms.subscribe(connection, to: "room/1")
///     rooms.post("hello", to: "room/1")
public final class Topics: Sendable {
    /// What becomes of subscribers that are slow.
    public let policy: SlowRecipientPolicy
    private let topics = Mutex<[String: Topic]>([:])

    /// No topics.
    public init(whenSlow policy: SlowRecipientPolicy = .skip()) { self.policy = policy }

    /// The names to which anybody has subscribed, in no order.
    public var names: [String] { topics.withLock { Array($0.keys) } }

    /// How many connections have subscribed to a name.
    public func subscriberCount(of name: String) -> Int { topic(name)?.subscriberCount ?? 0 }

    /// Lets a connection have what is published to a name from now on.
    public func subscribe(_ connection: WebSocketConnection, to name: String) { add(connection, to: name) }
    /// Lets a connection have what is published to a name from now on.
    public func subscribe(_ connection: CallbackConnection, to name: String) { add(connection, to: name) }

    /// What is published to a name from now on is not for this connection any more.
    public func unsubscribe(_ connection: WebSocketConnection, from name: String) { topic(name)?.remove(connection) }
    /// What is published to a name from now on is not for this connection any more.
    public func unsubscribe(_ connection: CallbackConnection, from name: String) { topic(name)?.remove(connection) }

    /// Sends a message to all subscribers of a name, without waiting; see ``Topic/post(_:compression:)``.
    public func post(_ message: WebSocketMessage, to name: String, compression: CompressionChoice = .automatic) {
        topic(name)?.post(message, compression: compression)
    }

    /// Sends a message to all subscribers of a name; see ``Topic/publish(_:compression:)``.
    @discardableResult
    public func publish(
        _ message: WebSocketMessage, to name: String, compression: CompressionChoice = .automatic
    ) async -> PublishReport {
        guard let topic = topic(name) else { return PublishReport(BroadcastReport<WebSocketConnection>()) }
        return await topic.publish(message, compression: compression)
    }

    private func topic(_ name: String) -> Topic? { topics.withLock { $0[name] } }

    private func add(_ connection: any MessageRecipient, to name: String) {
        // Within the lock, so that the topic is not dropped before it has its first subscriber.
        topics.withLock { topics in
            let topic = topics[name] ?? makeTopic(name)
            topics[name] = topic
            topic.add(connection)
        }
    }

    private func makeTopic(_ name: String) -> Topic {
        Topic(whenSlow: policy) { [weak self] topic in
            self?.topics.withLock { topics in
                if topics[name] === topic, topic.subscriberCount == 0 { topics[name] = nil }
            }
        }
    }
}
