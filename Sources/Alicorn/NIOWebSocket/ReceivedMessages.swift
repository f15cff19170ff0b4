// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornWebSocket
import DequeModule
import NIOCore

/// Messages that wait for the application, and whether it is through with what it has taken.
struct ReceivedMessages {
    private var messages = Deque<WebSocketMessage>()
    /// What they weigh against the limit.
    private var weight = 0
    private let weightLimit: Int
    private let countLimit: Int
    /// Whether a message was taken after which nobody has asked for the next one.
    private var isBeingHandled = false

    /// What a message weighs beside its bytes.
    private static let weightPerMessage = 64

    init(_ configuration: ConnectionConfiguration) {
        weightLimit = configuration.receiveQueueLimit
        countLimit = configuration.receiveQueueCountLimit
    }

    var isEmpty: Bool { messages.isEmpty }
    /// Whether the application has taken all that there is, and is through with it.
    var areHandled: Bool { messages.isEmpty && !isBeingHandled }
    /// Whether more may come: one message always may.
    var hasRoom: Bool { messages.isEmpty || weight < weightLimit && messages.count < countLimit }

    mutating func append(_ message: WebSocketMessage) {
        messages.append(message)
        weight += message.buffer.readableBytes + Self.weightPerMessage
    }

    /// The next one, for an application that has done with the last.
    mutating func next() -> WebSocketMessage? {
        let message = messages.popFirst()
        isBeingHandled = message != nil
        if let message { weight -= message.buffer.readableBytes + Self.weightPerMessage }
        if messages.isEmpty { messages = Deque() }
        return message
    }
}
