// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

package import AlicornProtocol
import AlicornTransport

extension WebSocketClient {
    /// Sends bytes to where an address says, in place of an opening handshake, and takes what comes: to learn who is there.
    ///
    /// - Parameters:
    ///   - limit: how many bytes are taken.
    ///   - patience: how long getting there may take, and then waiting for the other side's end.
    /// - Returns: what came until the end, the limit, or the end of the patience.
    /// - Throws: ``WebSocketError`` when no connection comes about, `CancellationError` when the task is cancelled.
    package static func exchange(
        _ bytes: [UInt8], with uri: WebSocketURI, configuration: Configuration, limit: Int, patience: Duration
    ) async throws -> [UInt8] {
        // Twice: the driver's own time begins when there is a connection.
        try await RouteAttempt(uri: uri, configuration: configuration, deadline: .after(patience * 2)) {
            transport, outcome in
            PlainExchangeDriver(transport, sending: bytes, limit: limit, until: .after(patience)) {
                outcome.finish(.success($0))
            }
        }.run()
    }
}

/// Writes once, and keeps what comes. Confined to the connection's loop.
private final class PlainExchangeDriver: ConnectionDriver, AlarmedConnection {
    var alarmIndex: Int?
    private let transport: any ConnectionTransport
    private let limit: Int
    private var received: [UInt8] = []
    private var finish: (([UInt8]) -> Void)?

    init(
        _ transport: any ConnectionTransport, sending bytes: [UInt8], limit: Int, until deadline: Timestamp,
        finish: @escaping ([UInt8]) -> Void
    ) {
        self.transport = transport
        self.limit = limit
        self.finish = finish
        transport.loop.setAlarm(of: self, at: deadline)
        transport.write(bytes.span)
    }

    func receive(_ input: inout MutableSpan<UInt8>) {
        let piece = input.span.extracting(first: limit - received.count)
        received.append(copying: piece)
        if received.count >= limit { end() }
    }

    func receiveEOF() { end() }
    func transportClosed(reason: String?) { end() }
    func writabilityChanged() {}
    func ring(at now: Timestamp) { end() }

    private func end() {
        guard let finish else { return }
        self.finish = nil
        transport.loop.setAlarm(of: self, at: nil)
        transport.abort()
        finish(received)
    }
}
