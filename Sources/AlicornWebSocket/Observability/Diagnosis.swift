// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol
package import AlicornTransport
package import Logging
import Synchronization

/// What an endpoint, a running server or a client that connects, tells of its connections.
package final class Diagnosis: EndpointObserver {
    let logger: Logger
    /// `nil` when nobody takes numbers.
    let metrics: (any ConnectionMetrics)?
    /// `nil` when nobody takes spans.
    let spans: (any ConnectionSpans)?
    /// Those of the loops that have connections: each holds this in turn, until it has none.
    private let observers = Mutex<[ObjectIdentifier: Entry]>([:])

    private struct Entry: @unchecked Sendable {
        // SAFETY: the observer is used only on its loop, by the drivers that it is made for.
        let observer: LoopObserver
    }

    /// For a server that runs, or a client that connects.
    package init(_ role: Role, logger: Logger, _ observability: Observability) {
        self.logger = logger
        metrics = observability.makeMetrics(role)
        spans = observability.makeSpans(role)
    }

    /// For one connection of a client, whose request will carry the context of its span.
    convenience init(toConnectTo address: String, _ configuration: inout WebSocketClient.Configuration) {
        self.init(.client, logger: configuration.logger, configuration.observability)
        // What is no address is found to be none by whoever connects.
        if let spans, let uri = try? WebSocketURI(address) { spans.begin(to: uri, &configuration.additionalFields) }
    }

    /// Only for a log.
    init(logger: Logger) {
        self.logger = logger
        metrics = nil
        spans = nil
    }

    /// Who hears of a connection that is about to be opened, with the others on its loop. On the loop.
    package func observer(on loop: ConnectionLoop) -> LoopObserver {
        let key = ObjectIdentifier(loop)
        if let entry = observers.withLock({ $0[key] }) { return entry.observer }
        let entry = Entry(observer: LoopObserver(endpoint: self, loop: loop))
        observers.withLock { $0[key] = entry }
        return entry.observer
    }

    package func isIdle(_ observer: LoopObserver) {
        observers.withLock { $0[ObjectIdentifier(observer.loop)] = nil }
    }

    // MARK: - Connections

    /// Makes a connection's driver, and before it what writes down all that passes, while the log is at `debug`: all others
    /// cost nothing for it.
    package func observed(
        _ transport: any ConnectionTransport, as role: Role, limits: ProtocolConfiguration,
        _ make: (any ConnectionTransport) -> any ConnectionDriver
    ) -> any ConnectionDriver {
        guard logger.logLevel <= .debug else { return make(transport) }
        let logger = self.logger(of: transport)
        return WireLog.makeDriver(
            on: transport, as: role, limits: limits, writingTo: { logger.debug("\($0)") }, make)
    }

    // MARK: - Handshakes

    /// A server has accepted a request. On the connection's loop.
    package func didAccept(_ request: RequestHead, on transport: any ConnectionTransport) {
        metrics?.didFinishHandshake(.accepted)
        spans?.begin(request, on: transport)
    }

    /// Runs what serves a connection in the context of its span.
    package func inContext(of transport: any ConnectionTransport, _ body: () -> Void) {
        if let spans { spans.run(on: transport, body) } else { body() }
    }

    /// Runs what opens a client's connection.
    func opening<Opened>(_ open: () async throws -> Opened) async throws -> Opened {
        do {
            let opened = try await open()
            metrics?.didFinishHandshake(.accepted)
            return opened
        } catch {
            metrics?.didFinishHandshake((error as? WebSocketError).map { .failed("\($0.code)") } ?? .cancelled)
            spans?.fail(error)
            throw error
        }
    }

    // MARK: - Lines of the log

    /// The logger with what tells the connection from others. Costs a copy of its metadata.
    func logger(of transport: any ConnectionTransport) -> Logger {
        var logger = logger
        for (key, value) in Self.metadata(of: transport) { logger[metadataKey: key] = value }
        return logger
    }

    /// Writes a line about a connection. Costs next to nothing below the level.
    func log(
        _ level: Logger.Level, _ message: Logger.Message, of transport: any ConnectionTransport,
        _ metadata: @autoclosure () -> Logger.Metadata
    ) {
        logger.log(
            level: level, message, metadata: Self.metadata(of: transport).merging(metadata()) { $1 })
    }

    private static func metadata(of transport: any ConnectionTransport) -> Logger.Metadata {
        [
            "connection": "\(ConnectionID(rawValue: transport.serial))",
            "peer": "\(transport.remoteEndpoint)",
        ]
    }

    // MARK: - From the loops

    package var takesCounts: Bool { metrics != nil }
    package func take(_ counts: ConnectionCounts) { metrics?.take(counts) }
    package func didMeasure(latency: Duration) { metrics?.didMeasure(latency: latency) }

    package func didEnd(_ transport: any ConnectionTransport, _ closure: Closure) {
        log(closure.isExpected ? .debug : .info, "connection ended", of: transport, ["cause": "\(closure)"])
        metrics?.didEnd(closure)
        spans?.end(closure, on: transport)
    }
}
