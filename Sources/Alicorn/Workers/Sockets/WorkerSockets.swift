// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornTransport

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// What a supervisor and its workers listen on, bound once and kept open, so that a worker that dies loses no connection
/// that waits.
///
/// On Linux each worker has a socket of its own for each TCP port, and the kernel shares the connections out (I-11, P-33).
/// Elsewhere, and for Unix sockets and inherited ones, all accept from the same.
package final class WorkerSockets {
    private var listeners: [Listener]

    private enum Listener {
        case shared(ListeningSocket)
        #if os(Linux)
        case balanced(BalancedPort)
        #endif
    }

    /// An address on which nobody can listen.
    package struct Failure: Error, CustomStringConvertible {
        package var address: ListenAddress
        package var cause: ListeningFailure

        package var description: String { "cannot listen on \(address): \(cause)" }
    }

    /// Binds and listens on all addresses, for so many workers; or on none.
    ///
    /// - Parameter backlog: connections that the kernel keeps for each of the sockets until they are accepted.
    package init(_ addresses: [ListenAddress], workers: Int, backlog: Int32) throws(Failure) {
        listeners = []
        for address in addresses {
            do throws(ListeningFailure) {
                listeners.append(try Self.listen(address, workers: workers, backlog))
            } catch {
                close()
                throw Failure(address: address, cause: error)
            }
        }
    }

    private static func listen(
        _ address: ListenAddress, workers: Int, _ backlog: Int32
    ) throws(ListeningFailure) -> Listener {
        // Alone on its port first: a second server there has to fail, not to get half of the connections.
        let first = try ListeningSocket(address, backlog: backlog)
        switch address {
        case .unix: break
        // The supervisor and each worker have copies; the original would live on in workers after all of these.
        case .descriptor(let original): _ = fcntl(original, F_SETFD, FD_CLOEXEC)
        case .tcp(let host, _):
            #if os(Linux)
            if let port = BalancedPort(first, host: host, workers: workers) { return .balanced(port) }
            #else
            _ = host
            #endif
        }
        return .shared(first)
    }

    /// What is listened on, with the ports that the system picked.
    package var endpoints: [SocketEndpoint] {
        listeners.map { listener in
            switch listener {
            case .shared(let socket): socket.endpoint
            #if os(Linux)
            case .balanced(let port): port.endpoint
            #endif
            }
        }
    }

    /// Whether connections wait for one worker, not for whoever is first.
    package var areBalanced: Bool {
        listeners.contains { listener in
            switch listener {
            case .shared: false
            #if os(Linux)
            case .balanced: true
            #endif
            }
        }
    }

    /// The descriptors from which the worker with that number accepts. One that is new gets new sockets.
    package func descriptors(for number: Int) throws(ListeningFailure) -> [Int32] {
        var descriptors: [Int32] = []
        for index in listeners.indices {
            switch listeners[index] {
            case .shared(let socket): descriptors.append(socket.descriptor)
            #if os(Linux)
            case .balanced(var port):
                defer { listeners[index] = .balanced(port) }
                descriptors.append(try port.descriptor(for: number))
            #endif
            }
        }
        return descriptors
    }

    #if os(Linux)
    /// Has new connections wait for these workers alone.
    package func steer(to numbers: [Int]) {
        for case .balanced(let port) in listeners { port.steer(to: numbers) }
    }

    /// Stops listening for workers with this number and above.
    package func close(from number: Int) {
        for index in listeners.indices {
            guard case .balanced(var port) = listeners[index] else { continue }
            port.close(from: number)
            listeners[index] = .balanced(port)
        }
    }
    #else
    package func steer(to numbers: [Int]) {}
    package func close(from number: Int) {}
    #endif

    /// Stops listening, and removes the files of Unix sockets.
    package func close() {
        for listener in listeners {
            switch listener {
            case .shared(let socket): socket.close()
            #if os(Linux)
            case .balanced(var port): port.close(from: 0)
            #endif
            }
        }
        listeners = []
    }
}
