// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport

/// Answers whatever is asked on a connection that is one too many, and has it closed.
final class RefusingResponder: RequestResponder {
    private let response: WebSocketServer.Response
    private let whenClosed: (HTTPServerDriver) -> Void

    init(_ refusal: ClientLimiter.Refusal, whenClosed: @escaping (HTTPServerDriver) -> Void) {
        response = WebSocketServer.Response(refusal)
        self.whenClosed = whenClosed
    }

    func receive(_ request: consuming RequestHead, body: consuming ReceivedBody, from driver: HTTPServerDriver) {
        driver.closeAfterResponse()
        driver.respond(response.head, body: response.body)
    }

    func answer(to violation: HTTPViolation, on driver: HTTPServerDriver) -> FinalAnswer { FinalAnswer(violation) }

    func closed(_ driver: HTTPServerDriver) { whenClosed(driver) }
}
