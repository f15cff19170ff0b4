// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTransport

/// The connections of one loop, to which a message crosses once.
struct LoopGroup<Recipient: MessageRecipient>: Sendable {
    let loop: ConnectionLoop
    var recipients: [Recipient]
}

extension Array {
    /// Adds a connection to the group of its loop.
    ///
    /// - Returns: the index of the group. There are as many as loops, so looking for it takes no time.
    @discardableResult
    mutating func add<Recipient>(_ recipient: Recipient) -> Int where Element == LoopGroup<Recipient> {
        let loop = recipient.driver.loop
        if let index = firstIndex(where: { $0.loop === loop }) {
            self[index].recipients.append(recipient)
            return index
        }
        append(LoopGroup(loop: loop, recipients: [recipient]))
        return endIndex - 1
    }
}
