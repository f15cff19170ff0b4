// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornWebSocket
import NIOCore
import Synchronization

/// Connections that hear each other.
final class Room: Sendable {
    private let members = Mutex<[ObjectIdentifier: @Sendable (WebSocketMessage) -> Void]>([:])

    var count: Int { members.withLock { $0.count } }

    /// Lets the connection hear the room, and the room the connection, until it closes.
    func join(_ connection: WebSocketConnection) async throws {
        let key = ObjectIdentifier(connection)
        add(key) { connection.post($0) }
        defer { remove(key) }
        for try await message in connection { send(message) }
    }

    func add(_ key: ObjectIdentifier, hear: @escaping @Sendable (WebSocketMessage) -> Void) {
        members.withLock { $0[key] = hear }
    }

    func remove(_ key: ObjectIdentifier) { members.withLock { $0[key] = nil } }

    /// Sends a message to all. Nobody waits for a slow one.
    func send(_ message: WebSocketMessage) {
        for hear in members.withLock({ Array($0.values) }) { hear(message) }
    }
}

/// A member of a room on the callback surface.
final class RoomHandler: WebSocketHandler {
    private let room: Room

    init(room: Room) { self.room = room }

    func opened(_ connection: CallbackConnection) {
        room.add(ObjectIdentifier(self)) { connection.post($0) }
    }

    func received(_ kind: MessageKind, _ bytes: Span<UInt8>, on connection: CallbackConnection) {
        room.send(WebSocketMessage(bytes.withUnsafeBytes { ByteBuffer(bytes: $0) }, as: kind))
    }

    func closed(_ closure: Closure, _ connection: CallbackConnection) { room.remove(ObjectIdentifier(self)) }
}
