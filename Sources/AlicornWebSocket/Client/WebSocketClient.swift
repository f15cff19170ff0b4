// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornProtocol
import AlicornTransport

/// A WebSocket client.
///
///     try await WebSocketClient.connect(to: "wss://example.com/feed") { connection in
///         try await connection.send("hello")
///         print(try await connection.receive())
///     }
public enum WebSocketClient {
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
                    return try await connection.inContext { try await body(connection) }
                }
                try await connection.close(.normalClosure)
                return result
            } catch {
                await connection.closeAfterFailure(isCancelled: Task.isCancelled)
                throw error
            }
        } onCancel: {
            Task { try await connection.close(.goingAway) }
        }
    }

    /// Opens a connection, which the caller has to close.
    ///
    /// - Throws: ``WebSocketError`` when no connection comes about, `CancellationError` when the task is cancelled.
    public static func open(
        _ address: String, configuration: Configuration = Configuration()
    ) async throws -> WebSocketConnection {
        var configuration = configuration
        let diagnosis = Diagnosis(toConnectTo: address, &configuration)
        var opening = try RedirectedOpening(address, configuration, diagnosis) {
            [limits = configuration.connection] transport, agreement, heads in
            let parts = ConnectionAssembly.makeConnection(
                role: .client, configuration: limits,
                transform: agreement.acceptedExtension?.transform, transport: transport, heads: heads,
                diagnosis: diagnosis)
            return (parts.driver, parts.connection)
        }
        return try await diagnosis.opening { try await opening.run() }
    }

    /// Opens a connection that `handler` serves, on the connection's event loop, until it is closed.
    ///
    /// - Parameter makeHandler: makes the handler once the server has accepted; gets its response.
    /// - Throws: ``WebSocketError`` when no connection comes about, `CancellationError` when the task is cancelled.
    @discardableResult
    public static func open(
        _ address: String, configuration: Configuration = Configuration(),
        handler makeHandler: @escaping @Sendable (ResponseHead) -> any WebSocketHandler
    ) async throws -> CallbackConnection {
        var configuration = configuration
        let diagnosis = Diagnosis(toConnectTo: address, &configuration)
        var opening = try RedirectedOpening(address, configuration, diagnosis) {
            [limits = configuration.connection] transport, agreement, heads in
            let handler = makeHandler(heads.response)
            let (driver, sink) = ConnectionAssembly.makeDriver(
                role: .client, configuration: limits,
                transform: agreement.acceptedExtension?.transform, transport: transport, diagnosis: diagnosis
            ) { driver in
                HandlerSink(
                    CallbackConnection(driver: driver, subprotocol: agreement.subprotocol), handler: handler)
            }
            handler.opened(sink.connection)
            return (driver, sink.connection)
        }
        return try await diagnosis.opening { try await opening.run() }
    }
}
