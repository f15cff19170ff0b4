// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

// Serves wss://, and reads its certificate again on SIGHUP: new connections see the new one, those that are open go on.

import AlicornWebSocket
import Dispatch

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

let arguments = CommandLine.arguments
guard arguments.count == 4, let port = Int(arguments[1]) else { fatalError("usage: TLS PORT CHAIN KEY") }
let tls = try ServerTLS(identity: .pemFiles(certificateChain: arguments[2], privateKey: arguments[3]))

signal(SIGHUP, SIG_IGN)
let hangup = DispatchSource.makeSignalSource(signal: SIGHUP, queue: .main)
hangup.setEventHandler {
    do {
        try tls.reload()
        print("the certificate was read again")
    } catch {
        print("the certificate stays as it was: \(error)")
    }
}
hangup.resume()

var configuration = WebSocketServer.Configuration()
configuration.tls = tls
let server = WebSocketServer(host: "127.0.0.1", port: port, configuration: configuration) { connection in
    for try await message in connection { try await connection.send(message) }
}
try await server.run { print("listening on \($0)") }
