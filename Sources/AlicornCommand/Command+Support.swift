// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import Alicorn
import AlicornWebSocket
import ArgumentParser
import Logging
import NIOCore

extension Logger {
    /// The log of the commands: standard error, so that standard output is the command's own.
    static let command: Logger = {
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        return Logger(label: "alicorn")
    }()
}

extension WebSocketServer {
    /// Serves until SIGINT or SIGTERM, then stops gracefully.
    ///
    /// - Parameter listening: called with the address that is listened on.
    func runUntilSignal(listening: @escaping @Sendable (SocketAddress) -> Void) async throws {
        // In place before the address is known: whoever reads it may send a signal at once.
        let watch = try SignalWatch(.interrupt, .terminate)
        defer { watch.stop() }
        let server = Task { try await run(listening: listening) }
        let stopper = Task { for await _ in watch.signals { server.cancel() } }
        defer { stopper.cancel() }
        try await server.value
    }
}

extension SocketAddress {
    /// Host and port as they stand in an address, after `scheme`; the path of a Unix socket.
    func address(scheme: String) -> String {
        guard let host = ipAddress, let port else { return "unix:\(pathname ?? "")" }
        return "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}
