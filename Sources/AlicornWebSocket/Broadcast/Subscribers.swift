// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTransport

/// The connections that have subscribed, by the loop that they are on.
struct Subscribers: Sendable {
    private(set) var groups: [LoopGroup<Subscriber>] = []
    /// Where in its loop's group each stands, by its driver.
    private var positions: [ObjectIdentifier: Int] = [:]

    var count: Int { positions.count }

    func contains(_ subscriber: Subscriber) -> Bool { positions[subscriber.identifier] != nil }

    /// - Returns: whether it was not there before.
    mutating func insert(_ subscriber: Subscriber) -> Bool {
        guard !contains(subscriber) else { return false }
        let index = groups.add(subscriber)
        positions[subscriber.identifier] = groups[index].recipients.count - 1
        return true
    }

    /// Takes the same time however many there are.
    ///
    /// - Returns: whether it was there.
    mutating func remove(_ subscriber: Subscriber) -> Bool {
        guard let position = positions.removeValue(forKey: subscriber.identifier),
            let index = groups.firstIndex(where: { $0.loop === subscriber.driver.loop })
        else { return false }
        let last = groups[index].recipients.removeLast()
        if position < groups[index].recipients.count {
            groups[index].recipients[position] = last
            positions[last.identifier] = position
        }
        if groups[index].recipients.isEmpty { groups.remove(at: index) }
        return true
    }
}

/// A connection that has subscribed, whatever its surface.
final class Subscriber: MessageRecipient {
    private let connection: any MessageRecipient

    init(_ connection: any MessageRecipient) { self.connection = connection }

    var driver: WebSocketDriver { connection.driver }
    var identifier: ObjectIdentifier { ObjectIdentifier(connection.driver) }
    func openWaiters() -> ConnectionWaiters { connection.openWaiters() }
}
