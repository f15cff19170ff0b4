// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport

/// A span for each connection, from its handshake to its end.
protocol ConnectionSpans: Sendable {
    /// A server has accepted a request, which may carry the context that the span belongs to.
    func begin(_ request: RequestHead, on transport: any ConnectionTransport)
    /// A client begins to connect, with the span's context in its request.
    func begin(to uri: WebSocketURI, _ fields: inout [HeaderField])
    /// A client got no connection.
    func fail(_ error: any Error)
    func end(_ closure: Closure, on transport: any ConnectionTransport)
    /// Runs `body`, and all tasks that it starts, in the context of a connection's span.
    func run<Result>(on transport: any ConnectionTransport, _ body: () throws -> Result) rethrows -> Result
    /// The same for what waits.
    func run<Result>(
        on transport: any ConnectionTransport, _ body: () async throws -> Result
    ) async rethrows -> Result
}
