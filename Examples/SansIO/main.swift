// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

// An echo server of blocking sockets and threads: the protocol without input and output, driven by hand.

import AlicornProtocol
import Foundation

let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 8765
let handshake = try ServerHandshake()
let listener = BlockingSocket(listeningOn: port)
print("listening on port \(port)")
while true {
    let client = listener.accept()
    Thread.detachNewThread {
        var connection = EchoConnection(client, handshake)
        connection.serve()
    }
}
