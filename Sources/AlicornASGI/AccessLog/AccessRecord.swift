// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol

/// What is known of a request or connection when its line goes into the access log (U-LG-04 to U-LG-06, P-35).
package struct AccessRecord: Sendable {
    /// What has happened.
    package enum Event: Sendable, Hashable {
        /// A request is answered: written when the response starts, unless the format asks for what is known at its end.
        case request(status: Int)
        /// An opening handshake was accepted (101) or refused.
        case handshake(status: Int)
        /// A WebSocket connection has ended.
        case end(code: UInt16, reason: String, messagesReceived: Int, messagesSent: Int)

        /// What it is called as a field of a line.
        package var name: String {
            switch self {
            case .request: "request"
            case .handshake: "handshake"
            case .end: "end"
            }
        }
    }

    package var event: Event
    /// The client's address and port, such as `127.0.0.1:50000`; empty for that of a Unix socket.
    package var client: String
    /// Method, target and header fields as they came.
    package var head: RequestHead
    /// The path, percent-decoded, with the root path in front.
    package var path: String
    /// From the request to the event; `nil` where it is not measured.
    package var duration: Duration?
    /// Bytes of the response's body, or of the connection's messages that were sent; `nil` where it is not known yet.
    package var bytesSent: Int?
    /// The response's header fields; empty for an event that has none.
    package var responseFields: HeaderFields

    package init(
        _ event: Event, client: String, head: RequestHead, path: String, duration: Duration? = nil,
        bytesSent: Int? = nil, responseFields: HeaderFields = HeaderFields()
    ) {
        self.event = event
        self.client = client
        self.head = head
        self.path = path
        self.duration = duration
        self.bytesSent = bytesSent
        self.responseFields = responseFields
    }
}
