// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornWebSocket
import EngineTesting
import Logging
import NIOCore

extension WebSocketServer {
    /// A server on a free port of this machine.
    static func local(
        _ configuration: Configuration = Configuration(), logger: Logger = .silent, handler: @escaping Handler
    ) -> Self {
        Self(host: "127.0.0.1", port: 0, configuration: configuration.onEngine, logger: logger, handler: handler)
    }

    /// A handler that sends every message back.
    static let echo: Handler = { connection in
        for try await message in connection { try await connection.send(message) }
    }

    /// The same server, served by callbacks.
    static func local(
        _ configuration: Configuration = Configuration(), logger: Logger = .silent,
        callbacks: @escaping HandlerFactory
    ) -> Self {
        Self(host: "127.0.0.1", port: 0, configuration: configuration.onEngine, logger: logger, callbacks: callbacks)
    }

    /// Serves while `body` runs, which gets the port, and has stopped when this returns: all connections are gone and all
    /// that there is to log is logged.
    func serving<Result: Sendable>(_ body: @Sendable (Int) async throws -> Result) async throws -> Result {
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { continuation.finish() }
                try await run { continuation.yield($0.port ?? 0) }
            }
            guard let port = await ports.first(where: { _ in true }) else {
                try await group.waitForAll()
                throw NeverListened()
            }
            let result = try await body(port)
            group.cancelAll()
            try await group.waitForAll()
            return result
        }
    }

    private struct NeverListened: Error {}
}

extension WebSocketServer.Configuration {
    /// The same on the engine under test.
    fileprivate var onEngine: Self {
        var configuration = self
        configuration.engine = EngineUnderTest.current
        return configuration
    }
}

/// Sends every message back, by callbacks.
final class EchoHandler: WebSocketHandler {
    func received(_ kind: MessageKind, _ bytes: Span<UInt8>, on connection: CallbackConnection) {
        try? connection.send(bytes, as: kind)
    }
}

extension Logger {
    /// Drops everything.
    static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}
