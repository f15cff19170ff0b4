// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol

/// A client and a server that are joined by a simulated TCP connection, in virtual time.
struct Pair {
    let client: Endpoint
    let server: Endpoint
    /// How long bytes are on their way, in seconds.
    var latency: Double
    /// The time, in seconds.
    private(set) var now: Double = 0
    /// Sides from which nothing arrives any more, as if the cable was cut.
    var silent: Set<Role> = []
    /// Sides whose TCP has ended altogether, by themselves or by the other's cut.
    private(set) var gone: Set<Role> = []
    /// What each side did with TCP and when, in order.
    private(set) var endings: [Ending] = []

    struct Ending: Equatable {
        var by: Role
        var end: WebSocketProtocol.OutputEnd
        var at: Double
    }

    private struct Packet {
        var to: Role
        var at: Double
        var content: Content
    }

    private enum Content {
        case bytes([UInt8])
        case end
        case cut
    }

    private var underway: [Packet] = []
    private var written: [Role: WebSocketProtocol.OutputEnd] = [:]

    init(latency: Double = 0.1, client: ProtocolConfiguration = .init(), server: ProtocolConfiguration = .init()) {
        self.latency = latency
        self.client = Endpoint(.client, client)
        self.server = Endpoint(.server, server)
    }

    private func endpoint(_ role: Role) -> Endpoint { role == .client ? client : server }

    /// Lets time pass until nothing is to be done any more before `limit`.
    mutating func run(until limit: Double) {
        while true {
            write()
            let arrival = underway.map(\.at).min()
            let deadlines = [Role.client, .server].compactMap { role -> Double? in
                gone.contains(role) ? nil : endpoint(role).connection.nextDeadline?.seconds
            }
            guard let next = ([arrival].compactMap { $0 } + deadlines).min(), next <= limit else { break }
            now = max(now, next)
            deliver()
            for role in [Role.client, .server] where !gone.contains(role) { endpoint(role).handleTimeouts(until: now) }
        }
        now = limit
    }

    private mutating func write() {
        for role in [Role.client, .server] where !gone.contains(role) {
            let (bytes, end) = endpoint(role).takeOutput()
            if !bytes.isEmpty { put(.bytes(bytes), from: role) }
            guard end != written[role, default: .stayOpen] else { continue }
            if written[role] == nil, end != .abort { put(.end, from: role) }
            if end == .abort { put(.cut, from: role) }
            written[role] = end
            endings.append(Ending(by: role, end: end, at: now))
            if end != .halfClose { gone.insert(role) }
        }
    }

    private mutating func put(_ content: Content, from sender: Role) {
        guard !silent.contains(sender) else { return }
        underway.append(Packet(to: sender.peer, at: now + latency, content: content))
    }

    private mutating func deliver() {
        let arrived = underway.filter { $0.at <= now }
        underway.removeAll { $0.at <= now }
        for packet in arrived where !gone.contains(packet.to) {
            let endpoint = endpoint(packet.to)
            switch packet.content {
            case .bytes(let bytes):
                endpoint.receive(bytes, at: now)
                endpoint.connection.didDeliver()
            case .end: endpoint.connection.receiveEOF()
            case .cut: endpoint.connection.cut(because: .transportFailed("connection reset"))
            }
        }
    }
}
