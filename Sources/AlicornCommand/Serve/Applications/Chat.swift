// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornWebSocket
import Foundation

/// The demo's chat room; ``DemoPage`` documents what is said on the wire.
final class Chat: Sendable {
    private let room = Room<WebSocketConnection>()
    private static let longestName = 32
    private static let longestText = 2000

    /// What the page says.
    private struct Command: Decodable {
        var type: String
        var name: String?
        var text: String?
    }

    /// What the server says.
    private struct Notice: Encodable {
        var type: String
        var name: String?
        var text: String?
        var people: Int?

        var message: WebSocketMessage {
            get throws { .text(String(decoding: try JSONEncoder().encode(self), as: UTF8.self)) }
        }
    }

    func serve(_ connection: WebSocketConnection) async throws {
        var name: String?
        defer {
            room.remove(connection)
            if let name { try? room.send(Notice(type: "left", name: name, people: room.count).message) }
        }
        for try await message in connection {
            switch Self.parse(message) {
            case .join(let newName):
                try room.send(Notice(type: "joined", name: newName, people: room.count + (name == nil ? 1 : 0)).message)
                if name == nil { room.add(connection) }
                name = newName
                try await connection.send(Notice(type: "welcome", people: room.count).message)
            case .say(let text):
                guard let name else { return try await refuse(connection) }
                try room.send(Notice(type: "said", name: name, text: text).message)
            case nil:
                return try await refuse(connection)
            }
        }
    }

    private func refuse(_ connection: WebSocketConnection) async throws {
        try await connection.close(.policyViolation, reason: "not a message of this chat")
    }

    private enum Request {
        case join(String)
        case say(String)
    }

    private static func parse(_ message: WebSocketMessage) -> Request? {
        guard message.isText, let command = try? JSONDecoder().decode(Command.self, from: Data(message.text.utf8))
        else {
            return nil
        }
        switch (command.type, command.name, command.text) {
        case ("join", let name?, _) where (1...longestName).contains(name.count): return .join(name)
        case ("say", _, let text?) where (1...longestText).contains(text.count): return .say(text)
        default: return nil
        }
    }
}
