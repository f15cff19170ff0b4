// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol

/// What answers the requests of a connection.
///
/// Called on the connection's loop; answers there, at once or later, with ``HTTPServerDriver/respond(_:body:leading:)``, with
/// a response in pieces, or with ``HTTPServerDriver/upgrade(_:leading:makeDriver:)``, once for each request.
package protocol RequestResponder: AnyObject {
    func receive(_ request: consuming RequestHead, body: consuming ReceivedBody, from driver: HTTPServerDriver)
    /// The client broke the protocol: makes the answer to that, which is the last.
    func answer(to violation: HTTPViolation, on driver: HTTPServerDriver) -> FinalAnswer
    /// The request was not answered in time: makes the answer to that, which is the last.
    func answerToLateness(on driver: HTTPServerDriver) -> FinalAnswer
    /// The connection is gone without having been upgraded.
    func closed(_ driver: HTTPServerDriver)
}

/// An answer that the server gives in the place of the application; the connection ends with it.
package struct FinalAnswer: Sendable {
    package var head: ResponseHead
    package var body: [UInt8]
    /// Fields in front of the head's own; with none the date is added.
    package var leading: SerializedFields?

    package init(_ head: ResponseHead, body: [UInt8], leading: SerializedFields? = nil) {
        self.head = head
        self.body = body
        self.leading = leading
    }

    /// What a violation says of itself.
    package init(_ violation: HTTPViolation) {
        let (head, body) = violation.response
        self.init(head, body: body)
    }
}

extension RequestResponder {
    package func answerToLateness(on driver: HTTPServerDriver) -> FinalAnswer {
        FinalAnswer(ResponseHead(status: 503), body: Array("The server did not answer in time.\n".utf8))
    }
}
