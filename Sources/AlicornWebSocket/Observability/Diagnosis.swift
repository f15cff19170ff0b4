// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport
import Logging
import Synchronization

/// What an endpoint, a running server or a client that connects, tells of its connections.
final class Diagnosis: EndpointObserver {
    let logger: Logger
    private let observers = Mutex<[ObjectIdentifier: WeakObserver]>([:])

    private struct WeakObserver: @unchecked Sendable {
        // SAFETY: the observer is used only on its loop, by the driver that it is made for.
        weak let observer: LoopObserver?
    }

    init(logger: Logger) { self.logger = logger }

    /// Who hears of the connections on a loop, for as long as there are any. On the loop.
    func observer(on loop: ConnectionLoop) -> LoopObserver {
        let key = ObjectIdentifier(loop)
        if let observer = observers.withLock({ $0[key] })?.observer { return observer }
        let observer = LoopObserver(endpoint: self, loop: loop)
        let entry = WeakObserver(observer: observer)
        observers.withLock { $0[key] = entry }
        return observer
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

    var takesCounts: Bool { false }
    func take(_ counts: ConnectionCounts) {}
    func didMeasure(latency: Duration) {}

    func didEnd(_ driver: WebSocketDriver, _ closure: Closure) {
        log(closure.logLevel, "connection ended", of: driver.transport, ["cause": "\(closure)"])
    }
}

extension Closure {
    /// What both sides wanted is no news (D11), and a failed application has been reported with its error.
    fileprivate var logLevel: Logger.Level { isNormal || cause == .applicationFailed ? .debug : .info }
}
