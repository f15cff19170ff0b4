// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

// Topics, with who is present. A message is the name of a topic to hear from, or `NAME: TEXT` for those who do.

import AlicornWebSocket

let topics = Topics(whenSlow: .skip())
let maximumPerConnection = 100

func tellWhoIsPresent(in name: String) {
    topics.post(.text("\(name): \(topics.subscriberCount(of: name)) present"), to: name)
}

func serve(_ connection: WebSocketConnection) async throws {
    var joined: Set<String> = []
    defer {
        for name in joined {
            topics.unsubscribe(connection, from: name)
            tellWhoIsPresent(in: name)
        }
    }
    for try await message in connection where message.isText {
        if let colon = message.text.firstIndex(of: ":") {
            let report = await topics.publish(message, to: String(message.text[..<colon]))
            try await connection.send("\(report.sent) got it")
        } else if joined.contains(message.text) || joined.count < maximumPerConnection {
            joined.insert(message.text)
            topics.subscribe(connection, to: message.text)
            tellWhoIsPresent(in: message.text)
        } else {
            try await connection.send("no more than \(maximumPerConnection) topics, please")
        }
    }
}

let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 8765
let server = WebSocketServer(host: "127.0.0.1", port: port) { try await serve($0) }
try await server.run { print("listening on \($0)") }
