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
        ///
        /// With `permissions`, such as `0o660`, the file has those from its first moment (UNX-04); without, what the
        /// process' mask leaves.
        case unix(path: String, permissions: UInt16? = nil)
        /// A socket that was bound by somebody else and inherited, as from a supervisor. It stays theirs to close.
        case descriptor(Int32)

        var listenAddress: ListenAddress {
            switch self {
            case .tcp(let host, let port): .tcp(host: host, port: port)
            case .unix(let path, let permissions): .unix(path: path, permissions: permissions)
            case .descriptor(let number): .descriptor(number)
            }
        }
    }

    /// Binds and listens on all addresses, before anything else is made; or on none.
    func openSockets() throws(WebSocketError) -> [ListeningSocket] {
        guard !addresses.isEmpty else {
            throw WebSocketError(.listeningFailed, "the server has no address to listen on: give it one")
        }
        var sockets: [ListeningSocket] = []
        for address in addresses.map(\.listenAddress) {
            do throws(ListeningFailure) {
                sockets.append(try ListeningSocket(address, reusesPort: configuration.reusesPort))
            } catch {
                for socket in sockets { socket.close() }
                throw WebSocketError(
                    .listeningFailed, "the server cannot listen on \(address): \(error)", underlying: error)
            }
        }
        return sockets
    }

    /// Calls `body` with the listeners that accept from `sockets`.
    func withListeners(
        on sockets: [ListeningSocket], _ engine: Engine,
        _ accept: @escaping @Sendable (any ConnectionTransport) -> any ConnectionDriver,
        _ body: ([any ServerListener]) async throws -> Void
    ) async throws {
        switch engine {
        case .nio, .automatic: try await withNIOListeners(on: sockets, accept, body)
        #if os(Linux)
        case .native:
            let loops = try startLoops(orClose: sockets)
            try await body(
                sockets.map { NativeListener($0, loops: loops, troubled: logTrouble, makeDriver: accept) })
        #else
        case .native: break
        #endif
        }
    }

    #if os(Linux)
    private func startLoops(orClose sockets: [ListeningSocket]) throws(WebSocketError) -> NativeLoops {
        do throws(SystemFailure) {
            return if let threads = configuration.threads { try NativeLoops(threads: threads) } else { try .shared() }
        } catch {
            for socket in sockets { socket.close() }
            throw WebSocketError(
                .listeningFailed, "the server cannot start its event loops: \(error)", underlying: error)
        }
    }
    #endif

    private func withNIOListeners(
        on sockets: [ListeningSocket],
        _ accept: @escaping @Sendable (any ConnectionTransport) -> any ConnectionDriver,
        _ body: ([any ServerListener]) async throws -> Void
    ) async throws {
        let own = configuration.threads.map { MultiThreadedEventLoopGroup(numberOfThreads: $0) }
        let group = own ?? MultiThreadedEventLoopGroup.singleton
        do {
            try await body(startNIOListeners(on: sockets, group, accept))
            try await own?.shutdownGracefully()
        } catch {
            try? await own?.shutdownGracefully()
            throw error
        }
    }

    private func startNIOListeners(
        on sockets: [ListeningSocket], _ group: MultiThreadedEventLoopGroup,
        _ accept: @escaping @Sendable (any ConnectionTransport) -> any ConnectionDriver
    ) async throws -> [NIOListener] {
        var listeners: [NIOListener] = []
        let loops = NIOLoops(group)
        do {
            for socket in sockets {
                listeners.append(
                    try await NIOListener.start(
                        socket, tls: tls, group: group, loops: loops, troubled: logTrouble, makeDriver: accept))
            }
        } catch {
            for listener in listeners { try? await listener.close() }
            // The channel that failed has closed its own.
            for socket in sockets.dropFirst(listeners.count + 1) { socket.close() }
            throw error
        }
        return listeners
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
