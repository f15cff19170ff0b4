// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornWebSocket
import Logging
import NIOCore
import Synchronization

/// A server that listens on this machine while a test's closure runs: see ``withTestServer(_:_:)``.
public struct TestServer: Sendable {
    /// The port that the system picked.
    public let port: Int

    /// The address of the root, for a client on this machine.
    public var address: String { address(of: "/") }

    /// The address of a target, path and query, for a client on this machine.
    public func address(of target: String) -> String { "ws://127.0.0.1:\(port)\(target)" }

    /// What went wrong in a server while a test talked to it.
    public struct Failure: Error, CustomStringConvertible {
        /// What the server has logged as errors, such as a handler that threw, in order.
        public let messages: [String]
        /// What the test's closure has thrown, if it did: often what came of the server's failure.
        public let underlying: (any Error)?

        /// The messages, and the error beneath.
        public var description: String {
            let consequence = underlying.map { "; the test then failed with: \($0)" } ?? ""
            return "the server failed: \(messages.joined(separator: "; "))\(consequence)"
        }
    }
}

/// Serves on a free port of this machine while `body` runs, then stops gracefully.
///
///     try await withTestServer(makeServer()) { server in
///         try await WebSocketClient.connect(to: server.address) { connection in
///             try await connection.send("hello")
///             #expect(try await connection.receive() == "HELLO")
///         }
///     }
///
/// The server is the one that is deployed, but for its address. When this returns, all connections are gone and all
/// handlers have ended, within ``AlicornWebSocket/WebSocketServer/Configuration/stopTimeout``.
///
/// - Throws: ``TestServer/Failure`` when the server has logged an error, as it does when a handler or a responder throws;
///   otherwise what `body` throws, or what keeps the server from listening.
public func withTestServer<Result: Sendable>(
    _ server: WebSocketServer, _ body: (TestServer) async throws -> Result
) async throws -> Result {
    let errors = ErrorLines()
    var server = server
    server.addresses = [.tcp(host: "127.0.0.1", port: 0)]
    server.logger.handler = MultiplexLogHandler([server.logger.handler, errors])
    let (ports, note) = AsyncStream.makeStream(of: Int.self)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { [server] in
            defer { note.finish() }
            try await server.run { note.yield($0.port ?? 0) }
        }
        var iterator = ports.makeAsyncIterator()
        guard let port = await iterator.next() else {
            try await group.waitForAll()
            throw CancellationError()
        }
        let outcome: Swift.Result<Result, any Error>
        do { outcome = .success(try await body(TestServer(port: port))) } catch { outcome = .failure(error) }
        group.cancelAll()
        try await group.waitForAll()
        let messages = errors.messages
        guard messages.isEmpty else {
            let underlying: (any Error)? = if case .failure(let error) = outcome { error } else { nil }
            throw TestServer.Failure(messages: messages, underlying: underlying)
        }
        return try outcome.get()
    }
}

/// Serves a handler on a free port of this machine while `body` runs, then stops gracefully: ``withTestServer(_:_:)``
/// with a server of the default configuration.
public func withTestServer<Result: Sendable>(
    handler: @escaping WebSocketServer.Handler, _ body: (TestServer) async throws -> Result
) async throws -> Result {
    let logger = Logger(label: "alicorn.test-server") { _ in SwiftLogNoOpLogHandler() }
    return try await withTestServer(
        WebSocketServer(host: "127.0.0.1", port: 0, logger: logger, handler: handler), body)
}

/// Keeps what is logged as an error.
private final class ErrorLines: LogHandler {
    private let recorded = Mutex<[String]>([])

    var messages: [String] { recorded.withLock { $0 } }
    var logLevel: Logger.Level {
        get { .error }
        set {}
    }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        guard event.level >= .error else { return }
        let details = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        recorded.withLock {
            $0.append(details.isEmpty ? "\(event.message)" : "\(event.message) (\(details.joined(separator: ", ")))")
        }
    }
}
