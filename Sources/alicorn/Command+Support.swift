// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornWebSocket
import ArgumentParser
import Dispatch
import Logging
import NIOCore

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

extension Logger {
    /// The log of the commands: standard error, so that standard output is the command's own.
    static let command: Logger = {
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        return Logger(label: "alicorn")
    }()
}

extension WebSocketServer {
    /// Serves until SIGINT or SIGTERM, then stops gracefully.
    func runUntilSignal(listening: @escaping @Sendable (SocketAddress) -> Void) async throws {
        let server = Task {
            try await run { address in
                listening(address)
                fflush(nil)
            }
        }
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { server.cancel() }
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        try await server.value
    }
}
