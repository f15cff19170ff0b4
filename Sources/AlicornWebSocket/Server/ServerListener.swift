// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornNIO
import AlicornTransport
import Logging
import NIOCore
import NIOPosix

/// A server that accepts connections, on either engine.
protocol ServerListener: Sendable {
    /// Stops listening; accepted connections go on.
    func close() async throws
    /// Waits until it is closed.
    func waitUntilClosed() async throws
}

extension NIOListener: ServerListener {}

#if os(Linux)
extension NativeListener: ServerListener {}
#endif

extension WebSocketServer {
    /// What carries a server's connections.
    public enum Engine: Sendable, Hashable, CaseIterable {
        /// ``native`` where it exists, else ``nio``.
        case automatic
        /// SwiftNIO: everywhere.
        case nio
        /// Alicorn's own: Linux. It needs a fraction of the memory and processor time for each connection and message.
        case native

        /// The same, but never ``automatic``.
        ///
        /// - Throws: ``WebSocketError`` with ``WebSocketError/Code/listeningFailed`` when it does not exist here.
        var resolved: Engine {
            get throws {
                #if os(Linux)
                self == .automatic ? .native : self
                #else
                guard self != .native else {
                    throw WebSocketError(
                        .listeningFailed, "the native engine runs on Linux only: use the engine nio, or auto")
                }
                return .nio
                #endif
            }
        }
    }

    /// Where a server listens.
    public enum Address: Sendable, Hashable {
        /// A host's name or IP address, and a port; with 0 the system picks one.
        case tcp(host: String, port: Int)
        /// A Unix socket in the file system. A stale one, on which nobody listens any more, is replaced.
        case unix(path: String)
        /// A socket that was bound by somebody else and inherited, as from a supervisor. It stays theirs to close.
        case descriptor(Int32)

        var listenAddress: ListenAddress {
            switch self {
            case .tcp(let host, let port): .tcp(host: host, port: port)
            case .unix(let path): .unix(path: path)
            case .descriptor(let number): .descriptor(number)
            }
        }
    }

    /// Binds and listens, before anything else is made.
    func openSocket() throws -> ListeningSocket {
        let address = address.listenAddress
        do throws(ListeningFailure) {
            return try ListeningSocket(address, reusesPort: configuration.reusesPort)
        } catch {
            throw WebSocketError(
                .listeningFailed, "the server cannot listen on \(address): \(error)", underlying: error)
        }
    }

    /// Calls `body` with the listener that accepts from `socket`, on the configured engine.
    func withListener(
        on socket: ListeningSocket, _ accept: @escaping @Sendable (any ConnectionTransport) -> any ConnectionDriver,
        _ body: (any ServerListener) async throws -> Void
    ) async throws {
        switch try configuration.usedEngine {
        case .nio, .automatic: try await withNIOListener(on: socket, accept, body)
        #if os(Linux)
        case .native:
            let loops = try startLoops(orClose: socket)
            try await body(NativeListener(socket, loops: loops, troubled: logTrouble, makeDriver: accept))
        #else
        case .native: break
        #endif
        }
    }

    #if os(Linux)
    private func startLoops(orClose socket: ListeningSocket) throws(WebSocketError) -> NativeLoops {
        do throws(SystemFailure) {
            return if let threads = configuration.threads { try NativeLoops(threads: threads) } else { try .shared() }
        } catch {
            socket.close()
            throw WebSocketError(
                .listeningFailed, "the server cannot start its event loops: \(error)", underlying: error)
        }
    }
    #endif

    private func withNIOListener(
        on socket: ListeningSocket, _ accept: @escaping @Sendable (any ConnectionTransport) -> any ConnectionDriver,
        _ body: (any ServerListener) async throws -> Void
    ) async throws {
        let own = configuration.threads.map { MultiThreadedEventLoopGroup(numberOfThreads: $0) }
        let group = own ?? MultiThreadedEventLoopGroup.singleton
        do {
            try await body(
                NIOListener.start(
                    socket, tls: tls, group: group, loops: NIOLoops(group), troubled: logTrouble, makeDriver: accept))
            try await own?.shutdownGracefully()
        } catch {
            try? await own?.shutdownGracefully()
            throw error
        }
    }

    private var tls: TLSListening? {
        configuration.tls.map { tls in
            TLSListening(tls) { [logger] failure, peer in
                logger.info("TLS handshake failed", metadata: ["peer": "\(peer)", "cause": "\(failure)"])
            }
        }
    }

    private var logTrouble: @Sendable (SystemFailure) -> Void {
        { [logger] failure in
            logger.warning(
                failure.isShortage
                    ? "no connections are accepted until others end: raise the limit on open files"
                    : "no connections are accepted: the listening socket fails",
                metadata: ["cause": "\(failure)"])
        }
    }
}
