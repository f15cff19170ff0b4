// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// A handler wanted the library's WebSocket connection from a server that speaks WebSocket by NIOWebSocket's codec (`--ws nio`).
/// The client is answered with 500.
public struct NoLibraryConnection: Error, Sendable, Hashable, CustomStringConvertible {
    /// The path of the request.
    public let path: String

    /// What was done, and what to do.
    public var description: String {
        "the request for \(Excerpt(path)) cannot be upgraded to a WebSocketConnection, as this server runs with --ws nio, which has "
            + "none: use --ws alicorn, or an Application that receives and sends events"
    }
}
