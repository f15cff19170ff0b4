// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol

/// Runs applications of some kind: in Swift, or in Python. Called on the connections' loops.
package protocol ApplicationHost: AnyObject, Sendable {
    /// Calls the application with a request. It ends with ``HTTPExchange/applicationReturned()`` or
    /// ``HTTPExchange/applicationFailed(_:)``.
    func serve(_ exchange: HTTPExchange)
    /// Calls the application with a connection to be opened. It ends like a request.
    func serve(_ opening: WebSocketOpening)
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
    /// A response is complete.
    func didAnswer(method: String, status: Int, bytes: Int, duration: Duration)
    /// A request begins, or its application has ended.
    func didChangeRunning(by count: Int)
    /// A handshake was refused, for a reason from a closed set of words.
    func didRefuseHandshake(label: String)
    /// A handshake was accepted.
    func didAcceptHandshake()
    /// Something was refused because of a limit, by its name.
    func didReachLimit(_ name: String)
    /// A request broke HTTP and was answered with a status.
    func didRefuseRequest(status: Int)
}
