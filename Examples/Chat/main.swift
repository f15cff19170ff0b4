// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

// A room in which everybody hears what anybody says. Say who you are: ws://127.0.0.1:8765/?name=Ada

import AlicornWebSocket

/// Who is there.
actor Room {
    private var members: [WebSocketConnection] = []

    func serve(_ connection: WebSocketConnection, of name: String) async throws {
        members.append(connection)
        tell("\(name) has come, which makes \(members.count)")
        defer {
            members.removeAll { $0 === connection }
            tell("\(name) has gone")
        }
        for try await message in connection where message.isText {
            tell("\(name): \(message.text)")
        }
    }

    /// Waits for nobody: a member that reads slowly does not hold up the others.
    private func tell(_ text: String) {
        WebSocketConnection.broadcast(.text(text), to: members)
    }
}

/// What the request says behind `name=`.
func name(in request: RequestHead) -> String? {
    let parameters = request.pathAndQuery.split(separator: "?").dropFirst().first?.split(separator: "&") ?? []
    return parameters.first { $0.hasPrefix("name=") }.map { String($0.dropFirst("name=".count)) }
}

let room = Room()
let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 8765
let server = WebSocketServer(
    host: "127.0.0.1", port: port,
    respond: { request in
        name(in: request.head) == nil ? .text("say who you are: /?name=Ada\n", status: 403) : nil
    }
) { connection in
    try await room.serve(connection, of: name(in: connection.request) ?? "somebody")
}
try await server.run { print("listening on \($0)") }
