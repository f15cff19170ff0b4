// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

/// What an opening handshake came to.
package enum HandshakeOutcome: Sendable, Hashable {
    case accepted
    /// A server refused, with a status.
    case refused(status: Int)
    /// A client did not get a connection: the error's code.
    case failed(String)
    /// A client gave up waiting for it.
    case cancelled
}
