// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornTransport

/// Runs applications of some kind: in Swift, or in Python.
package protocol ApplicationHost: AnyObject, Sendable {
    /// What calls the application on a loop. Asked for once for each, on it.
    func makeLoop(_ loop: ConnectionLoop) -> any ApplicationLoop
}

/// A host's part on one loop. Confined to it.
package protocol ApplicationLoop: AnyObject {
    /// Calls the application with a request. It ends with ``HTTPExchange/applicationReturned()`` or
    /// ``HTTPExchange/applicationFailed(_:)``.
    func serve(_ exchange: HTTPExchange)
    /// Calls the application with a connection to be opened. It ends like a request.
    func serve(_ opening: WebSocketOpening)
    /// The server ends: from now on nothing is kept for requests to come.
    func leave()
}

/// An application that has been called and has not returned. Confined to its loop.
package protocol RunningApplication: AnyObject {
    /// Where it stands among those of its loop; below 0 when it does not.
    var runningIndex: Int { get set }
    /// Ends it: the server's time for it is up.
    func cancel()
}

/// What a server counts (P-35). From any thread.
package protocol ServerEvents: AnyObject, Sendable {
    /// A request's head has come; one of the next two follows, once.
    func didBeginRequest()
    /// A request's answer is whole.
    func didAnswer(method: String, status: Int, duration: Duration, bytes: Int)
    /// A request ended without a whole answer.
    func didAbandonRequest()
    /// A handshake was refused.
    func didRefuseHandshake(cause: RefusalCause)
    /// A limit was hit.
    func didHit(_ limit: ServerLimit)
}
