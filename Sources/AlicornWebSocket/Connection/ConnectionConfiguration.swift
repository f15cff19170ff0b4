// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.

public import AlicornProtocol

/// The limits and times that client and server connections share. All limits are on unless switched off.
public struct ConnectionConfiguration: Sendable {
    /// Limits on what is received, keepalive and closing.
    public var limits = ProtocolConfiguration()
    /// Received bytes that may wait for the application before reading stops; one message always may.
    public var receiveQueueLimit = 1 << 20
    /// Received messages that may wait for the application before reading stops (RCV-11).
    public var receiveQueueCountLimit = 16_384
    /// How long nothing may move towards a peer that reads nothing, before the connection is cut.
    public var writeTimeout: Duration = .seconds(30)
    /// Unsent bytes at which a connection that is sent to without waiting is cut.
    public var maximumUnsentBytes = 64 << 20
    /// How long the opening handshake may take altogether (HC-15, HS-16).
    public var openTimeout: Duration = .seconds(10)

    /// The defaults: all limits on, sized for messages of up to 1 MiB.
    public init() {}
}
