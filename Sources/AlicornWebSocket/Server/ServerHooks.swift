// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornProtocol

extension WebSocketServer {
    /// What a server's own choice of subprotocol comes to (SUB-03).
    public enum SubprotocolChoice: Sendable, Hashable {
        /// That one, which the client has offered.
        case use(String)
        /// The connection opens without one.
        case none
        /// The handshake is refused with 400.
        case refuse
    }

    /// Chooses among the subprotocols that the client offers, in its order; on the connection's event loop, which it
    /// must not block. To choose one that is not offered is a 500.
    public typealias SubprotocolSelector = @Sendable (_ offered: [String], Request) -> SubprotocolChoice

    /// Sees each answer to an opening handshake before it is sent, and may change its header fields, or give another
    /// response instead (HOOK-02); on the connection's event loop, which it must not block.
    ///
    /// What makes a 101 the answer to this handshake cannot be changed: status, `Upgrade`, `Connection` and
    /// `Sec-WebSocket-*`. To do so, or to throw, is a 500.
    public typealias ResponseHook = @Sendable (Request, inout ResponseHead) throws -> Response?
}
