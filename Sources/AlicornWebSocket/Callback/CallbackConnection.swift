// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

import AlicornNIO
public import AlicornProtocol
import AlicornTransport
import NIOCore

/// A connection as a ``WebSocketHandler`` sees it: to be used on its event loop, from within the handler's methods.
///
/// Only ``post(_:compression:)`` and ``perform(_:)`` may be called from elsewhere. Nothing here waits. Whoever sends faster than the peer
/// reads looks at ``isWritable``; a connection with more than ``ConnectionConfiguration/maximumUnsentBytes`` unsent is
/// cut.
public final class CallbackConnection: @unchecked Sendable {
    // SAFETY: all but `post` and `perform` is to be called on the connection's loop, as the class's contract says; these hop there.
    let driver: WebSocketDriver
    /// The message that the handler has at the moment, if it was put together here.
    @exclusivity(unchecked) var current: ByteBuffer?
    /// Who waits for room; mostly nobody does.
    private(set) var waiters: ConnectionWaiters?
    @exclusivity(unchecked) private(set) var isPaused = false
    /// The subprotocol that both sides agreed on.
    public let subprotocol: String?

    init(driver: WebSocketDriver, subprotocol: String?) {
        self.driver = driver
        self.subprotocol = subprotocol
    }

    /// Our address, such as `192.0.2.1:80`, `[2001:db8::1]:80` or `unix:/run/a.sock`. Made each time it is asked for.
    public var localAddress: String { driver.transport.localEndpoint.description }
    /// The peer's address, in the same form.
    public var remoteAddress: String { driver.transport.remoteEndpoint.description }

    /// Whether little is unsent, and nothing waits for the end of a message in fragments.
    public var isWritable: Bool { driver.isWritable }
    /// What was sent and the kernel has not taken yet, in bytes.
    public var unsentBytes: Int { driver.unsentBytes }
    /// Whether neither side has begun to close.
    public var isOpen: Bool { driver.isOpen }
    /// How the connection is ending, or ended; `nil` while it is open.
    public var closure: Closure? { driver.closure }
    /// The round trip of the last ping that was answered, keepalive's or ours; `nil` before the first (CTL-04).
    public var latency: Duration? { driver.latency }

    // MARK: - Sending

    /// Sends a message; it goes out at the end of the loop's turn, together with others. Costs one copy.
    public func send(
        _ bytes: Span<UInt8>, as kind: MessageKind, compression: CompressionChoice = .automatic
    ) throws(ProtocolMisuse) {
        try driver.send(bytes, as: kind, compression: compression, owner: { owner(of: bytes) })
    }

    /// Sends a text message.
    public func send(_ text: String, compression: CompressionChoice = .automatic) throws(ProtocolMisuse) {
        let bytes = Array(text.utf8)
        try driver.send(bytes.span, as: .text, compression: compression)
    }

    /// Begins a message whose fragments follow. Whole messages that are sent meanwhile go out behind it.
    ///
    /// - Throws: ``AlicornProtocol/ProtocolMisuse/messageInProgress`` while another one is being sent.
    public func beginMessage(
        _ kind: MessageKind, compression: CompressionChoice = .automatic
    ) throws(ProtocolMisuse) {
        try driver.beginMessage(kind, compression: compression)
    }

    /// Sends the next fragment of the message that was begun.
    public func sendFragment(_ bytes: Span<UInt8>, endsMessage: Bool) throws(ProtocolMisuse) {
        try driver.sendFragment(bytes, endsMessage: endsMessage)
    }

    /// Sends a ping; ``WebSocketHandler/answered(_:after:on:)`` hears of its pong.
    ///
    /// - Parameter payload: at most 125 bytes; four random ones if `nil`.
    /// - Returns: which ping it is.
    @discardableResult
    public func ping(_ payload: [UInt8]? = nil) throws(ProtocolMisuse) -> PingID { try driver.ping(payload) }

    /// Sends a pong that answers no ping.
    ///
    /// - Parameter payload: at most 125 bytes.
    public func pong(_ payload: [UInt8] = []) throws(ProtocolMisuse) { try driver.pong(payload) }

    /// Sends a message from anywhere: to a connection that is gone it is dropped.
    public func post(_ message: WebSocketMessage, compression: CompressionChoice = .automatic) {
        perform { connection in
            let bytes = message.buffer.readableBytesUInt8Span
            try? connection.driver.send(bytes, as: message.kind, compression: compression)
        }
    }

    /// Does something with the connection from anywhere, on its event loop: at once when that is where the caller is.
    public func perform(_ body: @escaping @Sendable (CallbackConnection) -> Void) {
        if driver.isOnLoop { body(self) } else { Task(executorPreference: driver.loop) { body(self) } }
    }

    // MARK: - Receiving

    /// Stops reading, at the latest after the next message; the peer has to wait then.
    ///
    /// Pings are not answered meanwhile, as they are not read.
    public func pauseReceiving() { isPaused = true }

    /// Reads on.
    public func resumeReceiving() {
        isPaused = false
        driver.resumeReceiving()
    }

    // MARK: - Ending

    /// Begins the closing handshake.
    public func close(_ code: CloseCode = .normalClosure, reason: String = "") throws(ProtocolMisuse) {
        try driver.close(CloseFrame(code, reason: reason))
    }

    /// Cuts the connection.
    public func abort() { driver.abort() }

    /// Who has the bytes, if they are those of the message that the handler has at the moment: what of them the peer does
    /// not take at once need not be copied then.
    private func owner(of bytes: Span<UInt8>) -> SharedByteBuffer? {
        guard let current else { return nil }
        let isCurrent = bytes.withUnsafeBytes { bytes in
            // SAFETY: the addresses are only compared.
            current.withUnsafeReadableBytes { $0.baseAddress == bytes.baseAddress && $0.count == bytes.count }
        }
        return isCurrent ? SharedByteBuffer(current) : nil
    }

    /// There are no waiters any more: all are told of the end.
    func resumeWaitersAtClose() { waiters.take()?.resumeAllAtClose() }
}

extension CallbackConnection: MessageRecipient {
    func openWaiters() -> ConnectionWaiters {
        let waiters = waiters ?? ConnectionWaiters()
        self.waiters = waiters
        return waiters
    }
}
