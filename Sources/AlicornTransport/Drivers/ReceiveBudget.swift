// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// How many messages may wait for an application, and whether it is through with what it has taken. The messages are kept by
/// whoever keeps this.
package struct ReceiveBudget {
    private var count = 0
    /// What they weigh against the limit.
    private var weight = 0
    private let weightLimit: Int
    private let countLimit: Int
    /// Whether a message was taken after which nobody has asked for the next one.
    private var isBeingHandled = false

    /// What a message weighs beside its bytes.
    private static let weightPerMessage = 64

    /// - Parameters:
    ///   - bytes: those of all messages beyond which no more may come, with 64 for each message.
    ///   - messages: the same, for their number.
    package init(bytes: Int, messages: Int) {
        weightLimit = bytes
        countLimit = messages
    }

    /// Whether the application has taken all that there is, and is through with it.
    package var areHandled: Bool { count == 0 && !isBeingHandled }
    /// Whether more may come: one message always may.
    package var hasRoom: Bool { count == 0 || weight < weightLimit && count < countLimit }

    /// A message waits.
    package mutating func add(bytes: Int) {
        count += 1
        weight += bytes + Self.weightPerMessage
    }

    /// The application has taken it, and has done with the one before.
    package mutating func take(bytes: Int) {
        count -= 1
        weight -= bytes + Self.weightPerMessage
        isBeingHandled = true
    }

    /// The application has found none, and has done with the one before.
    package mutating func findNone() { isBeingHandled = false }
}
