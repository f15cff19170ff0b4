// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornWebSocket
import NIOCore
import Synchronization

/// Connections that hear each other.
final class Room<Member: AnyObject & Sendable>: Sendable {
    private let members = Mutex<[Member]>([])
    private let broadcast: @Sendable (WebSocketMessage, [Member]) -> Void

    init(broadcast: @escaping @Sendable (WebSocketMessage, [Member]) -> Void) { self.broadcast = broadcast }

    var count: Int { members.withLock { $0.count } }

    func add(_ member: Member) { members.withLock { $0.append(member) } }

    func remove(_ member: Member) {
        members.withLock { members in
            guard let index = members.firstIndex(where: { $0 === member }) else { return }
            members.swapAt(index, members.count - 1)
            members.removeLast()
        }
    }

    /// Sends a message to all. Nobody waits for a slow one.
    func send(_ message: WebSocketMessage) { broadcast(message, members.withLock { $0 }) }
}

extension Room where Member == WebSocketConnection {
    convenience init() { self.init { WebSocketConnection.broadcast($0, to: $1) } }

    /// Lets the connection hear the room, and the room the connection, until it closes.
    func join(_ connection: WebSocketConnection) async throws {
        add(connection)
        defer { remove(connection) }
        for try await message in connection { send(message) }
    }
}

extension Room where Member == CallbackConnection {
    convenience init() { self.init { CallbackConnection.broadcast($0, to: $1) } }
}

/// A member of a room on the callback surface.
final class RoomHandler: WebSocketHandler {
    private let room: Room<CallbackConnection>

    init(room: Room<CallbackConnection>) { self.room = room }

    func opened(_ connection: CallbackConnection) { room.add(connection) }

    func received(_ kind: MessageKind, _ bytes: Span<UInt8>, on connection: CallbackConnection) {
        room.send(WebSocketMessage(bytes.withUnsafeBytes { ByteBuffer(bytes: $0) }, as: kind))
    }

    func closed(_ closure: Closure, _ connection: CallbackConnection) { room.remove(connection) }
}
