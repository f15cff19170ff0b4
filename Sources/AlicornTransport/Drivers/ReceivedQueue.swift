// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import DequeModule

/// Messages that wait for the application, and whether it is through with what it has taken.
package struct ReceivedQueue<Message> {
    private var messages = Deque<(message: Message, weight: Int)>()
    /// What they weigh against the limit.
    private var weight = 0
    private let weightLimit: Int
    private let countLimit: Int
    /// Whether it holds more memory than is worth keeping once it is empty.
    private var hasGrownLarge = false
    /// Whether a message was taken after which nobody has asked for the next one.
    private var isBeingHandled = false

    /// What a message weighs beside its bytes.
    private static var weightPerMessage: Int { 64 }
    /// For how many messages memory is kept.
    private static var keptCount: Int { 8 }

    /// - Parameters:
    ///   - bytes: those of all messages beyond which no more may come, with 64 for each message.
    ///   - messages: the same, for their number.
    package init(bytes: Int, messages: Int) {
        weightLimit = bytes
        countLimit = messages
    }

    package var isEmpty: Bool { messages.isEmpty }
    /// Whether the application has taken all that there is, and is through with it.
    package var areHandled: Bool { messages.isEmpty && !isBeingHandled }
    /// Whether more may come: one message always may.
    package var hasRoom: Bool { messages.isEmpty || weight < weightLimit && messages.count < countLimit }

    package mutating func append(_ message: Message, bytes: Int) {
        let added = bytes + Self.weightPerMessage
        messages.append((message, added))
        weight += added
        if messages.count > Self.keptCount { hasGrownLarge = true }
    }

    /// The next one, for an application that has done with the last.
    package mutating func next() -> Message? {
        let taken = messages.popFirst()
        isBeingHandled = taken != nil
        weight -= taken?.weight ?? 0
        if hasGrownLarge, messages.isEmpty {
            messages = Deque()
            hasGrownLarge = false
        }
        return taken?.message
    }

    /// Takes all that nobody has asked for.
    package mutating func removeAll() -> [Message] {
        defer {
            messages = Deque()
            weight = 0
        }
        return messages.map(\.message)
    }
}
