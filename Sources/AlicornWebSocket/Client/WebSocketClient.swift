// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornDeflate
public import AlicornProtocol
import AlicornTransport
import NIOCore

/// A WebSocket client.
///
///     try await WebSocketClient.connect(to: "ws://example.com/feed") { connection in
///         try await connection.send("hello")
///         print(try await connection.receive())
///     }
public enum WebSocketClient {
    /// What a client asks for and how it limits the connection.
    public struct Configuration: Sendable {
        /// Limits and times of the connection.
        public var connection = ConnectionConfiguration()
        /// The subprotocols to offer, the preferred ones first.
        public var subprotocols: [String] = []
        /// The `Origin` header; only browsers need one.
        public var origin: String?
        /// More header fields. `Host`, `Authorization`, `Origin` and `User-Agent` replace what would be sent instead;
        /// those that belong to the handshake, such as `Upgrade`, are ``WebSocketError/Code/misuse``.
        public var additionalFields: [HeaderField] = []
        /// The `User-Agent` header; `nil` for none.
        public var userAgent: String? = ClientHandshake.Configuration.defaultUserAgent
        /// Compression to offer; `nil` for none (EXT-01).
        public var deflate: ClientPerMessageDeflate? = ClientPerMessageDeflate()
        /// Limits on the server's response.
        public var http = HTTPLimits()

        /// The defaults: no subprotocols, no origin, compression, and all limits on.
        public init() {}

        package var handshake: ClientHandshake.Configuration {
            ClientHandshake.Configuration(
                origin: origin, subprotocols: subprotocols, extensions: deflate.map { [$0] } ?? [],
                additionalFields: additionalFields, userAgent: userAgent)
        }
    }

    /// Opens a connection, runs `body` with it on its event loop, and closes it: with 1000 when `body` returns, with 1011
    /// when it throws. Cancelling the task closes it with 1001.
    ///
    /// - Throws: ``WebSocketError`` when no connection comes about, and what `body` throws.
    public static func connect<Result: Sendable>(
        to address: String, configuration: Configuration = Configuration(),
        _ body: (WebSocketConnection) async throws -> Result
    ) async throws -> Result {
        let connection = try await open(address, configuration: configuration)
        return try await withTaskCancellationHandler {
            do {
                let result = try await connection.withLoop {
                    connection.becomeOwned()
                    return try await body(connection)
                }
                try await connection.close(.normalClosure)
                return result
            } catch {
                try await connection.close(Task.isCancelled ? .goingAway : .internalError)
                throw error
            }
        } onCancel: {
            Task { try await connection.close(.goingAway) }
        }
    }

    /// Opens a connection, which the caller has to close.
    ///
    /// - Throws: ``WebSocketError`` when no connection comes about.
    public static func open(
        _ address: String, configuration: Configuration = Configuration()
    ) async throws -> WebSocketConnection {
        let uri: WebSocketURI
        do throws(InvalidURI) { uri = try WebSocketURI(address) } catch {
            throw WebSocketError(.invalidAddress, error.description, underlying: error)
        }
        guard !uri.isSecure else {
            throw WebSocketError(.invalidAddress, "\(uri) needs TLS, which this version does not have yet: use ws://")
        }
        var generator = SystemRandomNumberGenerator()
        let handshake: ClientHandshake
        do throws(HandshakeMisuse) {
            handshake = try ClientHandshake(to: uri, configuration: configuration.handshake, using: &generator)
        } catch {
            throw WebSocketError(.misuse, error.description, underlying: error)
        }
        return try await Opening(uri: uri, handshake: handshake, configuration: configuration).run()
    }
}
