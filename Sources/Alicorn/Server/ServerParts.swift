// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornASGI
import AlicornDeflate
import AlicornNIO
import AlicornProtocol
import AlicornTransport
import AlicornWebSocket

/// What a server is made of, from its settings: what cannot be made is known before the application starts.
struct ServerParts: Sendable {
    let connection: ConnectionConfiguration
    let requestLimit: Int?
    let settings: ServerSettings
    private let handshake: ServerHandshake?
    /// `nil` for plain connections.
    let tls: ServerTLS?
    let defaultFields: DefaultFields
    /// `nil` when nobody is to see them.
    let metrics: PrometheusMetrics?
    /// `nil` for a process that is no worker.
    let worker: WorkerPlace?
    /// What the server counts beside its WebSocket connections.
    let serverMetrics: ServerMetrics?

    init(_ settings: ServerSettings, worker: WorkerPlace? = nil) throws {
        self.settings = settings
        self.worker = worker
        connection = ConnectionConfiguration(settings)
        requestLimit = settings.limits.requests.map { $0 + Int.random(in: 0...settings.limits.requestsJitter) }
        handshake = try settings.makeHandshake()
        tls = try settings.tls.makeServerTLS()
        metrics = settings.metrics.path.map { _ in
            PrometheusMetrics(constantLabels: worker.map { [("worker", "\($0.number)")] } ?? [])
        }
        serverMetrics = metrics.flatMap { ServerMetrics(factory: $0) }
        var additional = HeaderFields()
        for field in settings.http.fields { try additional.append(name: field.name.lowercased(), value: field.value) }
        defaultFields = DefaultFields(
            server: settings.http.sendsServer ? "alicorn" : nil, hasDate: settings.http.sendsDate,
            additional: additional)
    }

    /// By what rules the server answers.
    func makeConfiguration(log: ConsoleLog) -> ASGIConfiguration {
        var configuration = ASGIConfiguration()
        configuration.rootPath = settings.http.rootPath
        configuration.defaultFields = defaultFields
        configuration.handshake = handshake
        configuration.allowedOrigins = settings.webSocket.allowedOrigins?.map { "\($0)" } ?? []
        configuration.limits.requestBody = settings.limits.body
        configuration.limits.head = settings.limits.head
        configuration.limits.startLine = settings.limits.head
        configuration.limits.fieldLine = settings.limits.head
        configuration.limits.fields = settings.limits.fields
        configuration.times = HTTPServerTimes(
            head: settings.timeouts.head ?? .seconds(Int64.max), body: settings.timeouts.body ?? .seconds(Int64.max),
            idle: settings.timeouts.keepAlive, linger: Self.linger)
        configuration.openTimeout = settings.webSocket.openTimeout
        configuration.concurrencyLimit = settings.limits.concurrency
        configuration.webSocketLimit = settings.limits.webSockets
        configuration.requestLimit = requestLimit
        configuration.forwarding = settings.proxies.forwarding
        configuration.proxyProtocol = settings.proxies.protocolHeader
        configuration.clients.connectionsPerClient = settings.limits.connectionsPerClient
        configuration.clients.handshakes = settings.limits.handshakes
        configuration.clients.handshakesPerClient = settings.limits.handshakesPerClient
        configuration.isSecure = tls != nil
        configuration.logsAccessAtEnd = log.accessNeedsEnd
        configuration.measuresTime = log.accessNeedsEnd || metrics != nil
        return configuration
    }

    /// How long what a client still sends is read and dropped before TCP is cut.
    private static let linger = Duration.seconds(5)

    /// What tells of WebSocket connections.
    func makeDiagnosis(log: ConsoleLog) -> Diagnosis {
        var observability = Observability()
        #if Metrics
        observability.metricsFactory = metrics
        #endif
        return Diagnosis(.server, logger: log.logger("uvicorn.error"), observability)
    }

    // MARK: - Listening

    private var engine: Listening.Engine {
        get throws {
            guard tls == nil else {
                guard settings.processes.engine != .native else {
                    throw InvalidSettings(["--engine native has no TLS: use nio, or auto"])
                }
                return .nio
            }
            #if os(Linux)
            return settings.processes.engine == .nio ? .nio : .native
            #else
            guard settings.processes.engine != .native else {
                throw InvalidSettings(["--engine native runs on Linux only: use nio, or auto"])
            }
            return .nio
            #endif
        }
    }

    /// Binds what the settings say.
    func openSockets() throws -> [ListeningSocket] { try openSockets(at: settings.listening.addresses) }

    /// Binds all addresses, or none.
    func openSockets(at addresses: [ServerSettings.Address]) throws -> [ListeningSocket] {
        var sockets: [ListeningSocket] = []
        for address in addresses {
            do throws(ListeningFailure) {
                sockets.append(
                    try ListeningSocket(
                        address.listenAddress(settings.listening), backlog: settings.listening.limitedBacklog)
                )
            } catch {
                for socket in sockets { socket.close() }
                throw CannotListen(address: address, failure: error)
            }
        }
        return sockets
    }

    func listening(on sockets: [ListeningSocket], log: ConsoleLog) throws -> Listening {
        Listening(
            sockets: sockets, engine: try engine, threads: settings.processes.threads,
            tls: tls.map { tls in
                TLSListening(tls) { failure, peer in log.write(.info, "TLS handshake with \(peer) failed: \(failure).")
                }
            },
            troubled: { failure in
                log.write(
                    .warning,
                    failure.isShortage
                        ? "No connections are accepted until others end (\(failure)): raise the limit on open files."
                        : "No connections are accepted: the listening socket fails (\(failure)).")
            })
    }
}

extension SocketEndpoint {
    /// How the address stands in the log (U-LG-08, U-LG-09).
    func address(isSecure: Bool) -> String {
        if case .unix(let path) = self { return "unix socket \(path ?? "")" }
        return "\(isSecure ? "https" : "http")://\(self)"
    }
}

extension ConsoleLog {
    /// Says where the server listens.
    func announce(_ endpoint: SocketEndpoint, isSecure: Bool) {
        write(.info, styled: "Uvicorn running on \(endpoint.address(isSecure: isSecure), .bold) (Press CTRL+C to quit)")
    }

    /// Says where metrics are shown on a port of their own.
    func announceMetrics(_ endpoint: SocketEndpoint, path: String) {
        write(.info, "Metrics at http://\(endpoint)\(path)")
    }
}

/// Why an address cannot be listened on.
struct CannotListen: Error, CustomStringConvertible {
    let address: ServerSettings.Address
    let failure: ListeningFailure

    var description: String { "The server cannot listen on \(address): \(failure)." }
}

extension ServerSettings.Address {
    /// The same for whoever binds it.
    func listenAddress(_ settings: ServerSettings.Listening) -> ListenAddress {
        switch self {
        case .tcp(let host, let port): .tcp(host: host, port: port)
        case .unix(let path): .unix(path: path, permissions: settings.socketPermissions)
        case .descriptor(let number): .descriptor(number)
        }
    }
}
