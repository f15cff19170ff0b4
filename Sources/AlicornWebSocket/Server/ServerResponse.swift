// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornProtocol
import AlicornTransport

extension WebSocketServer {
    /// An answer over plain HTTP.
    public struct Response: Sendable {
        /// Status and header fields; what frames the body is added when it is sent.
        public var head: ResponseHead
        /// The body, sent only where the request's method and the status allow one.
        public var body: [UInt8]

        /// Joins a head and a body.
        public init(_ head: ResponseHead, body: [UInt8] = []) {
            self.head = head
            self.body = body
        }

        /// An answer with text.
        ///
        /// - Parameter contentType: the value of `Content-Type`.
        public static func text(
            _ text: String, status: Int = 200, contentType: String = "text/plain; charset=utf-8"
        ) -> Self {
            var fields = HeaderFields()
            try? fields.append(name: "Content-Type", value: contentType)
            return Self(ResponseHead(status: status, fields: fields), body: Array(text.utf8))
        }

        /// What a client is told that is over a limit.
        init(_ refusal: ClientLimiter.Refusal) {
            self = .text("\(refusal).\n", status: refusal.status).adding("Retry-After", refusal.retryAfter)
        }

        /// The same with one more header field, which is known to be one that can be sent.
        func adding(_ name: String, _ value: String) -> Self {
            var response = self
            try? response.head.fields.append(name: name, value: value)
            return response
        }
    }
}
