// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

// Subscribes to a topic of a feed, prints what comes, and says why it ended.

import AlicornWebSocket

var arguments = Array(CommandLine.arguments.dropFirst())
var configuration = WebSocketClient.Configuration()
if let index = arguments.firstIndex(of: "--trust"), index + 1 < arguments.count {
    configuration.tls = ClientTLS(trustRoots: [.pemFile(arguments[index + 1])])
    arguments.removeSubrange(index...index + 1)
}
guard arguments.count >= 2 else { fatalError("usage: Feed [--trust FILE] ADDRESS TOPIC [COUNT]") }
let (address, topic) = (arguments[0], arguments[1])
let count = arguments.dropFirst(2).first.flatMap { Int($0) } ?? .max

do {
    try await WebSocketClient.connect(to: address, configuration: configuration) { connection in
        try await connection.send(topic)
        var received = 0
        for try await message in connection {
            print(message.isText ? message.text : "\(message.buffer.readableBytes) bytes")
            received += 1
            if received == count { return }
        }
    }
} catch let error as WebSocketError {
    print("the feed ended: \(error)")
}
