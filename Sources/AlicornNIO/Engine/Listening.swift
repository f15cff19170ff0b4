// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornTransport
import NIOCore
import NIOPosix

/// What accepts connections from one socket, on either engine.
package protocol ServerListener: Sendable {
    /// Stops listening; accepted connections go on.
    func close() async throws
    /// Waits until it is closed.
    func waitUntilClosed() async throws
}

extension NIOListener: ServerListener {}

#if os(Linux)
extension NativeListener: ServerListener {}
#endif

/// Sockets on which a server listens, and what carries the connections that come.
package struct Listening: Sendable {
    /// What carries connections.
    package enum Engine: Sendable, Hashable {
        /// SwiftNIO: everywhere.
        case nio
        /// Alicorn's own: Linux.
        case native
    }

    private let sockets: [ListeningSocket]
    private let engine: Engine
    private let threads: Int?
    private let tls: TLSListening?
    private let troubled: @Sendable (SystemFailure) -> Void

    /// - Parameters:
    ///   - sockets: closed at the end, whatever happens.
    ///   - threads: event loops of one's own; `nil` for those that the process shares, one for each core.
    ///   - tls: encrypts the connections, with SwiftNIO alone; `nil` for plain ones.
    ///   - troubled: called when no connections can be accepted for a while.
    package init(
        sockets: [ListeningSocket], engine: Engine, threads: Int?, tls: TLSListening?,
        troubled: @escaping @Sendable (SystemFailure) -> Void
    ) {
        self.sockets = sockets
        self.engine = engine
        self.threads = threads
        self.tls = tls
        self.troubled = troubled
    }

    /// Accepts connections for as long as `body` takes.
    ///
    /// - Parameter accept: makes the driver of an accepted connection, on its loop.
    /// - Throws: `SystemFailure` when the loops cannot be started; what SwiftNIO and `body` throw.
    package func run(
        _ accept: @escaping @Sendable (any ConnectionTransport) -> any ConnectionDriver,
        _ body: ([any ServerListener]) async throws -> Void
    ) async throws {
        switch engine {
        case .nio: try await runOnNIO(accept, body)
        #if os(Linux)
        case .native:
            let loops = try startLoops()
            try await body(
                sockets.map { NativeListener($0, loops: loops, troubled: troubled, makeDriver: accept) })
        #else
        case .native: preconditionFailure("the native engine runs on Linux only")
        #endif
        }
    }

    #if os(Linux)
    private func startLoops() throws(SystemFailure) -> NativeLoops {
        do throws(SystemFailure) {
            return if let threads { try NativeLoops(threads: threads) } else { try .shared() }
        } catch {
            for socket in sockets { socket.close() }
            throw error
        }
    }
    #endif

    private func runOnNIO(
        _ accept: @escaping @Sendable (any ConnectionTransport) -> any ConnectionDriver,
        _ body: ([any ServerListener]) async throws -> Void
    ) async throws {
        let own = threads.map { MultiThreadedEventLoopGroup(numberOfThreads: $0) }
        do {
            try await body(startNIOListeners(own ?? MultiThreadedEventLoopGroup.singleton, accept))
            try await own?.shutdownGracefully()
        } catch {
            try? await own?.shutdownGracefully()
            throw error
        }
    }

    private func startNIOListeners(
        _ group: MultiThreadedEventLoopGroup,
        _ accept: @escaping @Sendable (any ConnectionTransport) -> any ConnectionDriver
    ) async throws -> [NIOListener] {
        var listeners: [NIOListener] = []
        let loops = NIOLoops(group)
        do {
            for socket in sockets {
                listeners.append(
                    try await NIOListener.start(
                        socket, tls: tls, group: group, loops: loops, troubled: troubled, makeDriver: accept))
            }
        } catch {
            for listener in listeners { try? await listener.close() }
            // The channel that failed has closed its own.
            for socket in sockets.dropFirst(listeners.count + 1) { socket.close() }
            throw error
        }
        return listeners
    }
}
