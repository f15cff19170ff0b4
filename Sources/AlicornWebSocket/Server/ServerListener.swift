// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornNIO
import AlicornTransport
import Logging

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
        let listening = Listening(
            sockets: sockets, engine: engine == .native ? .native : .nio, threads: configuration.threads, tls: tls,
            troubled: logTrouble)
        do {
            try await listening.run(accept, body)
        } catch let failure as SystemFailure {
            throw WebSocketError(
                .listeningFailed, "the server cannot start its event loops: \(failure)", underlying: failure)
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
