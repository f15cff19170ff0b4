// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol
package import AlicornTransport

/// What drives a connection whose handshake was accepted, as far as the server has to do with it: mostly a
/// `WebSocketDriver`.
///
/// Confined to the connection's loop.
package protocol AcceptedConnection: ConnectionDriver {
    /// What carries it.
    var transport: any ConnectionTransport { get }
    /// Who is told when it is gone.
    var owner: (any ConnectionOwner)? { get set }
    /// Closes as the server ends: TCP ends with the closing handshake, whether the client ends its side or not.
    func leave(with frame: CloseFrame)
    /// Cuts it at once, without a close frame.
    func abort()
}

extension WebSocketDriver: AcceptedConnection {}
