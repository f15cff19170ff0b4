// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol

/// Whoever answers for a WebSocket connection, until it is gone.
package protocol ConnectionOwner: AnyObject {
    /// The connection is gone. Called once, on its loop.
    func connectionEnded(_ connection: EndedConnection)
}

/// What came of a WebSocket connection.
package struct EndedConnection {
    /// What has carried it.
    package let transport: any ConnectionTransport
    /// How it ended.
    package let closure: Closure
    /// Whole messages that came.
    package let messagesReceived: UInt32
    /// Whole messages that were sent.
    package let messagesSent: UInt32

    package init(
        transport: any ConnectionTransport, closure: Closure, messagesReceived: UInt32, messagesSent: UInt32
    ) {
        self.transport = transport
        self.closure = closure
        self.messagesReceived = messagesReceived
        self.messagesSent = messagesSent
    }
}
