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
    ///
    /// - Parameter listening: called with the address that is listened on.
    func runUntilSignal(listening: @escaping @Sendable (SocketAddress) -> Void) async throws {
        let (signals, note) = AsyncStream.makeStream(of: Void.self)
        // In place before the address is known: whoever reads it may send a signal at once.
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { note.yield() }
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        let server = Task {
            try await run { address in
                listening(address)
                fflush(nil)
            }
        }
        let stopper = Task { for await _ in signals { server.cancel() } }
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
