// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol
import Synchronization

/// Holds a server's clients to its limits. Its memory is bounded by the open connections and by
/// ``ClientLimits/rememberedClients``.
package final class ClientLimiter: Sendable {
    /// What a client is answered that is over a limit.
    package enum Refusal: Error, Hashable {
        case tooManyConnections
        case tooManyConnectionsOfClient
        case tooManyHandshakes(retryAfter: Duration)
        case tooManyHandshakesOfClient(retryAfter: Duration)
    }

    fileprivate struct State {
        var connections: [HostAddress: Int] = [:]
        /// Whose connection it is, for those that count.
        var clients: [UInt64: HostAddress] = [:]
        var handshakes: EventMeter?
        var handshakesOfClients: AddressRates?
    }

    private let limits: ClientLimits
    fileprivate let state: Mutex<State>

    /// - Returns: `nil` when no limit is on.
    package init?(_ limits: ClientLimits) {
        var unlimited = ClientLimits()
        unlimited.rememberedClients = limits.rememberedClients
        guard limits != unlimited else { return nil }
        self.limits = limits
        state = Mutex(
            State(
                handshakes: limits.handshakes.map { EventMeter($0) },
                handshakesOfClients: limits.handshakesPerClient.map {
                    AddressRates($0, capacity: limits.rememberedClients)
                }))
    }

    /// Whether so many connections are more than can even be told that they are too many.
    package func mustCut(at count: Int) -> Bool {
        guard let limit = limits.connections else { return false }
        return count >= limit.addingClamped(max(16, limit / 8))
    }

    /// A connection has come.
    ///
    /// - Parameter count: those that are open beside.
    package func admitConnection(besides count: Int) throws(Refusal) {
        if let limit = limits.connections, count >= limit { throw .tooManyConnections }
    }

    /// It is known whose connection that on `transport` is; it counts as that client's until ``release(_:)``.
    package func count(_ client: HostAddress?, on transport: any ConnectionTransport) throws(Refusal) {
        guard let limit = limits.connectionsPerClient, let client = client?.client else { return }
        let isAdmitted = state.withLock { state in
            let id = transport.serial
            guard state.clients[id] != client else { return true }
            guard state.connections[client, default: 0] < limit else { return false }
            state.release(id)
            state.clients[id] = client
            state.connections[client, default: 0] += 1
            return true
        }
        if !isAdmitted { throw .tooManyConnectionsOfClient }
    }

    /// A client asks for a WebSocket connection.
    package func admitHandshake(of client: HostAddress?, at now: Timestamp) throws(Refusal) {
        let refusal = state.withLock { state -> Refusal? in
            // Its own first: one client's excess must not use up what is there for all.
            if let client = client?.client, let wait = state.handshakesOfClients?.admit(client, at: now) {
                return .tooManyHandshakesOfClient(retryAfter: wait)
            }
            return state.handshakes?.admit(at: now).map { .tooManyHandshakes(retryAfter: $0) }
        }
        if let refusal { throw refusal }
    }

    /// The connection on `transport` is gone.
    package func release(_ transport: any ConnectionTransport) {
        guard limits.connectionsPerClient != nil else { return }
        state.withLock { $0.release(transport.serial) }
    }
}

extension ClientLimiter.State {
    fileprivate mutating func release(_ id: UInt64) {
        guard let client = clients.removeValue(forKey: id), let count = connections[client] else { return }
        connections[client] = count > 1 ? count - 1 : nil
    }
}

extension ClientLimiter.Refusal {
    /// The status that answers it.
    package var status: Int { self == .tooManyConnections ? 503 : 429 }

    /// The value of Retry-After: when a client should come again.
    package var retryAfter: String {
        switch self {
        case .tooManyConnections, .tooManyConnectionsOfClient: "10"
        case .tooManyHandshakes(let wait), .tooManyHandshakesOfClient(let wait): "\(Self.wholeSeconds(wait))"
        }
    }

    /// RFC 9110 §10.2.3: whole seconds; rounded up, so that whoever keeps to it is let in.
    private static func wholeSeconds(_ wait: Duration) -> Int64 {
        let (seconds, attoseconds) = wait.components
        return max(1, attoseconds > 0 && seconds < .max ? seconds + 1 : seconds)
    }
}

extension ClientLimiter.Refusal: CustomStringConvertible {
    /// The limit that was met.
    package var description: String {
        switch self {
        case .tooManyConnections: "The server has as many connections as it takes"
        case .tooManyConnectionsOfClient: "There are as many connections from this address as the server takes"
        case .tooManyHandshakes: "The server is asked for more connections at once than it opens"
        case .tooManyHandshakesOfClient: "This address asks for connections more often than the server allows"
        }
    }
}
