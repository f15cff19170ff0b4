// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

// The code of the articles about logs, metrics and ends; scripts/check-snippets sees to it that they quote nothing else.

import AlicornWebSocket
import Logging

// snippet.loggers
func verbose() async throws {
    var logger = Logger(label: "feed")
    logger.logLevel = .debug
    var configuration = WebSocketClient.Configuration()
    configuration.logger = logger
    try await WebSocketClient.connect(to: "ws://127.0.0.1:8765/", configuration: configuration) { connection in
        try await connection.send("hello")
    }
}
// snippet.end

// snippet.own
func serve() async throws {
    let server = WebSocketServer(host: "127.0.0.1", port: 8765) { connection in
        let logger = connection.logger
        for try await message in connection {
            logger.info("order received", metadata: ["bytes": "\(message.buffer.readableBytes)"])
        }
    }
    try await server.run()
}
// snippet.end

// snippet.cause
func follow(_ connection: WebSocketConnection) async {
    do {
        for try await message in connection { print(message) }
    } catch let error as WebSocketError where error.code == .closed {
        switch error.closure?.cause {
        case .keepaliveTimeout(let silence): print("nothing came for \(silence): the peer or the way to it is dead")
        case .connectionLost, .transportFailed: print("TCP ended: connect again")
        case .closedByPeer: print("the peer said \(error.closure?.code.description ?? "nothing")")
        case .violation(.messageTooBig(let size, let limit)): print("\(size) bytes came, \(limit) are allowed")
        default: print(error)
        }
    } catch {
        print(error)
    }
}
// snippet.end

// snippet.keepalive
func throughProxies() -> ConnectionConfiguration {
    var configuration = ConnectionConfiguration()
    configuration.limits.pingInterval = .seconds(15)
    configuration.limits.pingTimeout = .seconds(20)
    return configuration
}
// snippet.end

#if Metrics
import CoreMetrics

// snippet.metrics
func measured(by factory: any MetricsFactory) -> WebSocketServer.Configuration {
    var configuration = WebSocketServer.Configuration()
    configuration.observability.metricsFactory = factory
    return configuration
}
// snippet.end
#endif

try await verbose()
