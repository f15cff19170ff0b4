// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornProtocol
import AlicornTransport
import NIOCore

extension WebSocketConnection {
    /// Sends one message to many connections, without waiting, from anywhere.
    ///
    /// Its frame is made once, and it crosses to each event loop once; where compression was negotiated each connection
    /// compresses it for itself. To a connection that is gone it is dropped, and one with more than
    /// ``ConnectionConfiguration/maximumUnsentBytes`` unsent is cut.
    public static func broadcast(_ message: WebSocketMessage, to connections: [WebSocketConnection]) {
        Broadcast(message).send(to: connections) { $0.driver }
    }

    /// The same for those of a set, or what else gives them.
    public static func broadcast(_ message: WebSocketMessage, to connections: some Sequence<WebSocketConnection>) {
        broadcast(message, to: Array(connections))
    }
}

extension CallbackConnection {
    /// Sends one message to many connections, without waiting, from anywhere; see
    /// ``WebSocketConnection/broadcast(_:to:)``.
    public static func broadcast(_ message: WebSocketMessage, to connections: [CallbackConnection]) {
        Broadcast(message).send(to: connections) { $0.driver }
    }

    /// The same for those of a set, or what else gives them.
    public static func broadcast(_ message: WebSocketMessage, to connections: some Sequence<CallbackConnection>) {
        broadcast(message, to: Array(connections))
    }
}

/// A message and its frame, as a server sends it.
private struct Broadcast: Sendable {
    let message: WebSocketMessage
    let frame: [UInt8]

    init(_ message: WebSocketMessage) {
        self.message = message
        var frame: [UInt8] = []
        FrameHeader(opcode: message.kind.opcode, payloadLength: message.buffer.readableBytes)
            .encode(into: &frame, before: message.buffer.readableBytesUInt8Span)
        self.frame = frame
    }

    /// The connections of one loop that is not the current one.
    private struct Elsewhere: @unchecked Sendable {
        // SAFETY: the drivers are touched only in tasks that run on their loop.
        let loop: ConnectionLoop
        var drivers: [WebSocketDriver]
    }

    @inline(__always)
    func send<Connection>(to connections: [Connection], _ driver: (Connection) -> WebSocketDriver) {
        var elsewhere: [Elsewhere] = []
        for connection in connections {
            let driver = driver(connection)
            if driver.isOnLoop {
                send(to: driver)
            } else if let index = elsewhere.firstIndex(where: { $0.loop === driver.loop }) {
                elsewhere[index].drivers.append(driver)
            } else {
                elsewhere.append(Elsewhere(loop: driver.loop, drivers: [driver]))
            }
        }
        for group in elsewhere {
            Task(executorPreference: group.loop) { for driver in group.drivers { send(to: driver) } }
        }
    }

    private func send(to driver: WebSocketDriver) {
        try? driver.send(frame: frame.span, of: message.buffer.readableBytesUInt8Span, as: message.kind)
    }
}
