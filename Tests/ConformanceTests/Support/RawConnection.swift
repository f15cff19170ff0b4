// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornTesting

/// A TCP connection that sends whatever it is told: the opposite of a client that keeps rules.
enum RawConnection {
    /// Connects, sends all bytes, ends its direction, and reads until the other side ends its own.
    ///
    /// - Throws: ``ScriptedPeer/Failure`` when it cannot connect, when nothing comes for ten seconds, and when the
    ///   connection is reset. What was sent need not have been read: the other side may have had enough before.
    static func exchange(port: Int, sending bytes: [UInt8]) async throws -> [UInt8] {
        let peer = try await ScriptedPeer.connect(port: port)
        try? await peer.send(bytes)
        peer.finishWriting()
        return try await peer.receiveAll()
    }
}
